//! The options for what lies between the workers and the broker.

use crate::lab::{Bandwidth, Heartbeat, Latency, LineQuality};
use clap::Args;

/// The workers' lines.
#[derive(Args, Clone, Copy, Debug)]
pub struct LineArgs {
    /// Latency between each worker and the broker, each way, in milliseconds, up to 2000
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=2000))]
    latency: u16,
    /// What passes between each worker and the broker, each way, in bytes a second, 500 or more; 0 is no limit
    #[arg(long, value_name = "BYTES", default_value = "0", value_parser = bandwidth)]
    bandwidth: Bandwidth,
    /// The heartbeat of the workers' connections, 1 to 60 seconds: a silent network is found out after two to three
    #[arg(long, value_name = "S", default_value = "2", value_parser = heartbeat)]
    pub heartbeat: Heartbeat,
}

impl LineArgs {
    /// Latency and bandwidth.
    pub fn quality(self) -> LineQuality {
        LineQuality {
            latency: Latency(self.latency),
            bandwidth: self.bandwidth,
        }
    }
}

fn bandwidth(text: &str) -> Result<Bandwidth, String> {
    let bytes: u32 = text.parse().map_err(|_| "not a number of bytes a second".to_owned())?;
    match bytes {
        0 | 500.. => Ok(Bandwidth(bytes)),
        _ => Err("too slow to connect; 0 for no limit, or 500 and more".to_owned()),
    }
}

/// None can't be had: lapin takes the broker's interval then.
fn heartbeat(text: &str) -> Result<Heartbeat, String> {
    match text.parse() {
        Ok(0) => Err("without heartbeats nobody would ever find out; 1 to 60 seconds are allowed".to_owned()),
        Ok(seconds @ 1..=60) => Ok(Heartbeat(seconds)),
        _ => Err("out of range; 1 to 60 seconds are allowed".to_owned()),
    }
}
