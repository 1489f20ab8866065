//! The cells of a run: equal pieces of lab time. When the run outgrows them, two become one.

use crate::lab::LabTime;

/// At most so many.
pub(in super::super) const CELLS: usize = 240;
/// The first width: a quarter of a second, as on the screen.
const FIRST_US: u64 = 250_000;

/// What was not done yet at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Level {
    /// In a queue or on the wire.
    pub(in super::super) waiting: u32,
    /// In trays and hands.
    pub(in super::super) held: u32,
}

/// The width of a cell, and what was open at the end of each.
#[derive(Clone, Debug)]
pub(in super::super) struct Grid {
    pub(in super::super) cell_us: u64,
    levels: Vec<Level>,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            cell_us: FIRST_US,
            levels: Vec::new(),
        }
    }
}

impl Grid {
    /// Makes room for that moment. Returns how often cells were folded; what else has cells must do so too.
    pub(super) fn reach(&mut self, at: LabTime) -> u32 {
        let mut folds = 0;
        while self.cell(at) >= CELLS {
            self.cell_us *= 2;
            // The end of the second is the end of both.
            let pairs = self.levels.chunks(2).map(|pair| pair[pair.len() - 1]);
            self.levels = pairs.collect();
            folds += 1;
        }
        folds
    }

    /// The number of the cell in which that moment is.
    pub(super) fn cell(&self, at: LabTime) -> usize {
        usize::try_from(at.0 / self.cell_us).unwrap_or(usize::MAX)
    }

    pub(super) fn level(&mut self, at: LabTime, level: Level) {
        let cell = self.cell(at).min(CELLS - 1);
        let before = self.levels.last().copied().unwrap_or_default();
        while self.levels.len() <= cell {
            self.levels.push(before);
        }
        self.levels[cell] = level;
    }

    /// What was open at the end of each cell.
    pub(in super::super) fn levels(&self) -> &[Level] {
        &self.levels
    }
}
