//! What each insight teaches: what many believe, the rule, and where it is written.

use super::Insight;

/// A belief, the rule that corrects it, and its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// A few words for a list.
    pub title: &'static str,
    /// What many believe, and is not so; empty where there is no such belief.
    pub belief: &'static str,
    /// How it is, in one sentence.
    pub rule: &'static str,
    /// Where it is written: a page of rabbitmq.com, another broker's repository, or this lab's own rule.
    pub source: &'static str,
}

const fn lesson(title: &'static str, belief: &'static str, rule: &'static str, source: &'static str) -> Lesson {
    Lesson {
        title,
        belief,
        rule,
        source,
    }
}

impl Insight {
    /// What it teaches.
    pub const fn lesson(&self) -> &'static Lesson {
        match self {
            Self::LostWithWorker { .. } => &LOST_WITH_WORKER,
            Self::BooksDiffer(_) => &BOOKS_DIFFER,
            Self::Unconfirmed(_) => &UNCONFIRMED,
            Self::NobodyConsumes(_) => &NOBODY_CONSUMES,
            Self::Frozen { .. } => &FROZEN,
            Self::HalfOpen { .. } => &HALF_OPEN,
            Self::ForgottenAck { .. } => &FORGOTTEN_ACK,
            Self::RequeueLoop { .. } => &REQUEUE_LOOP,
            Self::DoubleAck(_) => &DOUBLE_ACK,
            Self::RedeliveryStorm { .. } => &REDELIVERY_STORM,
            Self::CancelledHolds { .. } => &CANCELLED_HOLDS,
            Self::AllUnacked { .. } => &ALL_UNACKED,
            Self::PrefetchWithoutAcks(_) => &PREFETCH_WITHOUT_ACKS,
            Self::OverLimit { .. } => &OVER_LIMIT,
            Self::QosForNewOnly { .. } => &QOS_FOR_NEW_ONLY,
            Self::WaitsForOne { .. } => &WAITS_FOR_ONE,
            Self::JobsElsewhere(_) => &JOBS_ELSEWHERE,
            Self::Starving { .. } => &STARVING,
            Self::Hoarding { .. } => &HOARDING,
            Self::Overload { .. } => &OVERLOAD,
            Self::CountsNotLoad { .. } => &COUNTS_NOT_LOAD,
            Self::HeadOfLine { .. } => &HEAD_OF_LINE,
            Self::RoundTrips { .. } => &ROUND_TRIPS,
            Self::DurableQueueTransientMessages => &DURABLE_QUEUE,
            Self::PersistentMessagesTransientQueue => &TRANSIENT_QUEUE,
            Self::PersistentWithoutConfirms => &WITHOUT_CONFIRMS,
            Self::Unroutable(_) => &UNROUTABLE,
            Self::DoneTwice { .. } => &DONE_TWICE,
            Self::DeadLettered { .. } => &DEAD_LETTERED,
            Self::DeliveryLimit { .. } => &DELIVERY_LIMIT,
            Self::OldPlace { .. } => &OLD_PLACE,
            Self::FlaggedUndone { .. } => &FLAGGED_UNDONE,
            Self::OutOfOrder { .. } => &OUT_OF_ORDER,
            Self::NotRoundRobin => &NOT_ROUND_ROBIN,
            Self::NotRabbitMq => &NOT_RABBITMQ,
            Self::DecisionsLost(_) => &DECISIONS_LOST,
            Self::ForeignMessages(_) => &FOREIGN_MESSAGES,
            Self::AllIdle(_) => &ALL_IDLE,
            Self::Fair { .. } => &FAIR,
            Self::NothingWrong { .. } => &NOTHING_WRONG,
            Self::NotEnoughData { .. } => &NOT_ENOUGH_DATA,
        }
    }
}

