//! A worker's way through the run: what it worked on, when it was down, and what was done to it.

use super::grid::Grid;
use crate::lab::{Breakage, Event, Happening, JobId, LabTime};

/// So many signs are kept; the first of a run say more than its last.
const SIGNS: usize = 200;
/// So many times of being down.
const DOWNS: usize = 200;

/// A piece of time; no end: it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Span {
    pub(in super::super) from: LabTime,
    pub(in super::super) to: Option<LabTime>,
}

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Ended {
    /// Finished, for the first time.
    Done,
    /// Finished, and it had been finished before.
    Twice,
    /// Broken off.
    Cut,
    /// It goes on.
    Not,
}

/// Work on one job without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Block {
    pub(in super::super) job: JobId,
    pub(in super::super) from: LabTime,
    pub(in super::super) to: LabTime,
    /// Whether it was delivered with the redelivered flag.
    pub(in super::super) again: bool,
    pub(in super::super) ended: Ended,
}

/// What happened in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Cell {
    pub(in super::super) busy_us: u64,
    /// Jobs finished.
    pub(in super::super) done: u32,
    /// Of these, redelivered ones.
    pub(in super::super) again: u32,
    /// Of these, jobs done before.
    pub(in super::super) twice: u32,
}

/// A sign above a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum SignKind {
    /// It ended.
    Killed,
    /// It takes no more jobs, and works off what it holds.
    Cancelled,
    /// Its network went silent.
    Silenced,
    /// It came back.
    Revived,
    /// It was taken away for good.
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Sign {
    pub(in super::super) at: LabTime,
    pub(in super::super) kind: SignKind,
    /// How, in a few words.
    pub(in super::super) text: String,
}

#[derive(Clone, Copy, Debug)]
struct InHand {
    job: JobId,
    again: bool,
    /// Since when it is worked on; `None`: the worker stands still with it.
    since: Option<LabTime>,
}

#[derive(Clone, Debug)]
pub(in super::super) struct Track {
    /// When it came.
    pub(in super::super) since: LabTime,
    pub(in super::super) blocks: Vec<Block>,
    pub(in super::super) cells: Vec<Cell>,
    pub(in super::super) downs: Vec<Span>,
    pub(in super::super) signs: Vec<Sign>,
    hand: Option<InHand>,
}

impl Sign {
    pub(super) fn of(event: &Event, kind: SignKind) -> Self {
        let text = match &event.what {
            Happening::Killed(_, how) => how.past().to_owned(),
            Happening::Broke(_, Breakage::Cancelled) => "cancelled by the broker".to_owned(),
            Happening::Broke(_, Breakage::Lost(why) | Breakage::Refused(why)) => why.to_string(),
            Happening::Revived(_) | Happening::GuestCame(..) => "back".to_owned(),
            Happening::Removed(_) => "removed".to_owned(),
            _ => String::new(),
        };
        Self {
            at: event.lab,
            kind,
            text,
        }
    }
}

impl Track {
    pub(super) const fn new(since: LabTime) -> Self {
        Self {
            since,
            blocks: Vec::new(),
            cells: Vec::new(),
            downs: Vec::new(),
            signs: Vec::new(),
            hand: None,
        }
    }

    pub(super) fn begin(&mut self, at: LabTime, job: JobId, again: bool) {
        self.hand = Some(InHand {
            job,
            again,
            since: Some(at),
        });
    }

    pub(super) fn finish(&mut self, at: LabTime, job: JobId, ended: Ended, grid: &Grid) {
        if self.hand.is_none_or(|hand| hand.job != job) {
            return;
        }
        let again = self.hand.is_some_and(|hand| hand.again);
        self.rest(at, ended, grid);
        self.hand = None;
        let cell = self.cell(grid.cell(at));
        cell.done += 1;
        cell.again += u32::from(again);
        cell.twice += u32::from(ended == Ended::Twice);
    }

    /// The worker is down, with what it has in hand.
    pub(super) fn stop(&mut self, at: LabTime, grid: &Grid) {
        self.rest(at, Ended::Cut, grid);
        let is_up = self.downs.last().is_none_or(|down| down.to.is_some());
        if is_up && self.downs.len() < DOWNS {
            self.downs.push(Span { from: at, to: None });
        }
    }

    /// It is down, and has nothing in hand any more.
    pub(super) fn leave(&mut self, at: LabTime, grid: &Grid) {
        self.stop(at, grid);
        self.hand = None;
    }

    pub(super) fn let_go(&mut self, at: LabTime, grid: &Grid) {
        self.rest(at, Ended::Cut, grid);
        self.hand = None;
    }

    pub(super) fn release(&mut self, at: LabTime, jobs: &[JobId], grid: &Grid) {
        if self.hand.is_some_and(|hand| jobs.contains(&hand.job)) {
            self.let_go(at, grid);
        }
    }

    pub(super) fn live(&mut self, at: LabTime) {
        if let Some(down) = self.downs.last_mut() {
            down.to.get_or_insert(at);
        }
    }

    pub(super) fn revive(&mut self, at: LabTime) {
        self.live(at);
        if let Some(hand) = &mut self.hand {
            hand.since.get_or_insert(at);
        }
    }

    pub(super) fn sign(&mut self, sign: Sign) {
        if self.signs.len() < SIGNS {
            self.signs.push(sign);
        }
    }

    /// Two cells become one.
    pub(super) fn fold(&mut self) {
        let pairs = self.cells.chunks(2);
        self.cells = pairs
            .map(|pair| pair.iter().copied().fold(Cell::default(), sum))
            .collect();
    }

    pub(super) fn forget_blocks(&mut self) {
        self.blocks = Vec::new();
    }

    /// The work that goes on at that moment, as if it ended then.
    pub(in super::super) fn ongoing(&self, now: LabTime) -> Option<Block> {
        let hand = self.hand?;
        Some(Block {
            job: hand.job,
            from: hand.since?,
            to: now,
            again: hand.again,
            ended: Ended::Not,
        })
    }

    /// The cells up to that moment, work that goes on included.
    pub(in super::super) fn cells_until(&self, now: LabTime, grid: &Grid) -> Vec<Cell> {
        let mut track = Self {
            cells: self.cells.clone(),
            ..Self::new(self.since)
        };
        if let Some(block) = self.ongoing(now) {
            track.work(block.from, now, grid);
        }
        track.cells
    }

    fn rest(&mut self, at: LabTime, ended: Ended, grid: &Grid) {
        let Some((hand, from)) = self.hand.and_then(|hand| Some((hand, hand.since?))) else {
            return;
        };
        self.blocks.push(Block {
            job: hand.job,
            from,
            to: at,
            again: hand.again,
            ended,
        });
        self.hand = Some(InHand { since: None, ..hand });
        self.work(from, at, grid);
    }

    fn work(&mut self, from: LabTime, to: LabTime, grid: &Grid) {
        for number in grid.cell(from)..=grid.cell(to) {
            let begins = number as u64 * grid.cell_us;
            let busy = to.0.min(begins + grid.cell_us).saturating_sub(from.0.max(begins));
            self.cell(number).busy_us += busy;
        }
    }

    fn cell(&mut self, number: usize) -> &mut Cell {
        let number = number.min(super::grid::CELLS - 1);
        if self.cells.len() <= number {
            self.cells.resize(number + 1, Cell::default());
        }
        &mut self.cells[number]
    }
}

fn sum(one: Cell, other: Cell) -> Cell {
    Cell {
        busy_us: one.busy_us + other.busy_us,
        done: one.done + other.done,
        again: one.again + other.again,
        twice: one.twice + other.twice,
    }
}
