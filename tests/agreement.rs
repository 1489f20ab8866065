//! The same scripts simulated and played on the embedded broker: each job fares the same, with the same workers, wherever
//! RabbitMQ determines that. What is left to timing is arranged so that much time lies between.

use dispatch_lab::engine::{Engine, Options, Target};
use dispatch_lab::lab::{
    AckMode, Arrivals, BrokerCommand, Command, Compare, Condition, Confirms, Count, Cue, CueWhen, DeliveryLimit, End,
    Event, Habit, Happening, Heartbeat, Hold, KillKind, LabTime, Over, Prefetch, QueueType, Script, Settings, Sharing,
    Sizes, Speed, TimeScale, Version, WorkerCount, WorkerId, Workload,
};
use dispatch_lab::sim::{self, Run, Telling};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::mpsc;

/// A run that has not ended by then has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Batches of events on their way; when it is full, the engine keeps what comes.
const BATCHES: usize = 64;

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);

/// What became of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Fate {
    /// To whom it was delivered, in that order.
    delivered: Vec<WorkerId>,
    /// How often with the flag.
    redelivered: u32,
    finished: Vec<WorkerId>,
    lost: bool,
    dead: bool,
}

type Fates = BTreeMap<u32, Fate>;

fn fates(events: &[Event]) -> Fates {
    let mut fates = Fates::new();
    for event in events {
        match &event.what {
            Happening::Published(p) => {
                fates.insert(p.job.0, Fate::default());
            }
            Happening::Delivered(worker, d) => {
                let fate = fates.entry(d.job.0).or_default();
                fate.delivered.push(*worker);
                fate.redelivered += u32::from(d.redelivered);
            }
            Happening::Finished(worker, job) => fates.entry(job.0).or_default().finished.push(*worker),
            Happening::DeadLettered(_, job) | Happening::Buried(job, _) => fates.entry(job.0).or_default().dead = true,
            Happening::Lost { jobs, .. } => {
                for job in jobs.iter() {
                    fates.entry(job.0).or_default().lost = true;
                }
            }
            _ => {}
        }
    }
    fates
}

fn simulated(run: &Run) -> Fates {
    let mut events = Vec::new();
    let ran = sim::run(run, &mut |event| events.push(event.clone()), &AtomicBool::new(false));
    assert_eq!(ran.over, Some(Over::Reached), "the simulation ends as written");
    fates(&events)
}

async fn live(run: &Run) -> Fates {
    let (listener, mut told) = mpsc::channel(BATCHES);
    let options = Options {
        target: Target::Embedded,
        settings: run.settings.clone(),
        version: run.version,
        script: Some(Arc::clone(&run.script)),
    };
    let engine = Engine::start_recorded(options, listener).await.expect("it starts");
    let mut events: Vec<Event> = Vec::new();
    let over = |events: &[Event]| {
        events.iter().find_map(|event| match event.what {
            Happening::Over(over) => Some(over),
            _ => None,
        })
    };
    let all = async {
        while over(&events).is_none() {
            events.extend(told.recv().await.expect("the engine runs"));
        }
    };
    tokio::time::timeout(PATIENCE, all)
        .await
        .expect("the script ends in time");
    assert_eq!(over(&events), Some(Over::Reached), "as written");
    drop(told);
    engine.shutdown().await.expect("nothing is left behind");
    fates(&events)
}

async fn agree(run: Run) -> Fates {
    let (simulated, live) = (simulated(&run), live(&run).await);
    assert_eq!(simulated, live, "simulated on the left, live on the right");
    live
}

/// Two workers, odd jobs half a second of lab time and even ones a tenth, ten times as fast as life.
fn settings(prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(10_000); 2],
        prefetch: Prefetch(prefetch),
        workload: Workload {
            sizes: Sizes::OddHeavy,
            arrivals: Arrivals::Regular,
        },
        confirms: Confirms::On,
        heartbeat: Heartbeat(2),
        scale: TimeScale(10_000),
        ..Settings::default()
    }
}

fn cue(when: CueWhen, does: Vec<Command>) -> Cue {
    Cue {
        name: "".into(),
        when,
        hold: Hold::No,
        does,
    }
}

fn at_once(does: Vec<Command>) -> Cue {
    cue(CueWhen::At(LabTime(0)), does)
}

fn when_done(id: WorkerId, jobs: u32, does: Vec<Command>) -> Cue {
    let condition = Condition {
        what: Count::Worker(id, WorkerCount::Done),
        is: Compare::AtLeast,
        than: jobs,
    };
    cue(CueWhen::When(condition), does)
}

