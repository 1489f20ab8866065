//! How each word of the lab's vocabulary is written. A new variant or field is one more word here; the numbers of
//! variants stand in recordings and never change their meaning.

use super::super::command::{BrokerCommand, KillKind, Producing};
use super::super::event::{Breakage, Burial, Cause, Change, Happening, Published, Requeue};
use super::super::ids::{DeliveryTag, Elapsed, JobId, LabTime, WorkerId};
use super::super::matrix::Knowledge;
use super::super::script::Over;
use super::super::settings::{
    AckMode, Arrivals, Bandwidth, Confirms, Delivery, DeliveryLimit, Habit, Heartbeat, Latency, LineQuality, Prefetch,
    QueueKind, QueueType, Rate, Seed, Settings, Sharing, Sizes, Speed, TimeScale, Version, Workload,
};
use super::super::snapshot::{BrokerRow, BrokerState, Control, Pace};
use super::super::wire::{RefusedSetting, Subscription};
use super::bytes::{Code, Reader, Variants, Writer, code_enum, code_newtypes, code_struct};

code_newtypes!(
    Elapsed,
    LabTime,
    Speed,
    Prefetch,
    Rate,
    Seed,
    TimeScale,
    Latency,
    Bandwidth,
    Heartbeat,
    DeliveryLimit,
);

code_struct!(Workload { sizes, arrivals });
code_struct!(LineQuality { latency, bandwidth });
code_struct!(Subscription { queue, prefetch, ack });
code_struct!(BrokerRow {
    name,
    state,
    control,
    version
});
code_struct!(Settings {
    speeds,
    prefetch,
    ack,
    queue,
    messages,
    confirms,
    rate,
    workload,
    seed,
    scale,
    line,
    heartbeat,
    queue_type,
    sharing
});

code_enum!(AckMode { 0 Manual, 1 Automatic });
code_enum!(QueueKind { 0 Durable, 1 Transient });
code_enum!(QueueType { 0 Classic, 1 Quorum(limit) });
code_enum!(Sharing { 0 OneQueue, 1 QueueEach });
code_enum!(Delivery { 0 Persistent, 1 Transient });
code_enum!(Confirms { 0 Off, 1 On });
code_enum!(Sizes { 0 Equal, 1 OddHeavy, 2 Random, 3 HeavyTail, 4 Instant });
code_enum!(Arrivals { 0 Regular, 1 Poisson, 2 Bursty });
code_enum!(Habit { 0 Acks, 1 Forgets, 2 Requeues, 3 Rejects, 4 AcksTwice });
code_enum!(Version { 0 V3_10, 1 V4_0, 2 V4_3 });
code_enum!(KillKind {
    0 Cancel, 1 CloseChannel, 2 CloseConnection, 3 Reset, 4 HalfOpen, 5 Freeze, 6 CrashBeforeAck
});
code_enum!(BrokerCommand { 0 Kill, 1 Stop, 2 Start });
code_enum!(Producing { 0 Held, 1 On });
code_enum!(Pace { 0 Running, 1 Paused });
code_enum!(Over { 0 Reached, 1 OutOfTime });
code_enum!(Requeue { 0 No, 1 Yes });
code_enum!(Knowledge { 0 Exact, 1 Estimated, 2 Unknown });
code_enum!(BrokerState { 0 Up, 1 Ended, 2 Away(why) });
code_enum!(RefusedSetting { 0 Queue(kind) });
code_enum!(Burial { 0 DeliveryLimit, 1 Rejected, 2 Other });
code_enum!(Breakage { 0 Lost(why), 1 Refused(text), 2 Cancelled });
code_enum!(Cause {
    0 Killed(kind), 1 Removed, 2 ConnectionLost, 3 Requeued, 4 BrokerTransientQueue, 5 BrokerTransientMessage,
    6 BrokerNeverHad, 7 BrokerEnded, 8 TakenByOthers
});
code_enum!(Change {
    0 Prefetch(limit), 1 Ack(mode), 2 Queue(kind), 3 Messages(delivery), 4 Confirms(confirms), 5 Rate(rate),
    6 Workload(workload), 7 Speed(worker, speed), 8 Scale(scale), 9 Line(line), 10 Habit(worker, habit),
    11 Producing(producing), 12 Pace(pace), 13 Version(version), 14 Qos(limit)
});
// Numbers up to 63: the two bits above say how the times are written.
code_enum!(Happening {
    0 Started, 1 ProducerUp, 2 ProducerDown(why), 3 Published(job), 4 Confirmed(job), 5 Nacked(job), 6 Returned(job),
    7 Burst(n), 8 Sample(n), 9 Dispatched { job, to, ack, passed_over }, 10 Delivered(worker, delivered),
    11 Begun(worker, job), 12 Finished(worker, job), 13 Acked(worker, job), 14 Forgot(worker, job),
    15 Rejected(worker, job, requeue), 16 DeadLettered(worker, job), 17 WentBack { jobs, from, why },
    18 Lost { jobs, from, why }, 19 StillThere(jobs), 20 Added(worker, speed), 21 Removed(worker),
    22 Starting(worker), 23 Subscribed(worker, subscription), 24 Revived(worker), 25 Doomed(worker),
    26 Killed(worker, kind), 27 Broke(worker, how), 28 Waiting(worker), 29 Changed(change), 30 Declined(why),
    31 Refused(what, why), 32 Stepped(to), 33 Slipped(by), 34 BrokerAsked(command), 35 BrokerDown(why),
    36 BrokerStartFailed(why), 37 BrokerUp(known), 38 BrokerSays(says), 39 DecisionsLost(n), 40 Foreign(worker),
    41 Reset(speeds), 42 GaveUp(worker), 43 Cued(cue), 44 Over(why),
    45 Buried(job, why), 46 BrokerEndFailed(why), 47 GuestCame(worker, name)
});

