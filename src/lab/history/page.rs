//! A page of the list of jobs. The sums are kept by the books, so only the rows have to be found.

use super::super::ids::JobId;
use super::super::ledger::{Fate, Jobs, PER_SHEET, Record};
use super::super::sight::{Filter, Page, PageQuery, PageRow, Sort, Whereabouts};

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
        rows: rows(jobs, query, first as usize),
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

const fn passes(filter: Filter, record: &Record) -> bool {
    match filter {
        Filter::All => true,
        Filter::Ready => matches!(record.fate, Fate::Waiting),
        Filter::Tray => matches!(record.fate, Fate::Tray(_)),
        Filter::Hand => matches!(record.fate, Fate::Hand(_)),
        Filter::Unacked => record.is_owed(),
        Filter::Done => matches!(record.fate, Fate::Done),
        Filter::Twice => record.finishes > 1,
        Filter::Redelivered => record.is_redelivered(),
        Filter::Lost => matches!(record.fate, Fate::Lost(_)),
        Filter::DeadLettered => matches!(record.fate, Fate::Dead | Fate::Returned),
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
    let record = jobs.get(job).filter(|record| passes(query.filter, record))?;
    let i = job.0 as usize - 1;
    let len = jobs.records().len();
    let among = |from, to, before: &dyn Fn(&Record) -> bool| {
        let slices = jobs.records().slices(from..to);
        let passing = |r: &&Record| passes(query.filter, r) && before(r);
        slices.map(|slice| slice.iter().filter(passing).count()).sum::<usize>()
    };
    let ahead = match query.sort {
        Sort::Oldest => among(0, i, &|_| true),
        Sort::Newest => among(i + 1, len, &|_| true),
        Sort::Longest => {
            let since = record.since_ms();
            among(0, i, &|r| r.since_ms() <= since) + among(i + 1, len, &|r| r.since_ms() < since)
        }
    };
    u32::try_from(ahead).ok()
}

fn rows(jobs: &Jobs, query: &PageQuery, first: usize) -> Vec<PageRow> {
    let count = usize::from(query.rows);
    let sheets = jobs.records().slices(0..jobs.records().len()).enumerate();
    let places = match query.sort {
        Sort::Oldest => in_order(sheets, query, first),
        Sort::Newest => in_order(sheets.rev(), query, first),
        Sort::Longest => longest(jobs, query.filter, first, count),
    };
    let numbers = places.into_iter().filter_map(|i| u32::try_from(i + 1).ok().map(JobId));
    numbers.filter_map(|job| Some(row(job, jobs.get(job)?))).collect()
}

/// The places in the books of the rows from `first` on; sheets without one of them are only counted.
fn in_order<'a>(sheets: impl Iterator<Item = (usize, &'a [Record])>, query: &PageQuery, first: usize) -> Vec<usize> {
    let count = usize::from(query.rows);
    let passing = |r: &&Record| passes(query.filter, r);
    let mut skip = first;
    let mut places = Vec::with_capacity(count);
    for (number, sheet) in sheets {
        let there = match query.filter {
            Filter::All => sheet.len(),
            _ => sheet.iter().filter(passing).count(),
        };
        if skip >= there {
            skip -= there;
            continue;
        }
        let numbered = sheet.iter().enumerate().filter(|(_, record)| passing(record));
        let here = numbered.map(|(i, _)| number * PER_SHEET + i);
        let wanted = count - places.len();
        match query.sort {
            Sort::Newest => places.extend(here.rev().skip(skip).take(wanted)),
            _ => places.extend(here.skip(skip).take(wanted)),
        }
        if places.len() == count {
            break;
        }
        skip = 0;
    }
    places
}

/// The same in the order of time and number. Only as much is sorted as is shown.
fn longest(jobs: &Jobs, filter: Filter, first: usize, count: usize) -> Vec<usize> {
    let total = counts(jobs)[filter.slot()] as usize;
    let mut keys: Vec<u64> = Vec::with_capacity(total);
    let mut start = 0;
    for sheet in jobs.records().slices(0..jobs.records().len()) {
        let numbered = (start..).zip(sheet).filter(|(_, record)| passes(filter, record));
        keys.extend(numbered.map(|(i, record)| u64::from(record.since_ms()) << 32 | i));
        start += sheet.len() as u64;
    }
    let end = first.saturating_add(count);
    if end < keys.len() {
        keys.select_nth_unstable(end);
        keys.truncate(end);
    }
    if first >= keys.len() {
        return Vec::new();
    }
    keys.select_nth_unstable(first);
    let shown = &mut keys[first..];
    shown.sort_unstable();
    shown
        .iter()
        .filter_map(|key| usize::try_from(key & u64::from(u32::MAX)).ok())
        .collect()
}
