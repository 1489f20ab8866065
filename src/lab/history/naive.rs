//! The same in the plainest way: every event in a list, and everything worked out from its beginning.

use super::super::event::{Event, Happening};
use super::super::ids::{Elapsed, JobId};
use super::super::ledger::{Fate, Ledger};
use super::super::settings::Settings;
use super::super::sight::{
    Extent, Filter, Gaze, Journey, Page, PageQuery, PageRow, Point, Sight, Sort, Step, StepKind, When, Whereabouts,
};
use super::super::snapshot::BrokerRow;
use super::journey;
use super::page::row;
use std::sync::Arc;

/// All events of a run.
#[derive(Debug)]
pub(super) struct Naive {
    start: (Settings, BrokerRow),
    events: Vec<Event>,
    head: Ledger,
}

impl Naive {
    pub(super) fn new(settings: Settings, broker: BrokerRow) -> Self {
        Self {
            head: Ledger::new(settings.clone(), broker.clone()),
            start: (settings, broker),
            events: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, event: &Event) {
        self.head.apply(event);
        self.events.push(event.clone());
    }

    pub(super) fn extent(&self) -> Extent {
        Extent {
            first: Point::default(),
            last: self.point(self.events.len()),
            bytes: 0,
        }
    }

    pub(super) fn look(&mut self, gaze: &Gaze, now: Elapsed) -> Sight {
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
        let mut steps = Vec::new();
        let mut finishes = 0;
        for (i, event) in self.events[..count].iter().enumerate() {
            if matches!(event.what, Happening::Reset(_)) {
                steps.clear();
                finishes = 0;
            }
            let Some(mut what) = journey::step(&event.what, job, || None) else {
                continue;
            };
            match &mut what {
                StepKind::Finished(_, nth) => {
                    finishes += 1;
                    *nth = finishes;
                }
                StepKind::WentBack(_, _, place) => *place = place_of(&self.ledger_after(i + 1), job),
                _ => {}
            }
            steps.push(Step {
                lab: event.lab,
                at: event.at,
                events: i as u64 + 1,
                what,
            });
        }
        Journey {
            job,
            row: ledger.jobs().get(job).map(|record| row(job, record)),
            steps,
            cut_off: false,
        }
    }
}

/// The jobs ahead of it in its queue, and itself.
fn place_of(ledger: &Ledger, job: JobId) -> Option<u32> {
    let queue = ledger.jobs().get(job)?.queue;
    let ahead = ledger.jobs().iter().take_while(|(other, _)| *other < job);
    let waiting = ahead.filter(|(_, record)| record.fate == Fate::Waiting && record.queue == queue);
    u32::try_from(waiting.count() + 1).ok()
}

fn page(ledger: &Ledger, query: &PageQuery) -> Page {
    let mut rows: Vec<PageRow> = ledger.jobs().iter().map(|(job, record)| row(job, record)).collect();
    let passing = |filter| rows.iter().filter(|row| passes(filter, row)).count();
    let counts = Filter::ALL.map(|filter| u32::try_from(passing(filter)).unwrap_or(u32::MAX));
    rows.retain(|row| passes(query.filter, row));
    match query.sort {
        Sort::Newest => rows.reverse(),
        Sort::Oldest => {}
        Sort::Longest => rows.sort_by_key(|row| (row.since, row.job)),
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
