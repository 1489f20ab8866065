//! The lines of a comparison's set-up: what each says, and what its keys turn it to.

use crate::lab::{
    AckMode, Blow, BlowKind, Confirms, Delivery, Feed, KillKind, LabTime, Latency, Plan, Prefetch, QueueKind, Rate,
    Settings, Side, Sizes, Speed, TimeScale, WorkerId,
};
use crate::tui::steps::Way;

/// A line of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Knob {
    Prefetch,
    Ack,
    Queue,
    Messages,
    Confirms,
    Latency,
    Workers,
    Work,
    Jobs,
    Feed,
    Death,
    Clock,
}

/// Whose a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Reach {
    /// Each side has its own.
    Side,
    /// Both have the same, lest it were no comparison.
    Both,
}

const PREFETCHES: [Prefetch; 8] = [
    Prefetch(0),
    Prefetch(1),
    Prefetch(2),
    Prefetch(5),
    Prefetch(10),
    Prefetch(20),
    Prefetch(50),
    Prefetch(250),
];
const ACKS: [AckMode; 2] = [AckMode::Manual, AckMode::Automatic];
const MESSAGES: [Delivery; 2] = [Delivery::Persistent, Delivery::Transient];
const CONFIRMS: [Confirms; 2] = [Confirms::Off, Confirms::On];
const LATENCIES: [Latency; 6] = [
    Latency(0),
    Latency(5),
    Latency(20),
    Latency(50),
    Latency(100),
    Latency(200),
];
const CREWS: [&[u32]; 7] = [
    &[1000],
    &[1000, 1000],
    &[500, 2000],
    &[1000, 1000, 1000],
    &[1000, 500, 2000],
    &[1000; 4],
    &[1000; 8],
];
const JOBS: [u32; 7] = [10, 20, 40, 100, 200, 500, 1000];
/// Jobs in 100 seconds; `None`: all at once.
const FEEDS: [Option<u32>; 7] = [None, Some(50), Some(100), Some(150), Some(200), Some(500), Some(2_000)];
/// How W2 dies, if it does.
const DEATHS: [Option<KillKind>; 4] = [
    None,
    Some(KillKind::Reset),
    Some(KillKind::CrashBeforeAck),
    Some(KillKind::CloseConnection),
];
const SCALES: [u32; 5] = [500, 1_000, 2_000, 4_000, 10_000];

/// When W2 dies, and when it comes back, in seconds of the lab clock.
const GONE: (u64, u64) = (8, 16);

impl Knob {
    pub(in crate::tui) const ALL: [Self; 12] = [
        Self::Prefetch,
        Self::Ack,
        Self::Queue,
        Self::Messages,
        Self::Confirms,
        Self::Latency,
        Self::Workers,
        Self::Work,
        Self::Jobs,
        Self::Feed,
        Self::Death,
        Self::Clock,
    ];

    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            Self::Prefetch => "prefetch",
            Self::Ack => "acks",
            Self::Queue => "queue",
            Self::Messages => "messages",
            Self::Confirms => "confirms",
            Self::Latency => "latency",
            Self::Workers => "workers",
            Self::Work => "work",
            Self::Jobs => "jobs",
            Self::Feed => "they come",
            Self::Death => "a death",
            Self::Clock => "lab clock",
        }
    }

    pub(in crate::tui) const fn reach(self) -> Reach {
        match self {
            Self::Prefetch | Self::Ack | Self::Queue | Self::Messages | Self::Confirms | Self::Latency => Reach::Side,
            Self::Workers | Self::Work | Self::Jobs | Self::Feed | Self::Death | Self::Clock => Reach::Both,
        }
    }

    /// What a plan says in this line.
    pub(in crate::tui) fn value(self, plan: &Plan, side: Side) -> String {
        let settings = &plan.sides[side.slot()];
        match self {
            Self::Prefetch if settings.prefetch.0 == 0 => "0 (no limit)".to_owned(),
            Self::Prefetch => settings.prefetch.0.to_string(),
            Self::Ack => settings.ack.to_string(),
            Self::Queue => settings.queue.to_string(),
            Self::Messages => settings.messages.to_string(),
            Self::Confirms => match settings.confirms {
                Confirms::On => "on".to_owned(),
                Confirms::Off => "off".to_owned(),
            },
            Self::Latency => settings.line.to_string(),
            Self::Workers => crew(&settings.speeds),
            Self::Work => format!("{}, {}", settings.workload.sizes, settings.seed),
            Self::Jobs => plan.jobs.to_string(),
            Self::Feed => match plan.feed {
                Feed::AtOnce => "all at once".to_owned(),
                Feed::AtRate => format!("{}, {}", settings.rate, settings.workload.arrivals),
            },
            Self::Death => death(&plan.blows),
            Self::Clock => plan.scale().to_string(),
        }
    }

    /// The line above or below, where there is one.
    pub(in crate::tui) fn neighbour(self, way: Way) -> Self {
        let place = self as usize;
        let place = match way {
            Way::Up => place.saturating_sub(1),
            Way::Down => (place + 1).min(Self::ALL.len() - 1),
        };
        Self::ALL[place]
    }

    /// The next value, or the one before; round and round.
    pub(in crate::tui) fn turn(self, plan: &mut Plan, side: Side, way: Way) {
        let side = match self.reach() {
            Reach::Side => side,
            Reach::Both => Side::A,
        };
        let settings = &mut plan.sides[side.slot()];
        match self {
            Self::Prefetch => turn(&PREFETCHES, &mut settings.prefetch, way),
            Self::Ack => turn(&ACKS, &mut settings.ack, way),
            Self::Queue => turn(&QueueKind::ALL, &mut settings.queue, way),
            Self::Messages => turn(&MESSAGES, &mut settings.messages, way),
            Self::Confirms => turn(&CONFIRMS, &mut settings.confirms, way),
            Self::Latency => turn(&LATENCIES, &mut settings.line.latency, way),
            Self::Workers => turn_crew(settings, way),
            Self::Work => turn(&Sizes::ALL, &mut settings.workload.sizes, way),
            Self::Jobs => turn(&JOBS, &mut plan.jobs, way),
            Self::Feed => turn_feed(plan, way),
            Self::Death => turn_death(plan, way),
            Self::Clock => {
                let mut scale = settings.scale.0;
                turn(&SCALES, &mut scale, way);
                settings.scale = TimeScale(scale);
            }
        }
    }
}

