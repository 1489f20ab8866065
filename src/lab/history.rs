//! The run as its events: any earlier moment can be looked at again, and every job's journey told.
//!
//! Each event is kept as a few bytes on a [`Tape`], in blocks that can be read alone. From time to time the books are
//! kept too ([`Moments`]); the books of any moment are the kept ones before it and the events from there on, folded
//! again. What is told of jobs comes from these books; only a journey is read from the tape, from those blocks that may
//! tell of the job.
//!
//! When the tape and the kept books take more than they may, the oldest go, and what can be seen begins later. The books
//! as they are take what they take: they know every job of the run.
//!
//! [`Recorder`] and [`Playback`] turn a whole run into bytes to be kept elsewhere, and back.

mod bytes;
mod events;
mod format;
mod journey;
mod moments;
mod page;
mod sections;
mod tape;
mod words;

pub use format::{Playback, Recorder, RecordingError};

use self::moments::{Distances, Moments};
use self::tape::Tape;
use super::event::{Event, Happening};
use super::ids::Elapsed;
use super::ledger::Ledger;
use super::settings::Settings;
use super::sight::{Extent, Gaze, Point, Sight, When};
use super::snapshot::BrokerRow;
use std::sync::Arc;

/// All events of a run, as far back as there is room for.
#[derive(Debug)]
pub struct History {
    head: Ledger,
    /// The newest event.
    last: Option<Event>,
    tape: Tape,
    moments: Moments,
    limit: u64,
}

/// How the events are cut into pieces.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Events in a block.
    block: u64,
    distances: Distances,
}

impl Layout {
    /// A block is read in half a millisecond, the farthest distance in less than 100 ms, as measured.
    const fn for_limit(limit: u64) -> Self {
        // An event takes about six bytes, and what goes at once should be a small part of what may be kept.
        let affordable = limit / 6 / 32;
        let near = if affordable < 128 << 10 { affordable } else { 128 << 10 };
        Self {
            block: 4 << 10,
            distances: Distances { near, far: 384 << 10 },
        }
    }
}

impl History {
    /// Of a run that begins with these settings on that broker. `limit`: bytes that the kept events may take, with the
    /// books that are kept between them to look back quickly. Whenever a block is full, the oldest go beyond that.
    ///
    /// Outside of the limit are the first of the kept books, those of the present, and those that were looked at last with
    /// their seam, as far as they are not shared. They grow with the run: about twelve bytes for each job there ever was,
    /// which are never forgotten. [`History::bytes`] tells of all.
    pub fn new(settings: Settings, broker: BrokerRow, limit: u64) -> Self {
        Self::with_layout(settings, broker, limit, Layout::for_limit(limit))
    }

    fn with_layout(settings: Settings, broker: BrokerRow, limit: u64, layout: Layout) -> Self {
        let scale = settings.scale.0;
        let head = Ledger::new(settings, broker);
        Self {
            last: None,
            tape: Tape::new(layout.block, scale),
            moments: Moments::new(head.clone(), layout.distances),
            head,
            limit,
        }
    }

    /// One more event; events come in the order of their times.
    pub fn push(&mut self, event: &Event) {
        if self.tape.is_at_seam() {
            self.moments.offer(&self.head, self.tape.last().events, &self.tape);
            self.forget();
        }
        self.head.apply(event);
        let places = match &event.what {
            Happening::WentBack { jobs, why, .. } => self.head.places_after(jobs, *why),
            _ => Vec::new(),
        };
        self.tape.push(event, &places);
        self.last = Some(event.clone());
    }

    /// How far back one can look.
    pub fn extent(&self) -> Extent {
        Extent {
            first: self.tape.first(),
            last: self.tape.last(),
            bytes: self.kept_bytes(),
        }
    }

    /// Bytes that all of it takes: the kept events, and the books as they are and as they were.
    pub fn bytes(&self) -> u64 {
        self.tape.bytes() + self.moments.bytes(&self.head)
    }

    /// What is seen there. `now`: the present, in real time.
    pub fn look(&mut self, gaze: &Gaze, now: Elapsed) -> Sight {
        let extent = self.extent();
        let (events, at) = self.moment(gaze.when, now);
        let moment = (gaze.when != When::Now).then(|| self.moments.after(events, &self.tape));
        let ledger = moment.map_or(&self.head, |moment| &moment.ledger);
        Sight {
            gaze: gaze.clone(),
            extent,
            point: Point {
                events,
                at,
                lab: ledger.clock().now(at),
            },
            event: moment.map_or(&self.last, |moment| &moment.event).clone(),
            page: gaze.page.map(|query| page::page(ledger.jobs(), &query)),
            journey: gaze
                .journey
                .map(|job| journey::journey(&self.tape, ledger, job, events)),
            past: moment.map(|moment| Arc::new(moment.ledger.snapshot(at))),
        }
    }

    /// After how many events that is, and when.
    fn moment(&self, when: When, now: Elapsed) -> (u64, Elapsed) {
        let (first, last) = (self.tape.first(), self.tape.last());
        match when {
            When::Now => (last.events, now),
            When::At(at) => {
                let at = at.max(first.at);
                (self.tape.events_while(|point| point.at <= at).events, at)
            }
            When::After(events) => {
                let events = events.clamp(first.events, last.events);
                (events, self.tape.events_while(|point| point.events <= events).at)
            }
        }
    }

    fn kept_bytes(&self) -> u64 {
        self.tape.bytes() + self.moments.between()
    }

    fn forget(&mut self) {
        while self.kept_bytes() > self.limit
            && let Some(block) = self.moments.drop_oldest()
        {
            self.tape.drop_before(block);
        }
    }
}

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
