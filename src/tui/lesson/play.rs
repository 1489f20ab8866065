//! How far the script is, as the snapshot tells it.

use crate::lab::{Over, Snapshot};
use crate::scenario::unstaged;

/// How far the script is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Play {
    /// How many of the cues came, that before all included.
    pub(in crate::tui) came: u16,
    /// The clock is held at one of them: at that of the scenario, or (`None`) before all.
    pub(in crate::tui) asks: Option<Option<u16>>,
    /// It is over.
    pub(in crate::tui) over: Option<Over>,
}

/// How far the script is in this picture, which is one of the present.
pub(in crate::tui) fn play(live: &Snapshot) -> Play {
    live.play.map_or_else(Play::default, |play| Play {
        came: play.next,
        asks: play.asked.map(unstaged),
        over: play.over,
    })
}
