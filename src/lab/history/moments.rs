//! The books of earlier moments: kept ones at distances, and from there any other by reading on.
//!
//! Copies of the books share what did not change (`ledger/sheets.rs`), so many can be kept. Where they take more than
//! the events themselves, every other one goes, as long as no way to read becomes too long.

use super::super::event::Event;
use super::super::ledger::Ledger;
use super::bytes::{Code, Place};
use super::tape::Tape;
use std::collections::VecDeque;

/// The books after some events, and where to read on.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) ledger: Ledger,
    /// How many events it is after.
    pub(super) events: u64,
    /// The last of them, if it was read on the way here.
    pub(super) event: Option<Event>,
    block: u64,
    place: Option<Place>,
}

impl Moment {
    /// Before the first event of a block.
    fn at_seam(ledger: Ledger, events: u64, block: u64) -> Self {
        Self {
            ledger,
            events,
            event: None,
            block,
            place: None,
        }
    }

    /// Reads on until `events`.
    fn advance(&mut self, tape: &Tape, events: u64) {
        while self.events < events {
            let Some(mut reader) = tape.reader(self.block, self.place.take()) else {
                return;
            };
            let before = (self.events, self.block);
            while self.events < events
                && let Some(event) = Event::get(&mut reader)
            {
                self.ledger.apply(&event);
                self.events += 1;
                self.event = Some(event);
            }
            self.place = Some(reader.place());
            if tape.block(self.block).is_some_and(|b| b.after.events <= self.events)
                && self.block + 1 < tape.next_block()
            {
                self.block += 1;
                self.place = None;
            }
            if before == (self.events, self.block) {
                return;
            }
        }
    }
}

/// A kept moment with the bytes that it does not share with the one before.
#[derive(Debug)]
struct Kept {
    moment: Moment,
    own: u64,
}

/// Distances between kept moments, in events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distances {
    /// Between new ones.
    pub(super) near: u64,
    /// The longest there may be.
    pub(super) far: u64,
}

/// The kept moments, and two that make the next look a short way.
///
/// A step forward reads on from the moment that was looked at; a step back can't, as books can't be folded backwards, and
/// begins at the seam before it. Without the seam each step back would read on from a kept moment, often a hundred blocks
/// away.
#[derive(Debug)]
pub(super) struct Moments {
    kept: VecDeque<Kept>,
    distances: Distances,
    looked_at: Moment,
    /// At the beginning of its block.
    seam: Moment,
}

impl Moments {
    pub(super) fn new(start: Ledger, distances: Distances) -> Self {
        let own = start.own_bytes(None) as u64;
        let moment = Moment::at_seam(start, 0, 0);
        Self {
            looked_at: moment.clone(),
            seam: moment.clone(),
            kept: VecDeque::from([Kept { moment, own }]),
            distances,
        }
    }

    /// The books after `events`, at a seam of the tape; kept if it is time.
    pub(super) fn offer(&mut self, ledger: &Ledger, events: u64, tape: &Tape) {
        let last = self.kept.back().map(|kept| &kept.moment);
        if last.is_some_and(|last| events < last.events + self.distances.near) {
            return;
        }
        let own = ledger.own_bytes(last.map(|last| &last.ledger)) as u64;
        let moment = Moment::at_seam(ledger.clone(), events, tape.next_block());
        self.kept.push_back(Kept { moment, own });
        while self.between() > tape.bytes() && self.thin() {}
    }

    /// Bytes that the kept moments take besides the first one.
    pub(super) fn between(&self) -> u64 {
        self.kept.iter().skip(1).map(|kept| kept.own).sum()
    }

    /// Bytes that all of it takes, and the present books, as far as they are not shared.
    pub(super) fn bytes(&self, head: &Ledger) -> u64 {
        let first = self.kept.front().map_or(0, |kept| kept.own);
        let last = self.kept.back().map(|kept| &kept.moment.ledger);
        let others = [&self.looked_at, &self.seam].map(|moment| {
            let base = self.before(moment.events);
            moment.ledger.own_bytes(base.map(|base| &base.ledger)) as u64
        });
        first + self.between() + head.own_bytes(last) as u64 + others.iter().sum::<u64>()
    }

    /// Forgets the oldest, and all that only it can reach; the block to which the tape is to be cut.
    pub(super) fn drop_oldest(&mut self) -> Option<u64> {
        if self.kept.len() < 2 {
            return None;
        }
        self.kept.pop_front();
        let first = self.kept.front_mut()?;
        first.own = first.moment.ledger.own_bytes(None) as u64;
        for moment in [&mut self.looked_at, &mut self.seam] {
            if moment.events < first.moment.events {
                *moment = first.moment.clone();
            }
        }
        Some(first.moment.block)
    }

    /// The books after that many events.
    pub(super) fn after(&mut self, events: u64, tape: &Tape) -> &Moment {
        let block = tape.block(tape.block_after(events.saturating_sub(1)));
        let seam = block.map_or(0, |block| block.before.events);
        if !(seam..=events).contains(&self.looked_at.events) {
            self.go_to_seam(seam, tape);
            self.looked_at = self.seam.clone();
        }
        self.looked_at.advance(tape, events);
        &self.looked_at
    }

    fn go_to_seam(&mut self, events: u64, tape: &Tape) {
        let known = [Some(&self.seam), Some(&self.looked_at), self.before(events)];
        let earlier = known.into_iter().flatten().filter(|moment| moment.events <= events);
        if let Some(nearest) = earlier.max_by_key(|moment| moment.events) {
            self.seam = nearest.clone();
            self.seam.advance(tape, events);
        }
    }

    /// The last kept moment that is not after `events`.
    fn before(&self, events: u64) -> Option<&Moment> {
        let later = self.kept.partition_point(|kept| kept.moment.events <= events);
        self.kept.get(later.checked_sub(1)?).map(|kept| &kept.moment)
    }

    /// Forgets one between two others that are near enough; whether there was one.
    fn thin(&mut self) -> bool {
        let at = |i: usize| self.kept[i].moment.events;
        let gaps = (1..self.kept.len().saturating_sub(1)).map(|i| (at(i + 1) - at(i - 1), i));
        let Some((_, i)) = gaps.filter(|(gap, _)| *gap <= self.distances.far).min() else {
            return false;
        };
        self.kept.remove(i);
        let own = self.kept[i]
            .moment
            .ledger
            .own_bytes(Some(&self.kept[i - 1].moment.ledger));
        self.kept[i].own = own as u64;
        true
    }
}
