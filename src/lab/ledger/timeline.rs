//! A worker's timeline: cells of a fixed width of lab time, the newest few hundred.

use super::super::ids::{JobId, LabTime};
use super::super::snapshot::{BUSY_WINDOW_S, Cell, Mark, TIMELINE_CELLS};
use super::sheets::Sheets;

/// The width of a cell.
pub(super) const CELL_US: u64 = 250_000;

const WINDOW_CELLS: u64 = BUSY_WINDOW_S * 1_000_000 / CELL_US;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Slot {
    job: Option<JobId>,
    busy_us: u32,
    begun: u16,
    mark: Option<Mark>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timeline {
    /// When the worker came.
    since: LabTime,
    /// The number of the first slot held, counted from lab time zero.
    first: u64,
    slots: Sheets<Slot, 32>,
    keeps: Keeps,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    Cells,
    Nothing,
}

/// Work that goes on at the moment of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ongoing {
    pub(super) job: JobId,
    pub(super) since: LabTime,
}

impl Timeline {
    pub(super) fn new(since: LabTime) -> Self {
        Self {
            since,
            first: since.0 / CELL_US,
            slots: Sheets::default(),
            keeps: Keeps::Cells,
        }
    }

    /// One that stays empty.
    pub(super) fn none() -> Self {
        Self {
            keeps: Keeps::Nothing,
            ..Self::new(LabTime(0))
        }
    }

    /// Bytes that it takes besides those shared with an older copy.
    pub(super) fn own_bytes(&self, older: Option<&Self>) -> usize {
        self.slots.own_bytes(older.map(|older| &older.slots))
    }

    pub(super) fn begin(&mut self, at: LabTime, job: JobId) {
        if let Some(slot) = self.slot(at.0 / CELL_US) {
            slot.job = Some(job);
            slot.begun = slot.begun.saturating_add(1);
        }
    }

    /// The worker worked on the job all that while.
    pub(super) fn work(&mut self, from: LabTime, to: LabTime, job: JobId) {
        if self.keeps == Keeps::Nothing {
            return;
        }
        let last = to.0 / CELL_US;
        let keep = u64::try_from(TIMELINE_CELLS).unwrap_or(u64::MAX);
        let start = (from.0 / CELL_US).max(last.saturating_sub(keep));
        for number in start..=last {
            let busy = overlap(number, from, to);
            if busy == 0 && number != start {
                continue;
            }
            if let Some(slot) = self.slot(number) {
                slot.job = Some(job);
                slot.busy_us = slot.busy_us.saturating_add(busy);
            }
        }
    }

    pub(super) fn mark(&mut self, at: LabTime, mark: Mark) {
        if let Some(slot) = self.slot(at.0 / CELL_US)
            && slot.mark.is_none_or(|old| old.weight() <= mark.weight())
        {
            slot.mark = Some(mark);
        }
    }

    /// The newest cells up to now, oldest first.
    pub(super) fn cells(&self, now: LabTime, ongoing: Option<Ongoing>) -> Vec<Cell> {
        if self.keeps == Keeps::Nothing {
            return Vec::new();
        }
        let last = now.0 / CELL_US;
        let keep = u64::try_from(TIMELINE_CELLS).unwrap_or(u64::MAX);
        let start = (self.since.0 / CELL_US).max((last + 1).saturating_sub(keep));
        (start..=last).map(|number| self.cell(number, now, ongoing)).collect()
    }

    /// Per mille of the newest window spent working.
    pub(super) fn busy(&self, now: LabTime, ongoing: Option<Ongoing>) -> Option<u16> {
        if self.keeps == Keeps::Nothing {
            return None;
        }
        let last = now.0 / CELL_US;
        let start = (last + 1).saturating_sub(WINDOW_CELLS).max(self.since.0 / CELL_US);
        let span = now.0.checked_sub((start * CELL_US).max(self.since.0))?;
        if span == 0 {
            return None;
        }
        let busy: u64 = (start..=last)
            .map(|number| u64::from(self.busy_in(number, now, ongoing)))
            .sum();
        u16::try_from((busy * 1000 / span).min(1000)).ok()
    }

