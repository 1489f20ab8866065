//! The command line that repeats a run.

use crate::lab::{
    AckMode, Arrivals, BrokerRow, Confirms, Delivery, DeliveryLimit, QueueKind, QueueType, Settings, Sharing, Sizes,
    Speed, Version, Workload,
};
use std::fmt::Write as _;

/// The lab with these settings on such a broker: options that say what the program does anyway are left out, but for the
/// seed. Where the broker was not the lab's own, its URL, which may hold a password, is left to whoever repeats it.
pub fn command_line(settings: &Settings, broker: &BrokerRow) -> String {
    let usual = Settings::default();
    let mut line = String::from("dispatch-lab");
    let mut option = |differs: bool, text: &dyn Fn() -> String| {
        if differs {
            let _ = write!(line, " {}", text());
        }
    };
    let own = Some(Version::default());
    option(broker.version.is_none(), &|| "--url \"$AMQP_URL\"".to_owned());
    option(broker.version.is_some() && broker.version != own, &|| {
        format!("--like {}", broker.version.unwrap_or_default())
    });
    option(settings.speeds != usual.speeds, &|| workers(&settings.speeds));
    option(settings.prefetch != usual.prefetch, &|| {
        format!("--prefetch {}", settings.prefetch.0)
    });
    option(settings.ack == AckMode::Automatic, &|| "--ack auto".to_owned());
    option(settings.queue == QueueKind::Transient, &|| "--transient".to_owned());
    option(settings.queue_type != QueueType::Classic, &|| {
        queue_type(settings.queue_type)
    });
    option(settings.sharing == Sharing::QueueEach, &|| {
        "--sharing queue-each".to_owned()
    });
    option(settings.messages == Delivery::Transient, &|| {
        "--no-persistent".to_owned()
    });
    option(settings.confirms == Confirms::On, &|| "--confirms".to_owned());
    option(settings.rate != usual.rate, &|| {
        format!("--rate {}", decimal(settings.rate.0, 100))
    });
    let Workload { sizes, arrivals } = settings.workload;
    option(sizes != usual.workload.sizes, &|| {
        format!("--workload {}", sizes_name(sizes))
    });
    option(arrivals != usual.workload.arrivals, &|| {
        format!("--arrivals {}", arrivals_name(arrivals))
    });
    option(settings.scale != usual.scale, &|| {
        format!("--scale {}", decimal(settings.scale.0, 1000))
    });
    let latency = settings.line.latency;
    option(latency.0 > 0, &|| format!("--latency {}", latency.0));
    let bandwidth = settings.line.bandwidth;
    option(bandwidth.0 > 0, &|| format!("--bandwidth {}", bandwidth.0));
    option(settings.heartbeat != usual.heartbeat, &|| {
        format!("--heartbeat {}", settings.heartbeat.0)
    });
    option(true, &|| format!("--seed {}", settings.seed.0));
    line
}

fn queue_type(kind: QueueType) -> String {
    match kind {
        QueueType::Classic => "--queue-type classic".to_owned(),
        QueueType::Quorum(DeliveryLimit(0)) => "--queue-type quorum".to_owned(),
        QueueType::Quorum(limit) => format!("--queue-type quorum --delivery-limit {}", limit.0),
    }
}

/// Equal ones of speed ×1 by their number, others by their speeds.
fn workers(speeds: &[Speed]) -> String {
    if speeds.iter().all(|&speed| speed == Speed(1000)) {
        return format!("--workers {}", speeds.len());
    }
    let speeds: Vec<String> = speeds.iter().map(|speed| decimal(speed.0, 1000)).collect();
    format!("--speeds {}", speeds.join(","))
}

/// A number of `1/unit`s, which is a power of ten, without zeros at its end.
fn decimal(number: u32, unit: u32) -> String {
    let (whole, rest) = (number / unit, number % unit);
    let digits = unit.ilog10() as usize;
    let text = format!("{whole}.{rest:0digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

const fn sizes_name(sizes: Sizes) -> &'static str {
    match sizes {
        Sizes::Equal => "equal",
        Sizes::OddHeavy => "odd-heavy",
        Sizes::Random => "random",
        Sizes::HeavyTail => "heavy-tail",
        Sizes::Instant => "instant",
    }
}

const fn arrivals_name(arrivals: Arrivals) -> &'static str {
    match arrivals {
        Arrivals::Regular => "regular",
        Arrivals::Poisson => "poisson",
        Arrivals::Bursty => "bursty",
    }
}
