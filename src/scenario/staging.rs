//! A scenario's script as it is played before a person: the clock is held at the beginning, for the story, and at each
//! cue before which something is asked. A run without a person is held nowhere.

use super::Scenario;
use crate::lab::{Cue, CueWhen, Hold, LabTime, Script};

/// The script that is played before a person: its first cue is none of the scenario's, and only holds the clock.
pub fn staged(scenario: &Scenario) -> Script {
    let opening = Cue {
        name: "".into(),
        when: CueWhen::At(LabTime(0)),
        hold: Hold::Ask,
        does: Vec::new(),
    };
    let asked = |number: u16| scenario.predictions.iter().any(|p| p.before == Some(number));
    let cues = (0..).zip(&scenario.script.cues).map(|(number, cue)| Cue {
        hold: if asked(number) { Hold::Ask } else { Hold::No },
        ..cue.clone()
    });
    Script {
        cues: std::iter::once(opening).chain(cues).collect(),
        ..(*scenario.script).clone()
    }
}

/// Which cue of the scenario a cue of the [`staged`] script is; `None`: the one before all.
pub const fn unstaged(cue: u16) -> Option<u16> {
    cue.checked_sub(1)
}

/// The number of a scenario's cue in the [`staged`] script.
pub const fn staged_number(cue: u16) -> u16 {
    cue.saturating_add(1)
}
