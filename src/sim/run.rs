//! A run: what it begins with, how it is carried out, and what is left of it.

use super::world::World;
use crate::lab::{BrokerRow, BrokerState, Control, Event, Happening, Over, Script, Settings, Snapshot, Version};
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

impl Run {
    /// The broker with which it begins.
    pub fn broker(&self) -> BrokerRow {
        BrokerRow {
            name: "simulation".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: Some(self.version),
        }
    }
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
    /// How the script ended; `None`: the run was cancelled, or nothing would ever have happened again.
    pub over: Option<Over>,
}

/// How many steps are taken between two looks at whether the run is cancelled.
const LOOK_EVERY: u32 = 1024;

/// Carries out a run on a virtual clock. `hear` gets each event once, in their order; the same run gives the same events
/// each time. It ends with its script (which stops for no question), or soon after `cancel` is set.
pub fn run(run: &Run, hear: &mut dyn FnMut(&Event), cancel: &AtomicBool) -> Ran {
    let mut world = World::new(run);
    let mut over = None;
    let mut hear = |event: &Event| {
        if let Happening::Over(how) = event.what {
            over = Some(how);
        }
        hear(event);
    };
    world.start(&mut hear);
    let mut steps = 0_u32;
    while !world.is_over() && world.step(&mut hear) {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(LOOK_EVERY) && cancel.load(Ordering::Relaxed) {
            break;
        }
    }
    let snapshot = world.snapshot();
    Ran { snapshot, over }
}
