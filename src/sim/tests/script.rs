//! What the tests of the simulation write runs with.

use crate::lab::{
    Command, Condition, Cue, CueWhen, End, Event, Happening, Hold, LabTime, Script, Settings, Speed, Version,
};
use crate::sim::{Ran, Run, Telling, run};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) fn at(ms: u64, does: Vec<Command>) -> Cue {
    cue(CueWhen::At(LabTime(ms * 1000)), does)
}

pub(super) fn when(condition: Condition, does: Vec<Command>) -> Cue {
    cue(CueWhen::When(condition), does)
}

fn cue(when: CueWhen, does: Vec<Command>) -> Cue {
    Cue {
        name: "".into(),
        when,
        hold: Hold::No,
        does,
    }
}

pub(super) fn settled(cues: Vec<Cue>) -> Arc<Script> {
    Arc::new(Script {
        cues,
        end: End::Settled,
        limit: LabTime(600_000_000),
    })
}

pub(super) fn workers(speeds: &[u32]) -> Settings {
    Settings {
        speeds: speeds.iter().copied().map(Speed).collect(),
        ..Settings::default()
    }
}

pub(super) fn of(settings: Settings, script: Arc<Script>) -> Run {
    Run {
        settings,
        version: Version::default(),
        script,
        telling: Telling::All,
    }
}

/// A run, its end, and all that happened.
pub(super) fn carried_out(what: &Run) -> (Ran, Vec<Event>) {
    let mut events = Vec::new();
    let ran = run(what, &mut |event| events.push(event.clone()), &AtomicBool::new(false));
    (ran, events)
}

/// Who got which jobs, in the order in which they came.
pub(super) fn deliveries(events: &[Event]) -> Vec<(u16, u32)> {
    let delivered = events.iter().filter_map(|event| match &event.what {
        Happening::Delivered(worker, d) => Some((worker.0, d.job.0)),
        _ => None,
    });
    delivered.collect()
}
