//! The options of `dispatch-lab run`.

use super::{LikeArg, ReportFile, Secret, scale};
use crate::engine::BrokerCtl;
use crate::lab::{LabTime, TimeScale};
use crate::scenario::lab_time;
use clap::Args;
use std::path::PathBuf;

/// `dispatch-lab run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Files, or names of built-in scenarios (round-robin, fair-dispatch, ...); several run one after another
    #[arg(required = true, value_name = "FILE|NAME")]
    pub scenarios: Vec<String>,
    /// Print the results as JSON; the schema is in assets/outcome.schema.json
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print the results as CSV, a line for each run
    #[arg(long)]
    pub csv: bool,
    /// Other jobs than those of the file: the same seed gives the same jobs
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Where it runs.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How fast the lab's clock runs, ×0.1 to ×10; latency, bandwidth and heartbeats are by the watch at any scale, so where they
    /// matter the outcome may change
    #[arg(long, value_name = "X", value_parser = scale)]
    pub scale: Option<TimeScale>,
    /// When it fails at the latest, on the lab's clock: for example 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub limit: Option<LabTime>,
    /// Write a report of the run to FILE, which must be new: .html is a page to hand in, .md, .json and .csv are for
    /// other readers
    #[arg(long, value_name = "FILE")]
    pub report: Option<ReportFile>,
    /// Whose name the report bears
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// On which broker, or on none.
#[derive(Args, Clone, Debug)]
pub struct PlaceArgs {
    /// Simulate it: no broker and no clock, the same fates, in milliseconds
    #[arg(long)]
    pub simulate: bool,
    /// Use the broker at this URL instead of the embedded one: amqp://USER:PASSWORD@HOST:PORT/VHOST
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_name = "URL")]
    pub url: Option<Secret>,
    /// Trust the certificates in this PEM file for amqps:// (besides the well-known ones)
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// A command that ends and starts the broker at --url: it is run with kill, stop or start as its last argument (words
    /// between blanks; no quoting)
    #[arg(long, value_name = "CMD", requires = "url")]
    pub broker_ctl: Option<BrokerCtl>,
    /// The RabbitMQ that the embedded broker, or the simulated one, behaves as [default: as the file says]
    #[arg(long, value_enum)]
    pub like: Option<LikeArg>,
}

/// A limit as files write it: `500ms`, `90s`, `1.5m`, `2h`.
pub(super) fn limit(text: &str) -> Result<LabTime, String> {
    match lab_time(text)? {
        LabTime(0) => Err("with this limit the run is over before it begins".to_owned()),
        limit => Ok(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_times_with_a_unit() {
        for (text, us) in [
            ("500ms", 500_000),
            ("90s", 90_000_000),
            ("1.5m", 90_000_000),
            ("1440m", 86_400_000_000),
            ("2h", 7_200_000_000),
        ] {
            assert_eq!(limit(text), Ok(LabTime(us)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "0s", "1001h", "NaNs", "infs", "1d"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