    fn cell(&self, number: u64, now: LabTime, ongoing: Option<Ongoing>) -> Cell {
        let slot = self.peek(number);
        let begins = (number * CELL_US).max(self.since.0);
        let width = (number * CELL_US + CELL_US).min(now.0).saturating_sub(begins);
        let busy = u64::from(self.busy_in(number, now, ongoing));
        let works_now = ongoing.filter(|w| number >= w.since.0 / CELL_US);
        Cell {
            job: works_now.map(|w| w.job).or(slot.job),
            begun: slot.begun,
            busy: u8::try_from((busy * 100).checked_div(width).unwrap_or(0).min(100)).unwrap_or(100),
            mark: slot.mark,
        }
    }

    fn busy_in(&self, number: u64, now: LabTime, ongoing: Option<Ongoing>) -> u32 {
        let more = ongoing.map_or(0, |w| overlap(number, w.since, now));
        self.peek(number).busy_us + more
    }

    fn peek(&self, number: u64) -> Slot {
        number
            .checked_sub(self.first)
            .and_then(|i| usize::try_from(i).ok())
            .and_then(|i| self.slots.get(i))
            .copied()
            .unwrap_or_default()
    }

    /// The slot of that number, with those between made; `None` for one that is too old to be kept.
    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        if self.keeps == Keeps::Nothing {
            return None;
        }
        let i = usize::try_from(number.checked_sub(self.first)?).ok()?;
        if i >= self.slots.len() + TIMELINE_CELLS {
            self.slots.clear();
            self.first = number;
            self.slots.push_back(Slot::default());
            return self.slots.get_mut(0);
        }
        while self.slots.len() <= i {
            self.slots.push_back(Slot::default());
        }
        while self.slots.len() > TIMELINE_CELLS {
            self.slots.pop_front();
            self.first += 1;
        }
        let i = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(i)
    }
}

/// How much of a cell lies between two times.
fn overlap(number: u64, from: LabTime, to: LabTime) -> u32 {
    let begins = number * CELL_US;
    let busy = to.0.min(begins + CELL_US).saturating_sub(from.0.max(begins));
    u32::try_from(busy).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_fills_the_cells_it_covers() {
        let mut line = Timeline::new(LabTime(0));
        line.begin(LabTime(125_000), JobId(1));
        line.work(LabTime(125_000), LabTime(500_000), JobId(1));
        let cells = line.cells(LabTime(600_000), None);
        let busy: Vec<u8> = cells.iter().map(|c| c.busy).collect();
        assert_eq!(busy, [50, 100, 0]);
        assert_eq!(cells[0].begun, 1);
        assert_eq!(cells[1].job, Some(JobId(1)));
        assert_eq!(cells[2].job, None);
        assert_eq!(line.busy(LabTime(600_000), None), Some(625));
    }

    #[test]
    fn ongoing_work_shows_up_to_now() {
        let line = Timeline::new(LabTime(0));
        let work = Some(Ongoing {
            job: JobId(9),
            since: LabTime(250_000),
        });
        let cells = line.cells(LabTime(300_000), work);
        assert_eq!((cells[0].busy, cells[1].busy, cells[1].job), (0, 100, Some(JobId(9))));
        assert_eq!(line.busy(LabTime(0), None), None);
    }

    #[test]
    fn only_the_newest_cells_are_kept() {
        let mut line = Timeline::new(LabTime(0));
        line.work(LabTime(0), LabTime(CELL_US * 5_000), JobId(1));
        line.work(LabTime(CELL_US * 9_000), LabTime(CELL_US * 9_001), JobId(2));
        let cells = line.cells(LabTime(CELL_US * 9_001), None);
        assert_eq!(cells.len(), TIMELINE_CELLS);
        assert_eq!(cells[TIMELINE_CELLS - 2].job, Some(JobId(2)));
        assert!(line.slots.len() <= TIMELINE_CELLS);
    }
}
