//! From bytes to steps. Each step has the same length, so that a fuzzer can cut, swap and repeat whole steps.

use crate::broker::dispatch::Like;

/// Bytes of one step.
pub const STEP: usize = 6;

/// Steps in one session: enough for anything to happen, few enough for thousands of sessions in a second.
const STEPS: usize = 300;

/// One step's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// What is done.
    pub(super) action: Action,
    /// Which client: one of [`CLIENTS`].
    pub(super) client: usize,
    /// Which of its channels, from 0: mostly 1.
    pub(super) channel: u16,
    /// Its frames wait for those of the next step, as if one read had brought both.
    pub(super) hold: bool,
    /// Four choices; what they mean depends on the action.
    pub(super) args: [u8; 4],
}

/// Clients that come and go.
pub(super) const CLIENTS: usize = 4;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Connect,
    Lose,
    OpenChannel,
    Close,
    Exchange,
    Queue,
    Bind,
    Publish,
    Fragment,
    Consume,
    Get,
    Settle,
    Qos,
    Mode,
    Odd,
    Raw,
    Sent,
    Stored,
    Wait,
    Restart,
    Administer,
}

/// What is common is there more than once.
const ACTIONS: [Action; 32] = [
    Action::Connect,
    Action::Publish,
    Action::Consume,
    Action::Settle,
    Action::Queue,
    Action::Sent,
    Action::Stored,
    Action::Wait,
    Action::Publish,
    Action::Consume,
    Action::Settle,
    Action::Queue,
    Action::Bind,
    Action::Exchange,
    Action::Get,
    Action::Qos,
    Action::Mode,
    Action::OpenChannel,
    Action::Close,
    Action::Lose,
    Action::Restart,
    Action::Odd,
    Action::Raw,
    Action::Fragment,
    Action::Administer,
    Action::Publish,
    Action::Publish,
    Action::Settle,
    Action::Bind,
    Action::Wait,
    Action::Queue,
    Action::Consume,
];

/// A session: how the broker is set up, and what is done.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one bit of the script, and all combinations make sense"
)]
pub(super) struct Script {
    /// The RabbitMQ that it behaves as.
    pub(super) like: Like,
    /// Clients answer the broker's closes and open channels anew.
    pub(super) polite: bool,
    /// Records are stored as soon as they are written.
    pub(super) prompt_disk: bool,
    /// Deliveries are written at once.
    pub(super) prompt_sockets: bool,
    /// Decisions are told.
    pub(super) tracing: bool,
    /// The steps.
    pub(super) steps: Vec<Step>,
}

impl Script {
    /// The first byte says how the broker is set up, then come the steps.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let (&knobs, steps) = data.split_first()?;
        Some(Self {
            like: [Like::V4_0, Like::V3_10, Like::V4_3, Like::V4_0][usize::from(knobs & 3)],
            polite: knobs & 4 == 0,
            prompt_disk: knobs & 8 == 0,
            prompt_sockets: knobs & 16 == 0,
            tracing: knobs & 32 != 0,
            steps: steps.chunks_exact(STEP).take(STEPS).filter_map(Step::read).collect(),
        })
    }
}

impl Step {
    fn read(bytes: &[u8]) -> Option<Self> {
        let &[action, place, a, b, c, d] = bytes.first_chunk::<STEP>()?;
        Some(Self {
            action: ACTIONS[usize::from(action) % ACTIONS.len()],
            client: usize::from(place) % CLIENTS,
            channel: [1, 2, 3, 0][usize::from(place >> 2) % 4],
            hold: place & 0x30 == 0x30,
            args: [a, b, c, d],
        })
    }
}

/// One of a few, chosen by a byte.
pub(super) fn pick<T: Copy>(all: &[T], choice: u8) -> T {
    all[usize::from(choice) % all.len()]
}

/// Whether a bit of a byte is set.
pub(super) fn bit(byte: u8, number: u8) -> bool {
    byte >> number & 1 == 1
}
