//! The histories: for each insight one in which it holds, and one in which it does not.

use super::*;

type History = fn() -> Run;

/// The title of an insight, a history in which it holds, and one in which it does not.
#[rustfmt::skip]
pub(super) const ROWS: &[(&str, History, History)] = &[
    ("Lost with its worker", lost, || lost().after(31_000)),
    ("The books differ", || differs().after(3_000), || differs().after(1_000)),
    ("Unconfirmed at the end", || Run::usual().publish(3).does(away()),
        || Run::usual().publish(1).does(Happening::Confirmed(JobId(1))).does(away())),
    ("Nobody consumes", || one_left().kill(W2, KillKind::Reset).after(2_000), || one_left().after(2_000)),
    ("Frozen, and keeps its jobs", || frozen(AckMode::Manual), || frozen(AckMode::Automatic)),
    ("Waiting for heartbeats", || Run::usual().deal(1..=2, W1).is(W1, silent()), || Run::usual().is(W1, silent())),
    ("Forgotten acks", || finished().does(Happening::Forgot(W1, JobId(1))), || finished().ack(1, W1)),
    ("Requeue loop", || (0..3).fold(Run::usual(), |run, _| round(run)), || (0..2).fold(Run::usual(), |run, _| round(run))),
    ("Requeue loop", || round_together(20, 3), || round_together(20, 2)),
    ("Acked twice", || refused("406 PRECONDITION_FAILED - unknown delivery tag 3"),
        || refused("404 NOT_FOUND - no queue 'jobs'")),
    ("Redelivery storm", || died_with(10, RESET), || died_with(9, RESET)),
    ("Redelivery storm", || died_with(10, RESET), || died_with(10, Cause::BrokerEnded)),
    ("Cancelled, and still holds", cancelled, || cancelled().work(1, W1, 100).ack(1, W1)),
    ("All unacked, none ready", || Run::usual().deal(1..=10, W1).after(3_000),
        || Run::usual().deal(1..=10, W1).publish(1).after(3_000)),
    ("Prefetch has no effect", || limited(AckMode::Automatic), || limited(AckMode::Manual)),
    ("Over the new limit", || Run::usual().deal(1..=3, W1).subscribe(W1, 2), || Run::usual().deal(1..=3, W1).subscribe(W1, 3)),
    ("A limit for newcomers only", || Run::usual().subscribe(W1, 0).change(Change::Qos(Prefetch(1))),
        || Run::usual().subscribe(W1, 0).change(Change::Qos(Prefetch(1))).subscribe(W1, 1).subscribe(W2, 1)),
    ("A limit for newcomers only", || Run::usual().subscribe(W1, 0).change(Change::Qos(Prefetch(1))),
        || Run::usual().subscribe(W1, 0).change(Change::Prefetch(Prefetch(1)))),
    ("It waits for one worker", || each_its_own().kill(W1, KillKind::Reset), || each_its_own().kill(W2, KillKind::Reset)),
    ("Jobs in the other queue", || Run::usual().publish(2).change(Change::Queue(QueueKind::Transient)),
        || Run::usual().change(Change::Queue(QueueKind::Transient))),
    ("A worker starves", || piled_up().after(11_000), || piled_up().after(9_000)),
    ("A worker hoards", || piled_up().after(3_000), || piled_up().publish(1).after(3_000)),
    ("More work than workers", too_much_work, || arrivals(Rate(50))),
    ("More work than workers", || other_sizes(Sizes::Equal), || other_sizes(Sizes::Instant)),
    ("Equal counts, unequal work", || turns(5), || turns(1)),
    ("Behind a heavy job", behind_a_heavy_job, || heavy(3)),
    ("Prefetch 1 over a slow line", || slow_line(50), || slow_line(0)),
    ("Durable queue, transient jobs", || Run::new(|s| s.messages = Delivery::Transient), || Run::new(|s| {
        s.messages = Delivery::Transient;
        s.queue_type = QueueType::Quorum(DeliveryLimit(0));
    })),
    ("Durable queue, transient jobs", || Run::new(|s| s.messages = Delivery::Transient), Run::usual),
    ("Persistent in transient queue", || Run::new(|s| s.queue = QueueKind::Transient), Run::usual),
    ("Persistent, not confirmed", || Run::new(|s| s.confirms = Confirms::Off), Run::usual),
    ("No queue took it", || Run::usual().publish(1).does(Happening::Returned(JobId(1))), || Run::usual().publish(1)),
    ("Done twice", done_twice, || given_back().hand(1, W2, 2, true).begin(1, W2)),
    ("Refused for good", || finished().does(rejected(Requeue::No)), || finished().does(rejected(Requeue::Yes))),
    ("Over the delivery limit", || Run::usual().publish(1).does(Happening::Buried(JobId(1), Burial::DeliveryLimit)),
        || Run::usual().publish(1).does(Happening::Buried(JobId(1), Burial::Rejected))),
    ("Back to its old place", overtakes, || overtakes().after(11_000)),
    ("Back to its old place", overtakes, || given_back_before_another(QueueType::Quorum(DeliveryLimit(0)))),
    ("Back to its old place", || given_back_before_another(QueueType::Classic), given_back),
    ("Back to its old place", overtakes, given_back),
    ("Back to its old place", || died_with(1, RESET).publish(1).back(1..=1, W1, RESET),
        || died_with(1, Cause::BrokerEnded).publish(1).back(1..=1, W1, Cause::BrokerEnded)),
    ("Redelivered, not done before", || flagged(5), || flagged(4)),
    ("Finished out of order", || pairs([2, 1]), || pairs([1, 2])),
    ("Another kind of broker", || Run::on("LavinMQ 2.1.0 at localhost:5672", Settings::default()), Run::usual),
    ("Not RabbitMQ", || Run::on("Qpid 9.0 at localhost:5672", Settings::default()),
        || Run::on("RabbitMQ 3.10.8 at localhost:5672", Settings::default())),
    ("Too fast for the log", || Run::usual().does(Happening::DecisionsLost(3)), Run::usual),
    ("Someone else publishes here", || Run::usual().does(Happening::Foreign(W1)), Run::usual),
    ("Nothing to hand out", || Run::usual().after(3_000), || Run::usual().after(1_000)),
    ("Fair: shares follow speeds", fair, || evenly(Prefetch(0))),
    ("Nothing is wrong", || evenly(Prefetch(0)), fair),
    ("Not enough data", || Run::usual().deal(1..=1, W1).begin(1, W1), || evenly(Prefetch(0))),
];

