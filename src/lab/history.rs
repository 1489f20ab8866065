//! The run as its events: any earlier moment can be looked at again, and every job's journey told.

mod bytes;
mod events;
mod format;
mod words;

pub use format::{Playback, Recorder, RecordingError};

use super::event::{Event, Happening};
use super::ids::{Elapsed, JobId};
use super::ledger::{Fate, Ledger, Record};
use super::settings::Settings;
use super::sight::{
    Extent, Filter, Gaze, Journey, Page, PageQuery, PageRow, Point, Sight, Sort, Step, StepKind, When, Whereabouts,
};
use super::snapshot::BrokerRow;
use std::sync::Arc;

/// All events of a run, as far back as there is room for.
#[derive(Debug)]
pub struct History {
    start: (Settings, BrokerRow),
    events: Vec<Event>,
    head: Ledger,
}

impl History {
    /// Of a run that begins with these settings on that broker. `limit`: bytes that the kept events may take.
    pub fn new(settings: Settings, broker: BrokerRow, _limit: u64) -> Self {
        Self {
            head: Ledger::new(settings.clone(), broker.clone()),
            start: (settings, broker),
            events: Vec::new(),
        }
    }

    /// One more event; events come in the order of their times.
    pub fn push(&mut self, event: &Event) {
        self.head.apply(event);
        self.events.push(event.clone());
    }

    /// How far back one can look.
    pub fn extent(&self) -> Extent {
        Extent {
            first: Point::default(),
            last: self.point(self.events.len()),
            bytes: 0,
        }
    }

    /// What is seen there. `now`: the present, in real time.
    pub fn look(&mut self, gaze: &Gaze, now: Elapsed) -> Sight {
        let (count, at) = match gaze.when {
            When::Now => (self.events.len(), now),
            When::At(at) => (self.events.partition_point(|e| e.at <= at), at),
            When::After(count) => {
                let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.events.len());
                (count, self.point(count).at)
            }
        };
        let past = (gaze.when != When::Now).then(|| self.ledger_after(count));
        let ledger = past.as_ref().unwrap_or(&self.head);
        Sight {
            gaze: gaze.clone(),
            extent: self.extent(),
            point: Point {
                events: count as u64,
                at,
                lab: ledger.clock().now(at),
            },
            event: count.checked_sub(1).map(|last| self.events[last].clone()),
            page: gaze.page.map(|query| page(ledger, &query)),
            journey: gaze.journey.map(|job| self.journey(ledger, job, count)),
            past: past.as_ref().map(|ledger| Arc::new(ledger.snapshot(at))),
        }
    }

    fn point(&self, count: usize) -> Point {
        let last = count.checked_sub(1).map(|i| &self.events[i]);
        last.map_or(Point::default(), |event| Point {
            events: count as u64,
            at: event.at,
            lab: event.lab,
        })
    }

    fn ledger_after(&self, count: usize) -> Ledger {
        let (settings, broker) = self.start.clone();
        let mut ledger = Ledger::new(settings, broker);
        self.events[..count].iter().for_each(|event| ledger.apply(event));
        ledger
    }

    fn journey(&self, ledger: &Ledger, job: JobId, count: usize) -> Journey {
        let told = self.events[..count].iter().zip(1..);
        Journey {
            job,
            row: ledger.jobs().get(job).map(|record| row(job, record)),
            steps: told
                .filter_map(|(event, events)| {
                    Some(Step {
                        lab: event.lab,
                        at: event.at,
                        events,
                        what: step(&event.what, job)?,
                    })
                })
                .collect(),
            cut_off: false,
        }
    }
}

fn page(ledger: &Ledger, query: &PageQuery) -> Page {
    let mut rows: Vec<PageRow> = ledger.jobs().iter().map(|(job, record)| row(job, record)).collect();
    let mut counts = [0; 10];
    for filter in Filter::ALL {
        counts[filter.slot()] = u32::try_from(rows.iter().filter(|r| passes(filter, r)).count()).unwrap_or(u32::MAX);
    }
    rows.retain(|row| passes(query.filter, row));
    if query.sort == Sort::Newest {
        rows.reverse();
    }
    let found = query.find.and_then(|job| rows.iter().position(|row| row.job == job));
    let first = found
        .unwrap_or(query.first as usize)
        .min(rows.len().saturating_sub(usize::from(query.rows)));
    Page {
        counts,
        first: u32::try_from(first).unwrap_or(u32::MAX),
        rows: rows.into_iter().skip(first).take(usize::from(query.rows)).collect(),
    }
}

fn passes(filter: Filter, row: &PageRow) -> bool {
    match filter {
        Filter::All => true,
        Filter::Ready => row.place == Whereabouts::Ready,
        Filter::Tray => matches!(row.place, Whereabouts::Tray(_)),
        Filter::Hand => matches!(row.place, Whereabouts::Hand(_)),
        Filter::Unacked => row.unacked,
        Filter::Done => row.place == Whereabouts::Done,
        Filter::Twice => row.finishes > 1,
        Filter::Redelivered => row.redelivered,
        Filter::Lost => matches!(row.place, Whereabouts::Lost(_)),
        Filter::DeadLettered => matches!(row.place, Whereabouts::DeadLettered | Whereabouts::Returned),
    }
}

fn row(job: JobId, record: &Record) -> PageRow {
    PageRow {
        job,
        place: match record.fate {
            Fate::Waiting => Whereabouts::Ready,
            Fate::Tray(worker) => Whereabouts::Tray(worker),
            Fate::Hand(worker) => Whereabouts::Hand(worker),
            Fate::Done => Whereabouts::Done,
            Fate::Lost(why) => Whereabouts::Lost(why),
            Fate::Returned => Whereabouts::Returned,
            Fate::Dead => Whereabouts::DeadLettered,
        },
        since: super::ids::LabTime(0),
        queue: record.queue,
        delivery: record.delivery,
        confirmed: None,
        unacked: false,
        redelivered: false,
        finishes: 0,
    }
}

/// What an event means for that job, if anything.
fn step(what: &Happening, job: JobId) -> Option<StepKind> {
    let of = |jobs: &[JobId]| jobs.binary_search(&job).is_ok();
    Some(match what {
        Happening::Published(p) if p.job == job => StepKind::Published(p.queue, p.delivery, p.confirms),
        Happening::Confirmed(j) if *j == job => StepKind::Confirmed,
        Happening::Nacked(j) if *j == job => StepKind::Nacked,
        Happening::Returned(j) if *j == job => StepKind::Returned,
        Happening::Dispatched { job: j, to, .. } if *j == job => StepKind::Dispatched(*to, Arc::from([])),
        Happening::Delivered(worker, d) if d.job == job => StepKind::Delivered(*worker, d.redelivered),
        Happening::Begun(worker, j) if *j == job => StepKind::Begun(*worker),
        Happening::Finished(worker, j) if *j == job => StepKind::Finished(*worker, 1),
        Happening::Acked(worker, j) if *j == job => StepKind::Acked(*worker),
        Happening::Forgot(worker, j) if *j == job => StepKind::Forgot(*worker),
        Happening::Rejected(worker, j, requeue) if *j == job => StepKind::Rejected(*worker, *requeue),
        Happening::DeadLettered(worker, j) if *j == job => StepKind::DeadLettered(*worker),
        Happening::WentBack { jobs, from, why } if of(jobs) => StepKind::WentBack(*from, *why, None),
        Happening::Lost { jobs, from, why } if of(jobs) => StepKind::Lost(*from, *why),
        Happening::StillThere(jobs) if of(jobs) => StepKind::StillThere,
        _ => return None,
    })
}
