//! A scenario in a few words: what `check` says of a file that is right.

use super::model::Scenario;
use crate::lab::{BrokerCommand, Command, CueWhen, End, LabSpan, LabTime, MAX_WORKERS};
use std::fmt::Write;

impl Scenario {
    /// How many workers there ever are.
    pub fn workers(&self) -> usize {
        let added = |does: &Command| matches!(does, Command::AddWorker(_));
        let cues = self.script.cues.iter();
        let added = cues.flat_map(|cue| &cue.does).filter(|does| added(does)).count();
        self.settings.speeds.len() + added
    }

    /// Whether it has more workers than can be connected to a broker, so that it can only be simulated.
    pub fn only_simulated(&self) -> bool {
        self.workers() > MAX_WORKERS
    }

    /// Whether a step ends the broker.
    pub fn ends_broker(&self) -> bool {
        let mut does = self.script.cues.iter().flat_map(|cue| &cue.does);
        does.any(|does| matches!(does, Command::Broker(BrokerCommand::Kill | BrokerCommand::Stop)))
    }

    /// What happens, and how long it takes, in one line. `played`: at which lab time it was over, if it was played.
    pub fn describe(&self, played: Option<LabTime>) -> String {
        let mut told = counted(self.workers(), "worker");
        let _ = write!(told, ", {}", counted(self.script.cues.len(), "step"));
        for (many, what) in [
            (self.predictions.len(), "question"),
            (self.expectations.len(), "expectation"),
            (self.goals.len(), "goal"),
        ] {
            if many > 0 {
                let _ = write!(told, ", {}", counted(many, what));
            }
        }
        if let Some(flip) = &self.flip {
            let _ = write!(told, ", flip {}", flip.text);
        }
        let _ = write!(told, "; {}", self.length(played));
        if self.only_simulated() {
            let _ = write!(told, "; more than {MAX_WORKERS} workers: it can only be simulated");
        }
        told
    }

    /// How long it takes, or may take.
    fn length(&self, played: Option<LabTime>) -> String {
        let scale = self.settings.scale;
        let real = |time: LabTime| LabTime(time.0.saturating_mul(1000) / u64::from(scale.0.max(1)));
        let spans = |time: LabTime| format!("{} of lab time, at {scale} {} of yours", said(time), said(real(time)));
        match self.script.end {
            _ if played.is_some() => spans(played.unwrap_or_default()),
            End::At(time) => spans(time),
            End::After(time) => match self.last_moment() {
                Some(last) => spans(LabTime(last.0.saturating_add(time.0))),
                None => format!("at most {}", spans(self.script.limit)),
            },
            End::Settled | End::When(_) => format!("at most {}", spans(self.script.limit)),
        }
    }

    /// When the last cue comes, where that is known before.
    fn last_moment(&self) -> Option<LabTime> {
        self.script
            .cues
            .iter()
            .try_fold(LabTime(0), |last, cue| match cue.when {
                CueWhen::At(time) => Some(last.max(time)),
                CueWhen::After(time) => Some(LabTime(last.0.saturating_add(time.0))),
                CueWhen::When(_) => None,
            })
    }
}

/// `40 s`, `10 min`, `2 h 30 min`: nobody plans a lesson more finely.
fn said(time: LabTime) -> String {
    let minutes = (time.seconds() + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0..=2) => LabSpan(time.0).to_string(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn counted(many: usize, what: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {what}{plural}")
}