pub(super) fn lost() -> Run {
    let run = Run::new(|s| s.ack = AckMode::Automatic).deal(1..=4, W1);
    loses(run.kill(W1, KillKind::Reset), &[1, 2, 3])
}

pub(super) fn loses(run: Run, jobs: &[u32]) -> Run {
    run.does(Happening::Lost {
        jobs: jobs.iter().copied().map(JobId).collect(),
        from: Some(W1),
        why: RESET,
    })
}

fn differs() -> Run {
    let says = BrokerSays {
        durable: QueueSays {
            ready: Figure::Exact(2),
            unacked: Figure::Exact(0),
            consumers: Figure::Unknown,
        },
        ..BrokerSays::default()
    };
    Run::usual().does(Happening::BrokerSays(Box::new(says)))
}

fn away() -> Happening {
    Happening::BrokerDown("connection refused".into())
}

fn one_left() -> Run {
    Run::usual().publish(2).kill(W1, KillKind::CloseConnection)
}

fn frozen(ack: AckMode) -> Run {
    Run::new(|s| s.ack = ack).deal(1..=2, W1).kill(W1, KillKind::Freeze)
}

fn silent() -> WorkerState {
    WorkerState::Silent(Elapsed(0), Heartbeat(2))
}

/// One job is done, and the broker waits for a word.
fn finished() -> Run {
    Run::usual().deal(1..=1, W1).work(1, W1, 2_000)
}

fn rejected(requeue: Requeue) -> Happening {
    Happening::Rejected(W1, JobId(1), requeue)
}

/// Redelivered, and given back again.
fn round(run: Run) -> Run {
    run.hand(1, W1, 1, true).after(1_000).back(1..=1, W1, Cause::Requeued)
}

/// So many jobs go round one after the other, that many times.
fn round_together(jobs: u32, times: u32) -> Run {
    (0..times).fold(Run::usual(), |run, _| {
        (1..=jobs).fold(run, |run, job| {
            run.hand(job, W1, 1, true)
                .after(500)
                .back(job..=job, W1, Cause::Requeued)
        })
    })
}

fn refused(text: &str) -> Run {
    Run::usual().does(Happening::Broke(W1, Breakage::Refused(text.into())))
}

const RESET: Cause = Cause::Killed(KillKind::Reset);

fn died_with(jobs: u32, why: Cause) -> Run {
    let run = Run::usual().deal(1..=jobs, W1).kill(W1, KillKind::Reset);
    run.back(1..=jobs, W1, why)
}

/// Each worker has a queue of its own; its copy of the first message is with W2, that of W1 waits.
fn each_its_own() -> Run {
    Run::new(|s| s.sharing = Sharing::QueueEach)
        .publish(2)
        .hand(2, W2, 1, false)
}

fn given_back_before_another(queue_type: QueueType) -> Run {
    let run = Run::new(|s| s.queue_type = queue_type).deal(1..=1, W1).publish(1);
    run.back(1..=1, W1, Cause::Requeued)
}

fn cancelled() -> Run {
    Run::usual().deal(1..=1, W1).kill(W1, KillKind::Cancel)
}

