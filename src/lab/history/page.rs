//! A page of the list of jobs. The sums are kept by the books, so only the rows have to be found.

use super::super::ids::JobId;
use super::super::ledger::{Fate, Jobs, PER_SHEET, Record};
use super::super::sight::{Filter, Page, PageQuery, PageRow, Sort, Whereabouts};
use std::ops::Range;

pub(super) fn page(jobs: &Jobs, query: &PageQuery) -> Page {
    let counts = counts(jobs);
    let total = counts[query.filter.slot()];
    let found = query.find.and_then(|job| position(jobs, query, job));
    let first = found
        .unwrap_or(query.first)
        .min(total.saturating_sub(query.rows.into()));
    Page {
        counts,
        first,
        rows: rows(jobs, query, first as usize, total as usize),
    }
}

pub(super) fn row(job: JobId, record: &Record) -> PageRow {
    PageRow {
        job,
        place: whereabouts(record.fate),
        since: record.since(),
        queue: record.queue,
        delivery: record.delivery,
        confirmed: (!record.is_unasked()).then_some(record.is_confirmed()),
        unacked: record.is_owed(),
        redelivered: record.is_redelivered(),
        finishes: record.finishes,
    }
}

const fn whereabouts(fate: Fate) -> Whereabouts {
    match fate {
        Fate::Waiting => Whereabouts::Ready,
        Fate::Tray(worker) => Whereabouts::Tray(worker),
        Fate::Hand(worker) => Whereabouts::Hand(worker),
        Fate::Done => Whereabouts::Done,
        Fate::Lost(why) => Whereabouts::Lost(why),
        Fate::Returned => Whereabouts::Returned,
        Fate::Dead => Whereabouts::DeadLettered,
    }
}

/// A filter taken apart, since a page may have to put it to a million jobs.
#[derive(Clone, Copy, Debug)]
struct Sieve {
    /// A bit for each kind of fate that passes.
    fates: u8,
    owed: bool,
    redelivered: bool,
    finishes: u8,
}

impl Sieve {
    const fn new(filter: Filter) -> Self {
        let any = Self {
            fates: u8::MAX,
            owed: false,
            redelivered: false,
            finishes: 0,
        };
        match filter {
            Filter::All => any,
            Filter::Ready => Self { fates: 1, ..any },
            Filter::Tray => Self { fates: 1 << 1, ..any },
            Filter::Hand => Self { fates: 1 << 2, ..any },
            Filter::Done => Self { fates: 1 << 3, ..any },
            Filter::Lost => Self { fates: 1 << 4, ..any },
            Filter::DeadLettered => Self {
                fates: 1 << 5 | 1 << 6,
                ..any
            },
            Filter::Unacked => Self { owed: true, ..any },
            Filter::Redelivered => Self {
                redelivered: true,
                ..any
            },
            Filter::Twice => Self { finishes: 2, ..any },
        }
    }

    const fn passes(self, record: &Record) -> bool {
        self.fates >> kind(record.fate) & 1 == 1
            && (!self.owed || record.is_owed())
            && (!self.redelivered || record.is_redelivered())
            && record.finishes >= self.finishes
    }
}

const fn kind(fate: Fate) -> u8 {
    match fate {
        Fate::Waiting => 0,
        Fate::Tray(_) => 1,
        Fate::Hand(_) => 2,
        Fate::Done => 3,
        Fate::Lost(_) => 4,
        Fate::Returned => 5,
        Fate::Dead => 6,
    }
}

/// How many jobs pass each filter.
fn counts(jobs: &Jobs) -> [u32; 10] {
    let counts = jobs.counts();
    Filter::ALL.map(|filter| match filter {
        Filter::All => jobs.len(),
        Filter::Ready => counts.waiting.iter().sum(),
        Filter::Tray => counts.tray,
        Filter::Hand => counts.hand,
        Filter::Unacked => counts.unacked.iter().sum(),
        Filter::Done => counts.done,
        Filter::Twice => counts.twice,
        Filter::Redelivered => counts.redelivered,
        Filter::Lost => counts.lost,
        Filter::DeadLettered => counts.dead + counts.returned,
    })
}

/// The place of a job in the whole list; `None`: it is not in it.
fn position(jobs: &Jobs, query: &PageQuery, job: JobId) -> Option<u32> {
    let sieve = Sieve::new(query.filter);
    let record = jobs.get(job).filter(|record| sieve.passes(record))?;
    let i = job.0 as usize - 1;
    let len = jobs.records().len();
    let ahead = match query.sort {
        Sort::Oldest => among(jobs, 0..i, |r| sieve.passes(r)),
        Sort::Newest => among(jobs, i + 1..len, |r| sieve.passes(r)),
        Sort::Longest => {
            let since = record.since_ms();
            among(jobs, 0..i, |r| sieve.passes(r) && r.since_ms() <= since)
                + among(jobs, i + 1..len, |r| sieve.passes(r) && r.since_ms() < since)
        }
    };
    u32::try_from(ahead).ok()
}

