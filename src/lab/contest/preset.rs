//! Pairs worth comparing, ready to be begun.

use super::super::settings::{Arrivals, LineQuality, Prefetch, Seed, Sizes, Speed, Workload};
use super::{
    AckMode, Blow, BlowKind, Confirms, Feed, KillKind, LabTime, Latency, Plan, Rate, Settings, TimeScale, Version,
    WorkerId,
};

/// A ready-made pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Prefetch 0 against 1 where every second job is heavy.
    #[default]
    FairDispatch,
    /// Manual acks against auto-ack, and a worker that dies in the middle.
    Acks,
    /// Prefetch 1 against 20 on a line with latency.
    Latency,
}

impl Preset {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 3] = [Self::FairDispatch, Self::Acks, Self::Latency];

    /// In a line.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FairDispatch => "prefetch 0 against 1",
            Self::Acks => "manual ack against auto-ack",
            Self::Latency => "prefetch 1 against 20",
        }
    }

    /// Under which circumstances, in a line.
    pub const fn scene(self) -> &'static str {
        match self {
            Self::FairDispatch => "every second job is heavy: who gets them?",
            Self::Acks => "W2 dies in the middle: are its jobs lost?",
            Self::Latency => "20 ms each way: what does each ack cost?",
        }
    }

    /// The pair itself.
    pub fn plan(self) -> Plan {
        match self {
            Self::FairDispatch => fair_dispatch(),
            Self::Acks => acks(),
            Self::Latency => latency(),
        }
    }
}

fn settings(workers: usize, sizes: Sizes) -> Settings {
    Settings {
        speeds: vec![Speed(1000); workers],
        prefetch: Prefetch(1),
        ack: AckMode::Manual,
        confirms: Confirms::Off,
        rate: Rate(200),
        workload: Workload {
            sizes,
            arrivals: Arrivals::Regular,
        },
        seed: Seed(7),
        scale: TimeScale(4_000),
        ..Settings::default()
    }
}

fn pair(settings: &Settings, jobs: u32, differ: impl FnOnce(&mut [Settings; 2])) -> Plan {
    let mut sides = [settings.clone(), settings.clone()];
    differ(&mut sides);
    Plan {
        sides,
        jobs,
        feed: Feed::AtOnce,
        blows: Vec::new(),
        version: Version::default(),
    }
}

fn fair_dispatch() -> Plan {
    pair(&settings(2, Sizes::OddHeavy), 40, |[a, b]| {
        a.prefetch = Prefetch(0);
        b.prefetch = Prefetch(1);
    })
}

/// W2 is gone from the eighth second to the sixteenth.
fn acks() -> Plan {
    let blow = |second: u64, what| Blow {
        at: LabTime(second * 1_000_000),
        worker: WorkerId(2),
        what,
    };
    let base = Settings {
        prefetch: Prefetch(5),
        ..settings(3, Sizes::Random)
    };
    Plan {
        blows: vec![blow(8, BlowKind::Kill(KillKind::Reset)), blow(16, BlowKind::Revive)],
        ..pair(&base, 40, |[a, b]| {
            a.ack = AckMode::Manual;
            b.ack = AckMode::Automatic;
        })
    }
}

/// At life's own speed: latency is real time, and a faster lab clock would make more of it.
fn latency() -> Plan {
    let base = Settings {
        scale: TimeScale(1_000),
        line: LineQuality {
            latency: Latency(20),
            ..LineQuality::default()
        },
        ..settings(2, Sizes::Instant)
    };
    pair(&base, 200, |[a, b]| {
        a.prefetch = Prefetch(1);
        b.prefetch = Prefetch(20);
    })
}