fn run(settings: Settings, cues: Vec<Cue>) -> Run {
    Run {
        settings,
        version: Version::default(),
        script: Arc::new(Script {
            cues,
            end: End::Settled,
            limit: LabTime(500_000_000),
        }),
        telling: Telling::All,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn round_robin() {
    let settings = Settings {
        speeds: vec![Speed(10_000); 3],
        ..settings(0)
    };
    let fates = agree(run(settings, vec![at_once(vec![Command::Publish(30)])])).await;
    assert_eq!(fates[&4].delivered, [W1], "in turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn automatic_acks() {
    let settings = Settings {
        ack: AckMode::Automatic,
        ..settings(1)
    };
    let kill = vec![Command::Kill(W2, KillKind::Reset)];
    let cues = vec![at_once(vec![Command::Publish(20)]), when_done(W2, 3, kill)];
    let fates = agree(run(settings, cues)).await;
    assert_eq!(fates.values().filter(|fate| fate.lost).count(), 7);
}

/// Timing decides who is free first: in this run at least 70 ms of real time lie between two ends of work.
#[tokio::test(flavor = "multi_thread")]
async fn fair_dispatch_with_distinct_durations() {
    let settings = Settings {
        speeds: vec![Speed(1_000), Speed(630)],
        ..settings(1)
    };
    agree(run(settings, vec![at_once(vec![Command::Publish(12)])])).await;
}

/// The second worker dies when it has done two of its five; what it does with the third differs by the kind of end.
#[tokio::test(flavor = "multi_thread")]
async fn kills_of_each_kind_at_a_condition() {
    for kind in [
        KillKind::Cancel,
        KillKind::CloseChannel,
        KillKind::CloseConnection,
        KillKind::Reset,
        KillKind::CrashBeforeAck,
        KillKind::HalfOpen,
    ] {
        for ack in [AckMode::Manual, AckMode::Automatic] {
            let settings = Settings { ack, ..settings(0) };
            let kill = vec![Command::Kill(W2, kind)];
            let cues = vec![at_once(vec![Command::Publish(10)]), when_done(W2, 2, kill)];
            println!("{kind:?} {ack:?}");
            agree(run(settings, cues)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_and_revived() {
    let kill = vec![Command::Kill(W2, KillKind::Freeze)];
    let revive = vec![Command::Revive(W2)];
    let cues = vec![
        at_once(vec![Command::Publish(10)]),
        when_done(W2, 2, kill),
        cue(CueWhen::After(LabTime(5_000_000)), revive),
    ];
    agree(run(settings(0), cues)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_revived() {
    let kill = vec![Command::Kill(W2, KillKind::Reset)];
    let cues = vec![
        at_once(vec![Command::Publish(10)]),
        when_done(W2, 2, kill),
        cue(CueWhen::After(LabTime(10_000_000)), vec![Command::Revive(W2)]),
        cue(CueWhen::After(LabTime(10_000_000)), vec![Command::Publish(4)]),
    ];
    agree(run(settings(0), cues)).await;
}

/// Whatever is given back goes to who is next in the ring, and acks do not change the ring. A worker whose channel was
/// closed comes again after a quarter of a second, long after all others have done what they have.
#[tokio::test(flavor = "multi_thread")]
async fn habits() {
    for habit in [Habit::Requeues, Habit::Rejects, Habit::AcksTwice] {
        let cues = vec![at_once(vec![Command::SetHabit(W1, habit), Command::Publish(6)])];
        println!("{habit:?}");
        agree(run(settings(0), cues)).await;
    }
}

/// One worker, so that nothing is left to timing: each job comes to it three times, and then dies.
#[tokio::test(flavor = "multi_thread")]
async fn quorum_queue_with_a_delivery_limit() {
    let settings = Settings {
        queue_type: QueueType::Quorum(DeliveryLimit(2)),
        speeds: vec![Speed(10_000)],
        ..settings(1)
    };
    let habit = Command::SetHabit(W1, Habit::Requeues);
    let fates = agree(run(settings, vec![at_once(vec![habit, Command::Publish(3)])])).await;
    assert!(
        fates.values().all(|fate| fate.dead && fate.delivered.len() == 3),
        "{fates:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queue_for_each_worker() {
    let settings = Settings {
        sharing: Sharing::QueueEach,
        ..settings(0)
    };
    let kill = vec![Command::Kill(W2, KillKind::Reset)];
    let revive = cue(CueWhen::After(LabTime(5_000_000)), vec![Command::Revive(W2)]);
    let cues = vec![at_once(vec![Command::Publish(8)]), when_done(W2, 2, kill), revive];
    let fates = agree(run(settings, cues)).await;
    assert_eq!(fates.len(), 16, "a copy for each");
}

/// The broker ends long after the last ack, so that its disk has it.
#[tokio::test(flavor = "multi_thread")]
async fn ends_of_the_broker() {
    for how in [BrokerCommand::Kill, BrokerCommand::Stop] {
        let settings = Settings {
            speeds: vec![Speed(1_000); 2],
            ..settings(0)
        };
        let end = vec![Command::Broker(how)];
        let start = vec![Command::Broker(BrokerCommand::Start)];
        let cues = vec![
            at_once(vec![Command::Publish(6)]),
            cue(CueWhen::At(LabTime(8_000_000)), end),
            cue(CueWhen::After(LabTime(8_000_000)), start),
        ];
        println!("{how:?}");
        agree(run(settings, cues)).await;
    }
}
