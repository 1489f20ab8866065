//! What a script does, and when, in words for those who watch.

use crate::lab::{
    BrokerCommand, Command, Compare, Condition, Count, Cue, CueWhen, KillKind, Producing, Snapshot, WorkerCount,
    WorkerId,
};

/// What happens at a cue, and when: `W2's socket is reset when W2 holds 5 jobs`.
pub(in crate::tui) fn cue(cue: &Cue) -> String {
    let does: Vec<String> = cue.does.iter().map(|command| does(*command)).collect();
    let does = match does.as_slice() {
        [] => "nothing yet".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    match when(cue.when) {
        Some(when) => format!("{does} {when}"),
        None => does,
    }
}

/// What a cue's condition counts, as it is now; `None`: it waits for none, or for what is there or not.
pub(in crate::tui) fn count_now(cue: &Cue, now: &Snapshot) -> Option<u32> {
    let CueWhen::When(condition) = cue.when else {
        return None;
    };
    let worker = |id: WorkerId| now.workers.iter().find(|w| w.id == id);
    Some(match condition.what {
        Count::Published => now.books.published,
        Count::Confirmed => now.producer.confirmed,
        Count::Done => now.books.done,
        Count::Lost => now.books.lost,
        Count::Twice => now.books.twice,
        Count::Redelivered => now.queue.redelivered,
        Count::Ready => now.books.waiting,
        Count::Dead => now.books.dead,
        Count::Worker(id, WorkerCount::Done) => worker(id)?.done,
        Count::Worker(id, WorkerCount::Held) => worker(id)?.tray_len + u32::from(worker(id)?.hand.is_some()),
        Count::Worker(id, WorkerCount::Tray) => worker(id)?.tray_len,
        Count::Worker(id, WorkerCount::Unacked) => worker(id)?.unacked,
        Count::Worker(id, WorkerCount::Redelivered) => worker(id)?.redelivered,
        Count::Worker(_, WorkerCount::Hand | WorkerCount::Consuming) => return None,
    })
}

fn when(moment: CueWhen) -> Option<String> {
    match moment {
        CueWhen::At(at) if at.0 == 0 => None,
        CueWhen::At(at) => Some(format!("at {at}")),
        CueWhen::After(after) if after.0 == 0 => None,
        CueWhen::After(after) => Some(format!("{} s later", seconds(after.0))),
        CueWhen::When(condition) => Some(format!("when {}", holds(condition))),
    }
}

/// Seconds, with tenths where there are any.
fn seconds(us: u64) -> String {
    let tenths = us / 100_000;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn holds(condition: Condition) -> String {
    let n = condition.than;
    let amount = amount(condition.is, n);
    match condition.what {
        Count::Published => format!("{amount} published"),
        Count::Confirmed => format!("{amount} confirmed"),
        Count::Done => format!("{amount} done"),
        Count::Lost => format!("{amount} lost"),
        Count::Twice => format!("{amount} done twice"),
        Count::Redelivered => format!("{amount} redelivered"),
        Count::Ready => format!("{amount} in the queue"),
        Count::Dead => format!("{amount} among the dead letters"),
        Count::Worker(worker, what) => of_worker(worker, what, condition),
    }
}

fn of_worker(worker: WorkerId, what: WorkerCount, condition: Condition) -> String {
    let amount = amount(condition.is, condition.than);
    match what {
        WorkerCount::Done => format!("{worker} has done {amount}"),
        WorkerCount::Held => format!("{worker} holds {amount}"),
        WorkerCount::Tray => format!("{worker} has {amount} in its tray"),
        WorkerCount::Unacked => format!("{worker} has {amount} unacked"),
        WorkerCount::Redelivered => format!("{worker} got {amount} again"),
        WorkerCount::Hand if wants_none(condition) => format!("{worker} has no job in hand"),
        WorkerCount::Hand => format!("{worker} has a job in hand"),
        WorkerCount::Consuming if wants_none(condition) => format!("{worker} is down"),
        WorkerCount::Consuming => format!("{worker} consumes"),
    }
}

/// Whether it asks for none of what is there once or not at all.
const fn wants_none(condition: Condition) -> bool {
    matches!(
        (condition.is, condition.than),
        (Compare::Equal | Compare::AtMost, 0) | (Compare::Less | Compare::Other, 1)
    )
}

fn amount(is: Compare, n: u32) -> String {
    match is {
        Compare::AtLeast | Compare::Equal => jobs(n),
        Compare::More => jobs(n.saturating_add(1)),
        Compare::AtMost => format!("at most {}", jobs(n)),
        Compare::Less => format!("fewer than {}", jobs(n)),
        Compare::Other => format!("other than {}", jobs(n)),
    }
}

fn jobs(n: u32) -> String {
    match n {
        0 => "no job".to_owned(),
        1 => "1 job".to_owned(),
        _ => format!("{n} jobs"),
    }
}

fn does(command: Command) -> String {
    match command {
        Command::Publish(1) => "1 job is published".to_owned(),
        Command::Publish(n) => format!("{n} jobs are published at once"),
        Command::PublishAtRate(n @ 0..=1) => format!("{} comes at the rate", jobs(n)),
        Command::PublishAtRate(n) => format!("{n} jobs come at the rate"),
        Command::PublishSample(n) => sample(n),
        Command::CrashTest(n) => format!("{}, the broker is killed and started", sample(n)),
        Command::Produce(Producing::On) => "the producer publishes".to_owned(),
        Command::Produce(Producing::Held) => "the producer stops".to_owned(),
        Command::Kill(worker, kind) => killed(worker, kind),
        Command::Revive(worker) => format!("{worker} comes back"),
        Command::AddWorker(speed) => format!("a worker comes, at speed {speed}"),
        Command::RemoveWorker(worker) => format!("{worker} goes"),
        Command::SetSpeed(worker, speed) => format!("{worker} works at {speed}"),
        Command::SetHabit(worker, habit) => format!("from now on, {worker} {habit}"),
        Command::SetPrefetch(prefetch) => format!("everyone subscribes again with {prefetch}"),
        Command::SetQos(prefetch) => format!("basic.qos says {prefetch}, and nobody subscribes again"),
        Command::SetAck(ack) => format!("everyone subscribes again with {ack}"),
        Command::Broker(BrokerCommand::Kill) => "the broker is killed".to_owned(),
        Command::Broker(BrokerCommand::Stop) => "the broker is stopped in good order".to_owned(),
        Command::Broker(BrokerCommand::Start) => "the broker starts".to_owned(),
        _ => setting(command),
    }
}

fn sample(n: u32) -> String {
    let are = if n > 1 { "are" } else { "is" };
    format!("{} of each kind {are} published", jobs(n))
}

fn setting(command: Command) -> String {
    match command {
        Command::SetRate(rate) => format!("the rate is {rate}"),
        Command::SetWorkload(workload) => format!("the work is {workload}"),
        Command::SetQueue(queue) => format!("the queue is {queue}"),
        Command::SetMessages(messages) => format!("the messages are {messages}"),
        Command::SetConfirms(confirms) => confirms.to_string(),
        Command::SetLine(line) => format!("the line has {line}"),
        Command::SetScale(scale) => format!("the clock runs at {scale}"),
        Command::SetVersion(version) => format!("the broker behaves as {version}"),
        _ => "the lab goes on".to_owned(),
    }
}

fn killed(worker: WorkerId, kind: KillKind) -> String {
    match kind {
        KillKind::Cancel => format!("{worker}'s consumer is cancelled"),
        KillKind::CloseChannel => format!("{worker}'s channel is closed"),
        KillKind::CloseConnection => format!("{worker}'s connection is closed"),
        KillKind::Reset => format!("{worker} is killed: its socket is reset"),
        KillKind::HalfOpen => format!("{worker}'s network falls silent"),
        KillKind::Freeze => format!("{worker} freezes"),
        KillKind::CrashBeforeAck => format!("{worker} crashes after the work, before the ack"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Hold, LabTime};

    #[test]
    fn a_cue_is_told_in_a_sentence() {
        let held = Condition {
            what: Count::Worker(WorkerId(2), WorkerCount::Held),
            is: Compare::AtLeast,
            than: 5,
        };
        let down = Condition {
            what: Count::Worker(WorkerId(1), WorkerCount::Consuming),
            is: Compare::Equal,
            than: 0,
        };
        let kill = Command::Kill(WorkerId(2), KillKind::Reset);
        for (when, does, told) in [
            (
                CueWhen::When(held),
                vec![kill],
                "W2 is killed: its socket is reset when W2 holds 5 jobs",
            ),
            (
                CueWhen::At(LabTime(0)),
                vec![Command::Publish(40)],
                "40 jobs are published at once",
            ),
            (
                CueWhen::After(LabTime(2_500_000)),
                vec![Command::Revive(WorkerId(2)), Command::Publish(1)],
                "W2 comes back and 1 job is published 2.5 s later",
            ),
            (
                CueWhen::When(down),
                vec![Command::Broker(BrokerCommand::Kill)],
                "the broker is killed when W1 is down",
            ),
            (
                CueWhen::At(LabTime(0)),
                vec![Command::PublishSample(1), Command::PublishAtRate(1)],
                "1 job of each kind is published and 1 job comes at the rate",
            ),
            (
                CueWhen::At(LabTime(0)),
                vec![Command::PublishSample(5), Command::PublishAtRate(8)],
                "5 jobs of each kind are published and 8 jobs come at the rate",
            ),
        ] {
            let told_of = cue(&Cue {
                name: "".into(),
                when,
                hold: Hold::No,
                does,
            });
            assert_eq!(told_of, told);
        }
    }
}
