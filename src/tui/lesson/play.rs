//! How far the script is, as the snapshot tells it.

use crate::lab::{Over, Snapshot};
use crate::scenario::unstaged;

/// How far the script is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Play {
    /// How many of the cues came, that before all included.
    pub(in crate::tui) came: u16,
    /// The clock is held at one of them.
    pub(in crate::tui) asks: Option<Held>,
    /// It is over.
    pub(in crate::tui) over: Option<Over>,
}

/// Where the clock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Held {
    /// Before the run.
    Opening,
    /// At that cue of the scenario.
    Cue(u16),
}

impl Held {
    /// The cue before which a question is asked there.
    pub(in crate::tui) const fn before(self) -> Option<u16> {
        match self {
            Self::Opening => None,
            Self::Cue(cue) => Some(cue),
        }
    }
}

/// How far the script is in this picture, which is one of the present.
pub(in crate::tui) fn play(live: &Snapshot) -> Play {
    live.play.map_or_else(Play::default, |play| Play {
        came: play.next,
        asks: play.asked.map(|cue| unstaged(cue).map_or(Held::Opening, Held::Cue)),
        over: play.over,
    })
}