fn among(jobs: &Jobs, range: Range<usize>, counts: impl Fn(&Record) -> bool) -> usize {
    let slices = jobs.records().slices(range);
    slices.map(|slice| count(slice, &counts)).sum()
}

fn count(slice: &[Record], counts: impl Fn(&Record) -> bool) -> usize {
    slice.iter().map(|record| usize::from(counts(record))).sum()
}

fn rows(jobs: &Jobs, query: &PageQuery, first: usize, total: usize) -> Vec<PageRow> {
    let wanted = usize::from(query.rows).min(total.saturating_sub(first));
    if wanted == 0 {
        return Vec::new();
    }
    let sheets = jobs.records().slices(0..jobs.records().len()).enumerate();
    let places = match query.sort {
        Sort::Oldest => in_order(sheets, query, first, wanted),
        Sort::Newest => in_order(sheets.rev(), query, first, wanted),
        Sort::Longest => longest(jobs, query.filter, first..first + wanted, total),
    };
    let numbers = places.into_iter().filter_map(|i| u32::try_from(i + 1).ok().map(JobId));
    numbers.filter_map(|job| Some(row(job, jobs.get(job)?))).collect()
}

/// The places in the books of the rows from `first` on; sheets without one of them are only counted.
fn in_order<'a>(
    sheets: impl Iterator<Item = (usize, &'a [Record])>,
    query: &PageQuery,
    first: usize,
    wanted: usize,
) -> Vec<usize> {
    let sieve = Sieve::new(query.filter);
    let mut skip = first;
    let mut places = Vec::with_capacity(wanted);
    for (number, sheet) in sheets {
        let there = match query.filter {
            Filter::All => sheet.len(),
            _ => count(sheet, |record| sieve.passes(record)),
        };
        if skip >= there {
            skip -= there;
            continue;
        }
        let numbered = sheet.iter().enumerate().filter(|(_, record)| sieve.passes(record));
        let here = numbered.map(|(i, _)| number * PER_SHEET + i);
        let more = wanted - places.len();
        match query.sort {
            Sort::Newest => places.extend(here.rev().skip(skip).take(more)),
            _ => places.extend(here.skip(skip).take(more)),
        }
        if places.len() == wanted {
            break;
        }
        skip = 0;
    }
    places
}

/// The same in the order of time and number. Only as much is sorted as is shown: whatever comes after the page is let
/// go of as soon as there is enough before it. A page in the second half is looked for from the end.
fn longest(jobs: &Jobs, filter: Filter, range: Range<usize>, total: usize) -> Vec<usize> {
    let (first, end, turn) = if range.start > total / 2 {
        (total - range.end, total - range.start, u64::MAX)
    } else {
        (range.start, range.end, 0)
    };
    let mut keys = smallest(jobs, filter, end, turn);
    keys.select_nth_unstable(first);
    let shown = &mut keys[first..];
    for key in shown.iter_mut() {
        *key ^= turn;
    }
    shown.sort_unstable();
    let places = shown.iter().map(|key| key & u64::from(u32::MAX));
    places.filter_map(|place| usize::try_from(place).ok()).collect()
}

/// The smallest keys of those that pass, in no order: since when, and the place in the books.
fn smallest(jobs: &Jobs, filter: Filter, wanted: usize, turn: u64) -> Vec<u64> {
    let room = wanted.saturating_mul(2).max(4096).min(jobs.records().len());
    let mut keys: Vec<u64> = Vec::with_capacity(room + PER_SHEET);
    let sieve = Sieve::new(filter);
    let mut bound = u64::MAX;
    let mut start = 0;
    for sheet in jobs.records().slices(0..jobs.records().len()) {
        let numbered = (start..).zip(sheet).filter(|(_, record)| sieve.passes(record));
        let key = numbered.map(|(i, record)| (u64::from(record.since_ms()) << 32 | i) ^ turn);
        keys.extend(key.filter(|key| *key <= bound));
        start += sheet.len() as u64;
        if keys.len() >= room && wanted < keys.len() {
            bound = *keys.select_nth_unstable(wanted).1;
            keys.truncate(wanted);
        }
    }
    if wanted < keys.len() {
        keys.select_nth_unstable(wanted);
        keys.truncate(wanted);
    }
    keys
}