static LOST_WITH_WORKER: Lesson = lesson(
    "Lost with its worker",
    "auto-ack acks when my callback has finished",
    "Auto-ack counts as acked when sent: what dies with a worker is lost, begun or not.",
    "rabbitmq.com/docs/confirms#acknowledgement-modes",
);
static BOOKS_DIFFER: Lesson = lesson(
    "The books differ",
    "",
    "Ready and unacked must add up to what was published and not done: else someone else took or added messages.",
    "dispatch-lab: the books, judged once nothing has moved for two seconds",
);
static UNCONFIRMED: Lesson = lesson(
    "Unconfirmed at the end",
    "persistent means safe once publish returns",
    "Only a confirm says that the broker has stored a message; without it a producer has to send again.",
    "rabbitmq.com/docs/confirms#publisher-confirms",
);
static NOBODY_CONSUMES: Lesson = lesson(
    "Nobody consumes",
    "",
    "A queue keeps what it has until a consumer comes, and then hands out at once.",
    "rabbitmq.com/docs/consumers#basics",
);
static FROZEN: Lesson = lesson(
    "Frozen, and keeps its jobs",
    "unacked messages time out and move on by themselves",
    "While channel and heartbeats live nothing goes back; only the ack timeout (30 min, since 4.3 not on classic \
     queues) ends it.",
    "rabbitmq.com/docs/consumers#acknowledgement-timeout",
);
static HALF_OPEN: Lesson = lesson(
    "Waiting for heartbeats",
    "killing a worker redelivers at once",
    "A connection that ends with a word is noticed at once; one that falls silent only when heartbeats run out.",
    "rabbitmq.com/docs/heartbeats#heartbeats-interval",
);
static FORGOTTEN_ACK: Lesson = lesson(
    "Forgotten acks",
    "forgetting to ack is harmless: the messages are gone from ready",
    "What is not acked stays unacked, takes memory, and comes back when the channel ends.",
    "rabbitmq.com/tutorials/tutorial-two-python#message-acknowledgment",
);
static REQUEUE_LOOP: Lesson = lesson(
    "Requeue loop",
    "nack with requeue is a way to try again later",
    "A requeued job is handed out again at once; redelivered is a flag, not a counter: on a classic queue nothing ends the loop.",
    "rabbitmq.com/docs/confirms#consumer-nacks-requeue",
);
static DOUBLE_ACK: Lesson = lesson(
    "Acked twice",
    "acking twice is harmless",
    "A tag can be acked once, on its own channel: else 406, the channel closes, and all its unacked go back.",
    "rabbitmq.com/docs/confirms#consumer-acks-double-acking",
);
static REDELIVERY_STORM: Lesson = lesson(
    "Redelivery storm",
    "a bigger prefetch is always faster",
    "All that is unacked on a channel goes back when it ends: the larger the prefetch, the more.",
    "rabbitmq.com/docs/confirms#automatic-requeueing",
);
static CANCELLED_HOLDS: Lesson = lesson(
    "Cancelled, and still holds",
    "basic.cancel gives the messages back",
    "basic.cancel ends new deliveries only; what was delivered stays until it is acked or the channel ends.",
    "rabbitmq.com/docs/consumers#unsubscribing",
);
static ALL_UNACKED: Lesson = lesson(
    "All unacked, none ready",
    "a second worker will share the backlog",
    "What is unacked belongs to its consumer: a new worker gets none of it, and queue.declare counts only ready.",
    "rabbitmq.com/docs/consumer-prefetch",
);
static PREFETCH_WITHOUT_ACKS: Lesson = lesson(
    "Prefetch has no effect",
    "prefetch limits my auto-ack consumer",
    "Auto-ack counts as acked when sent; prefetch counts unacked only, so it limits nothing.",
    "rabbitmq.com/docs/confirms#acknowledgement-modes",
);
static OVER_LIMIT: Lesson = lesson(
    "Over the new limit",
    "prefetch can be changed on the fly",
    "A new prefetch holds for consumers that start after it; what was delivered before stays and does not count.",
    "rabbitmq.com/docs/consumer-prefetch",
);
static QOS_FOR_NEW_ONLY: Lesson = lesson(
    "A limit for newcomers only",
    "basic.qos takes effect at once, on every consumer",
    "basic.qos (global=false) holds for consumers that start after it; one that is there keeps its limit.",
    "rabbitmq.com/docs/consumer-prefetch",
);
static WAITS_FOR_ONE: Lesson = lesson(
    "It waits for one worker",
    "another consumer takes over",
    "A queue is read by its own consumers alone: a copy in a dead worker's queue waits until that worker is back.",
    "rabbitmq.com/tutorials/tutorial-three-python",
);
static JOBS_ELSEWHERE: Lesson = lesson(
    "Jobs in the other queue",
    "durable can be switched on an existing queue",
    "Durability is fixed when a queue is declared: the other kind is another queue, with its own messages.",
    "rabbitmq.com/docs/queues#property-equivalence",
);
static STARVING: Lesson = lesson(
    "A worker starves",
    "the least busy worker gets the next job",
    "What has been handed out is not taken back: who has nothing waits for new jobs, whatever others hold.",
    "rabbitmq.com/tutorials/tutorial-two-python#fair-dispatch",
);
static HOARDING: Lesson = lesson(
    "A worker hoards",
    "if I start a second worker it will share the backlog",
    "Without a limit the broker hands out at once all that is ready; a prefetch keeps it in the queue.",
    "rabbitmq.com/docs/confirms#channel-qos-prefetch",
);
static OVERLOAD: Lesson = lesson(
    "More work than workers",
    "a queue evens it out",
    "A queue evens out bursts; if more work comes in than is done, it grows without end.",
    "rabbitmq.com/docs/consumers#metrics-capacity",
);
static COUNTS_NOT_LOAD: Lesson = lesson(
    "Equal counts, unequal work",
    "round-robin balances the load",
    "The broker deals in turns and knows nothing of a job's cost; only a prefetch makes it wait for who is busy.",
    "rabbitmq.com/tutorials/tutorial-two-python#fair-dispatch",
);
static HEAD_OF_LINE: Lesson = lesson(
    "Behind a heavy job",
    "prefetch 10 means ten jobs at the same time",
    "A tray is a line, not a team: whoever stands behind a heavy job waits, even if other workers are free.",
    "rabbitmq.com/docs/confirms#channel-qos-prefetch",
);
static ROUND_TRIPS: Lesson = lesson(
    "Prefetch 1 over a slow line",
    "prefetch 1 is always best",
    "With prefetch 1 a worker's hand is empty for a round trip after each ack; a few more in the tray fill it.",
    "rabbitmq.com/docs/confirms#channel-qos-prefetch-throughput",
);
static DURABLE_QUEUE: Lesson = lesson(
    "Durable queue, transient jobs",
    "a durable queue keeps its messages",
    "Durable keeps the queue's definition; only messages with delivery_mode 2 come back with it.",
    "rabbitmq.com/docs/queues#durability",
);
static TRANSIENT_QUEUE: Lesson = lesson(
    "Persistent in transient queue",
    "a persistent message survives in any queue",
    "A transient queue goes with the broker, and whatever is in it too.",
    "rabbitmq.com/docs/queues#durability",
);
static WITHOUT_CONFIRMS: Lesson = lesson(
    "Persistent, not confirmed",
    "persistent means safe once publish returns",
    "Between publish and the disk there is a time in which a crash loses the message; a confirm tells when it is over.",
    "rabbitmq.com/docs/confirms#publisher-confirms",
);
static UNROUTABLE: Lesson = lesson(
    "No queue took it",
    "a confirm means that it reached a queue",
    "A message that no queue takes is confirmed all the same; only mandatory returns it.",
    "rabbitmq.com/docs/confirms#publisher-confirms",
);
static DONE_TWICE: Lesson = lesson(
    "Done twice",
    "the worker was killed, so its job was not done",
    "Work done and not acked is handed out again: a handler must bear being called twice for one message.",
    "rabbitmq.com/docs/confirms#automatic-requeueing",
);
static DEAD_LETTERED: Lesson = lesson(
    "Refused for good",
    "messages are never dropped without my asking",
    "reject with requeue=false takes a job out: into the dead-letter queue if there is one, else it is dropped.",
    "rabbitmq.com/docs/dlx",
);
static DELIVERY_LIMIT: Lesson = lesson(
    "Over the delivery limit",
    "messages are never dropped without my asking",
    "A quorum queue counts returns, a crash for all that the worker held: over the limit a message is dead-lettered.",
    "rabbitmq.com/docs/quorum-queues#poison-message-handling",
);
static OLD_PLACE: Lesson = lesson(
    "Back to its old place",
    "requeue puts it at the back",
    "A classic queue puts a requeued job back where it was, if it can: before all that was published later.",
    "rabbitmq.com/docs/confirms#consumer-nacks-requeue",
);
static FLAGGED_UNDONE: Lesson = lesson(
    "Redelivered, not done before",
    "redelivered means that it was processed before",
    "The flag says that it was sent to a consumer before; perhaps it only lay in a tray.",
    "rabbitmq.com/docs/consumers#message-properties",
);
static OUT_OF_ORDER: Lesson = lesson(
    "Finished out of order",
    "a queue keeps order, so my jobs finish in order",
    "A queue hands out in order; with several workers, or after a requeue, jobs finish in another one.",
    "rabbitmq.com/docs/queues#message-ordering",
);
static NOT_ROUND_ROBIN: Lesson = lesson(
    "Another kind of broker",
    "all AMQP brokers hand out alike",
    "RabbitMQ takes turns among consumers with room; in LavinMQ whichever is quicker wins.",
    "github.com/cloudamqp/lavinmq, pull request 1992",
);
static NOT_RABBITMQ: Lesson = lesson(
    "Not RabbitMQ",
    "all AMQP brokers hand out alike",
    "AMQP 0-9-1 leaves it open who gets a message: what is said here of turns and places is RabbitMQ's rule.",
    "rabbitmq.com/docs/specification",
);
static DECISIONS_LOST: Lesson = lesson(
    "Too fast for the log",
    "",
    "The log may miss who was passed over; the books miss nothing.",
    "dispatch-lab: the broker tells its decisions through a bounded channel",
);
static FOREIGN_MESSAGES: Lesson = lesson(
    "Someone else publishes here",
    "",
    "Whoever may write to a queue can: the lab acks what is not its own and lets it go.",
    "dispatch-lab: a message that is none of the lab's has no job number",
);
static ALL_IDLE: Lesson = lesson(
    "Nothing to hand out",
    "",
    "With fewer jobs than workers every way of handing out looks fair; it takes a backlog to tell them apart.",
    "dispatch-lab: a verdict needs work",
);
static FAIR: Lesson = lesson(
    "Fair: shares follow speeds",
    "prefetch 1 forces equal turns",
    "A limit makes the broker wait for who is busy: the fast get more jobs, and counts differ on purpose.",
    "rabbitmq.com/tutorials/tutorial-two-python#fair-dispatch",
);
static NOTHING_WRONG: Lesson = lesson(
    "Nothing is wrong",
    "",
    "None of the other insights holds now. Break something: end a worker, change a setting.",
    "dispatch-lab: none of the conditions of this list holds",
);
static NOT_ENOUGH_DATA: Lesson = lesson(
    "Not enough data",
    "",
    "A few jobs prove nothing: a verdict takes 20 finished jobs and 10 s of lab time under the same settings.",
    "dispatch-lab: a verdict needs data",
);