/// Why a broker is not the lab's, as far as it is known how to say it.
const NOT_OURS: [&str; 2] = ["it is not the lab's own", "this is a recording"];

impl Code for Control {
    fn put(&self, to: &mut Writer) {
        match self {
            Self::Owned => to.byte(0),
            Self::NotOurs(why) => {
                to.byte(1);
                to.text(why);
            }
            Self::ByCommand => to.byte(2),
        }
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(Self::Owned),
            1 => {
                let why = from.text()?;
                let known = NOT_OURS.iter().find(|known| **known == why);
                Some(Self::NotOurs(known.unwrap_or(&NOT_OURS[0])))
            }
            2 => Some(Self::ByCommand),
            _ => None,
        }
    }
}

impl Code for Published {
    fn put(&self, to: &mut Writer) {
        let flags = [self.queue.number(), self.delivery.number(), self.confirms.number()];
        to.byte(flags[0] | flags[1] << 1 | flags[2] << 2);
        self.job.put(to);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let flags = from.byte()?;
        Some(Self {
            queue: QueueKind::get_fields(flags & 1, from)?,
            delivery: Delivery::get_fields(flags >> 1 & 1, from)?,
            confirms: Confirms::get_fields(flags >> 2, from)?,
            job: JobId::get(from)?,
        })
    }
}

impl Code for DeliveryTag {
    fn put(&self, to: &mut Writer) {
        let worker = to.context.worker;
        let last = std::mem::replace(to.context.tag(worker), self.0);
        to.signed(self.0.wrapping_sub(last).cast_signed());
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let worker = from.context.worker;
        let distance = from.signed()?.cast_unsigned();
        let tag = from.context.tag(worker);
        *tag = tag.wrapping_add(distance);
        Some(Self(*tag))
    }
}

impl Code for WorkerId {
    /// The jobs that follow are near to that worker's last one.
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
        to.context.of(self.0);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let worker = u16::get(from)?;
        from.context.of(worker);
        Some(Self(worker))
    }
}

impl Code for Option<WorkerId> {
    fn put(&self, to: &mut Writer) {
        to.number(self.map_or(0, |worker| u64::from(worker.0) + 1));
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        match from.number()?.checked_sub(1) {
            None => Some(None),
            Some(worker) => u16::try_from(worker).ok().map(|worker| Some(WorkerId(worker))),
        }
    }
}

impl Code for Option<Version> {
    fn put(&self, to: &mut Writer) {
        to.byte(self.map_or(0, |version| version.number() + 1));
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()?.checked_sub(1) {
            None => Some(None),
            Some(number) => Version::get_fields(number, from).map(Some),
        }
    }
}
