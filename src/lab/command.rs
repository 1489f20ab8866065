//! What a person asks for. A command changes nothing by itself: the events that it leads to do.

use super::ids::WorkerId;
use super::settings::{
    AckMode, Confirms, Delivery, Habit, LineQuality, Prefetch, QueueKind, Rate, Speed, TimeScale, Version, Workload,
};

/// One wish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Publish that many jobs at once.
    Publish(u32),
    /// Publish that many jobs at the rate, then hold.
    PublishAtRate(u32),
    /// Publish that many jobs, at most [`SAMPLE_MAX`], of each kind: to the durable and to the transient queue,
    /// persistent and transient, all with confirms.
    PublishSample(u32),
    /// The same, then kill the broker, and start it again.
    CrashTest(u32),
    /// Let the producer publish at its rate, or hold it.
    Produce(Producing),
    /// Jobs a second.
    SetRate(Rate),
    /// What the jobs are like, from the next one on.
    SetWorkload(Workload),
    /// Re-subscribe every worker with this prefetch.
    SetPrefetch(Prefetch),
    /// `basic.qos` on every worker's channel, and nothing else: only consumers that start after it have it.
    SetQos(Prefetch),
    /// Re-subscribe every worker in this mode.
    SetAck(AckMode),
    /// Publish to, and consume from, the other queue.
    SetQueue(QueueKind),
    /// `delivery_mode` from the next job on.
    SetMessages(Delivery),
    /// Reopen the producer's channel with or without confirms.
    SetConfirms(Confirms),
    /// One more worker, at this speed.
    AddWorker(Speed),
    /// Close a worker's connection and forget the worker.
    RemoveWorker(WorkerId),
    /// Also in the middle of a job.
    SetSpeed(WorkerId, Speed),
    /// End a worker in one of several ways.
    Kill(WorkerId, KillKind),
    /// Bring it back.
    Revive(WorkerId),
    /// End or start the broker, where the lab owns it.
    Broker(BrokerCommand),
    /// The broker that the lab owns behaves as this RabbitMQ: it is stopped in good order and started again.
    SetVersion(Version),
    /// Stop the lab clock.
    Pause,
    /// Let it run.
    Resume,
    /// While paused: jump to the next thing that is due (a publication or a finished job) and do just that.
    Step,
    /// How fast the lab clock runs.
    SetScale(TimeScale),
    /// What lies between every worker and the broker, at once.
    SetLine(LineQuality),
    /// What a worker does after the work, from the job in hand on.
    SetHabit(WorkerId, Habit),
    /// Back to zero with the same seed and the settings as they are now.
    Reset,
}

/// The most jobs of each kind in one sample.
pub const SAMPLE_MAX: u32 = 100;

/// Whether the producer publishes at its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Producing {
    /// It does.
    On,
    /// Only on command.
    Held,
}

/// The ways a worker ends; each teaches something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillKind {
    /// `basic.cancel`: no more deliveries; what it holds stays with it, and it works that off.
    Cancel,
    /// `channel.close`: what it holds goes back; the connection lives.
    CloseChannel,
    /// `connection.close`: the same, and the connection is gone.
    CloseConnection,
    /// TCP reset: no goodbye.
    Reset,
    /// The network swallows everything, both ways, and tells nobody: only heartbeats find out.
    HalfOpen,
    /// Alive, heartbeats go on, never works and never acks again.
    Freeze,
    /// The job in hand is done, then the socket is reset before the ack: it will be done twice.
    CrashBeforeAck,
}

impl KillKind {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Cancel,
        Self::CloseChannel,
        Self::CloseConnection,
        Self::Reset,
        Self::HalfOpen,
        Self::Freeze,
        Self::CrashBeforeAck,
    ];
}

/// What can be done to a broker that the lab owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BrokerCommand {
    /// At once, as by `kill -9`.
    Kill,
    /// In good order.
    Stop,
    /// Again, with what survived.
    Start,
}
