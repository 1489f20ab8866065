//! What is true here: settings that have no effect, and limits of this broker. A closed set, each with one sentence.

use super::ids::WorkerId;

/// One remark on the present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Auto-ack is on: prefetch has no effect.
    PrefetchWithoutAcks,
    /// The queue is durable, the messages are not: a restart empties it.
    DurableQueueTransientMessages,
    /// The messages are persistent, the queue is not: both go with the broker.
    PersistentMessagesTransientQueue,
    /// Persistent without confirms: the producer does not know which are safe.
    PersistentWithoutConfirms,
    /// Jobs wait in the other queue, from which nobody consumes now.
    JobsElsewhere(u32),
    /// A worker's tray holds jobs while another is idle.
    Hoarding {
        /// Who has too much.
        worker: WorkerId,
        /// How many in its tray.
        tray: u32,
        /// Who is idle.
        idle: WorkerId,
    },
    /// Prefetch changed: a worker still holds more than the new limit from before.
    OverLimit(WorkerId, u32),
    /// That many dispatch decisions went untold: more happened than the log can take.
    DecisionsLost(u64),
    /// That many messages came that are none of this lab's: someone else publishes to its queue.
    ForeignMessages(u64),
}
