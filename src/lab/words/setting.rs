//! The words for settings and for when a change takes effect.

use super::super::event::Change;
use super::super::settings::{
    AckMode, Arrivals, Bandwidth, Confirms, Delivery, Habit, Latency, LineQuality, Prefetch, QueueKind, Rate, Seed,
    Sizes, Speed, TimeScale, Version, Workload,
};
use super::super::snapshot::Pace;
use std::fmt;

impl fmt::Display for Prefetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("prefetch 0 (no limit)"),
            n => write!(f, "prefetch {n}"),
        }
    }
}

impl fmt::Display for AckMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manual => "manual ack",
            Self::Automatic => "auto-ack",
        })
    }
}

impl fmt::Display for QueueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Durable => "durable",
            Self::Transient => "transient",
        })
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Persistent => "persistent",
            Self::Transient => "transient",
        })
    }
}

impl fmt::Display for Confirms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "confirms on",
            Self::Off => "confirms off",
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 if whole >= 10 => write!(f, "{whole}/s"),
            n if n % 10 == 0 => write!(f, "{whole}.{}/s", n / 10),
            n => write!(f, "{whole}.{n:02}/s"),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        times(f, self.0)
    }
}

impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        times(f, self.0)
    }
}

/// `×0.5`, `×1.0`, `×1.25`.
fn times(f: &mut fmt::Formatter<'_>, thousandths: u32) -> fmt::Result {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    if rest.is_multiple_of(100) {
        write!(f, "×{whole}.{}", rest / 100)
    } else if rest.is_multiple_of(10) {
        write!(f, "×{whole}.{:02}", rest / 10)
    } else {
        write!(f, "×{whole}.{rest:03}")
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}", self.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_10 => "3.10",
            Self::V4_0 => "4.0",
            Self::V4_3 => "4.3",
        })
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal jobs",
            Self::OddHeavy => "odd jobs heavy",
            Self::Random => "random jobs",
            Self::HeavyTail => "a few huge jobs",
            Self::Instant => "instant jobs",
        })
    }
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Regular => "regular",
            Self::Poisson => "Poisson",
            Self::Bursty => "bursty",
        })
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} arrivals", self.sizes, self.arrivals)
    }
}

impl fmt::Display for LineQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.latency {
            Latency(0) => f.write_str("no latency")?,
            Latency(ms) => write!(f, "{ms} ms each way")?,
        }
        match self.bandwidth {
            Bandwidth(0) => Ok(()),
            limit => write!(f, ", {limit}"),
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("no limit"),
            bytes if bytes >= 1000 => write!(f, "{} kB/s", bytes / 1000),
            bytes => write!(f, "{bytes} B/s"),
        }
    }
}

impl fmt::Display for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acks => "acks after the work",
            Self::Forgets => "forgets to ack",
            Self::Requeues => "gives each job back (nack, requeue)",
            Self::Rejects => "rejects each job (no requeue)",
            Self::AcksTwice => "acks twice",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefetch(p) => write!(f, "{p}: every worker re-subscribed; it holds for new deliveries"),
            Self::Qos(p) => write!(
                f,
                "{p}: told to every channel; only consumers that start after it have it"
            ),
            Self::Ack(AckMode::Manual) => {
                f.write_str("manual ack: every worker re-subscribed; new deliveries are acked after the work")
            }
            Self::Ack(AckMode::Automatic) => {
                f.write_str("auto-ack: every worker re-subscribed; what is sent counts as acked")
            }
            Self::Queue(kind) => write!(f, "{kind} queue: jobs go there now, and every worker re-subscribed"),
            Self::Messages(delivery) => write!(f, "{delivery} messages, from the next job on"),
            Self::Confirms(Confirms::On) => f.write_str("confirms on: the producer's channel was reopened"),
            Self::Confirms(Confirms::Off) => f.write_str("confirms off: nobody tells the producer anything now"),
            Self::Rate(rate) => write!(f, "the producer publishes {rate}, at once"),
            Self::Workload(workload) => write!(f, "{workload}, from the next job on"),
            Self::Speed(worker, speed) => write!(f, "{worker} works at {speed} now, also on the job in hand"),
            Self::Scale(scale) => write!(f, "the lab clock runs at {scale}"),
            Self::Line(line) => write!(f, "{line} between each worker and the broker, at once"),
            Self::Habit(worker, habit) => write!(f, "{worker} {habit}, from the job in hand on"),
            Self::Producing(producing) => write!(f, "{producing}"),
            Self::Pace(Pace::Paused) => f.write_str("paused: the lab clock stands, connections live on"),
            Self::Pace(Pace::Running) => f.write_str("the lab clock runs again"),
            Self::Version(version) => write!(f, "the broker is as RabbitMQ {version} from its next start on"),
        }
    }
}