fn limited(ack: AckMode) -> Run {
    Run::new(|s| {
        s.ack = ack;
        s.prefetch = Prefetch(5);
    })
}

/// W1 works on one job and has two more in its tray; W2 has nothing.
fn piled_up() -> Run {
    Run::usual().deal(1..=3, W1).begin(1, W1)
}

/// Two dots a job, at that rate; both workers together do two dots a second.
fn arrivals(rate: Rate) -> Run {
    let run = Run::new(|s| {
        s.rate = rate;
        s.workload.sizes = Sizes::Equal;
    });
    run.deal(1..=20, W1).begin(1, W1).after(4_000)
}

/// Twenty jobs of two dots wait when the sizes change; then they reach a worker, and twenty jobs of the new sizes come.
fn other_sizes(sizes: Sizes) -> Run {
    let run = Run::new(|s| {
        s.rate = Rate(300);
        s.workload.sizes = Sizes::Equal;
    });
    let workload = Workload {
        sizes,
        ..run.ledger.settings().workload
    };
    let run = run.publish(20).change(Change::Workload(workload));
    run.deal(1..=20, W1).publish(20).begin(1, W1).after(4_000)
}

pub(super) fn too_much_work() -> Run {
    arrivals(Rate(300))
}

/// Six jobs each, in turns; those of W1 have that many dots.
fn turns(dots: u32) -> Run {
    (0..6).fold(Run::usual(), |run, turn| {
        run.hand(2 * turn + 1, W1, dots, false).hand(2 * turn + 2, W2, 1, false)
    })
}

fn heavy(dots: u32) -> Run {
    let run = Run::usual().hand(1, W1, dots, false).deal(2..=3, W1);
    run.begin(1, W1).after(1_500)
}

pub(super) fn behind_a_heavy_job() -> Run {
    heavy(10)
}

/// Prefetch 1, jobs of no work, and a line that delays each way by that many milliseconds.
fn slow_line(latency: u16) -> Run {
    let run = Run::new(|s| {
        s.prefetch = Prefetch(1);
        s.line = LineQuality {
            latency: Latency(latency),
            ..LineQuality::default()
        };
    });
    let done = (1..=20).fold(run, |run, job| {
        run.hand(job, W1, 0, false).work(job, W1, 0).ack(job, W1)
    });
    done.publish(1).after(3_000)
}

/// Done by W1, which crashed before the ack.
fn given_back() -> Run {
    let run = Run::usual().deal(1..=1, W1).work(1, W1, 2_000);
    let run = run.kill(W1, KillKind::CrashBeforeAck);
    run.back(1..=1, W1, Cause::Killed(KillKind::CrashBeforeAck))
}

/// The same while a newer job waits.
fn overtakes() -> Run {
    let run = Run::usual().deal(1..=1, W1).publish(1).kill(W1, KillKind::Reset);
    run.back(1..=1, W1, RESET)
}

pub(super) fn done_twice() -> Run {
    given_back().hand(1, W2, 2, true).work(1, W2, 2_000)
}

fn flagged(jobs: u32) -> Run {
    (1..=jobs).fold(Run::usual(), |run, job| run.hand(job, W1, 1, true))
}

/// Five pairs of jobs, W1 on the odd one and W2 on the even one, finished in that order.
fn pairs(order: [u32; 2]) -> Run {
    let by = |job: u32| if job == 1 { W1 } else { W2 };
    (0..5).fold(Run::usual(), |run, pair| {
        let run = run
            .deal(2 * pair + 1..=2 * pair + 1, W1)
            .deal(2 * pair + 2..=2 * pair + 2, W2);
        let run = run.begin(2 * pair + 1, W1).begin(2 * pair + 2, W2);
        order.into_iter().fold(run, |run, job| {
            let number = 2 * pair + job;
            run.after(1_000).finish(number, by(job)).ack(number, by(job))
        })
    })
}

/// Both work all the time, on jobs of the same size; ten each are done.
fn evenly(prefetch: Prefetch) -> Run {
    let run = Run::new(|s| s.prefetch = prefetch).deal(1..=1, W1).deal(2..=2, W2);
    let run = run.begin(1, W1).begin(2, W2);
    let done = (0..11).fold(run, |run, pair| {
        let (odd, even) = (2 * pair + 1, 2 * pair + 2);
        let run = run
            .after(2_000)
            .finish(odd, W1)
            .ack(odd, W1)
            .finish(even, W2)
            .ack(even, W2);
        let run = run.deal(odd + 2..=odd + 2, W1).deal(even + 2..=even + 2, W2);
        run.begin(odd + 2, W1).begin(even + 2, W2)
    });
    done.after(500)
}

pub(super) fn fair() -> Run {
    evenly(Prefetch(1))
}