/// The neighbour in the table; of a value that is not in it, the first.
fn turn<T: Copy + PartialEq>(table: &[T], value: &mut T, way: Way) {
    let count = table.len();
    let place = table.iter().position(|one| one == value);
    let next = match (place, way) {
        (None, _) => 0,
        (Some(place), Way::Up) => (place + 1) % count,
        (Some(place), Way::Down) => (place + count - 1) % count,
    };
    *value = table[next];
}

fn turn_crew(settings: &mut Settings, way: Way) {
    let now: Vec<u32> = settings.speeds.iter().map(|speed| speed.0).collect();
    let mut crew = CREWS.into_iter().find(|crew| **crew == now[..]).unwrap_or(&[]);
    turn(&CREWS, &mut crew, way);
    settings.speeds = crew.iter().copied().map(Speed).collect();
}

fn turn_feed(plan: &mut Plan, way: Way) {
    let mut feed = match plan.feed {
        Feed::AtOnce => None,
        Feed::AtRate => Some(plan.sides[0].rate.0),
    };
    turn(&FEEDS, &mut feed, way);
    plan.feed = if feed.is_some() { Feed::AtRate } else { Feed::AtOnce };
    if let Some(rate) = feed {
        plan.sides[0].rate = Rate(rate);
    }
}

fn turn_death(plan: &mut Plan, way: Way) {
    let mut kind = killed(&plan.blows);
    turn(&DEATHS, &mut kind, way);
    let blow = |second: u64, what| Blow {
        at: LabTime(second * 1_000_000),
        worker: WorkerId(2),
        what,
    };
    plan.blows = kind.map_or_else(Vec::new, |kind| {
        vec![blow(GONE.0, BlowKind::Kill(kind)), blow(GONE.1, BlowKind::Revive)]
    });
}

fn killed(blows: &[Blow]) -> Option<KillKind> {
    blows.iter().find_map(|blow| match blow.what {
        BlowKind::Kill(kind) => Some(kind),
        BlowKind::Revive => None,
    })
}

/// `2 × ×1.0`, or each speed.
fn crew(speeds: &[Speed]) -> String {
    match speeds {
        [one] => format!("1 at {one}"),
        [first, rest @ ..] if rest.iter().all(|speed| speed == first) => format!("{} at {first} each", speeds.len()),
        _ if speeds.len() <= 6 => speeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        _ => format!("{}, not all alike", speeds.len()),
    }
}

/// `W2: socket reset at 8 s, back at 16 s`.
fn death(blows: &[Blow]) -> String {
    let told = blows.iter().map(|blow| {
        let second = blow.at.seconds();
        match blow.what {
            BlowKind::Kill(kind) => format!("{} {} at {second} s", blow.worker, kind.past()),
            BlowKind::Revive => format!("back at {second} s"),
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "none".to_owned()
    } else {
        told.join(", ")
    }
}
