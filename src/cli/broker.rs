//! The options of `dispatch-lab broker`.

use super::address;
use crate::broker::server::Like;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `dispatch-lab broker`.
#[derive(Debug, Args)]
pub struct BrokerArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5672", value_parser = address)]
    pub listen: SocketAddr,
    /// Keep what is durable in this folder [default: nothing outlives the broker]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The RabbitMQ to behave as
    #[arg(long, value_enum, default_value_t = LikeArg::V4_0)]
    pub like: LikeArg,
    /// Someone who may log in from anywhere; the password is the first line of FILE. Repeat it for more users. Without
    /// it guest may log in, with the password guest and from this machine alone
    #[arg(long, value_name = "NAME:FILE", value_parser = user)]
    pub user: Vec<UserArg>,
    /// A virtual host besides "/". Repeat it for more; every user may use all of them
    #[arg(long, value_name = "NAME")]
    pub vhost: Vec<String>,
    /// Close the channel of whoever does not ack a delivery within this time; 0 is never [default: 1800000]
    #[arg(long, value_name = "MS")]
    pub consumer_timeout: Option<u64>,
    /// Read no more from publishers while the broker holds more than this [default: 60% of the machine's memory, as
    /// RabbitMQ; 40% with --like 3.10]
    #[arg(long, value_name = "BYTES")]
    pub memory_limit: Option<u64>,
    /// Turn further connections away
    #[arg(long, value_name = "N", default_value_t = 4096)]
    pub max_connections: usize,
    /// Channels that a connection may have open
    #[arg(long, value_name = "N", default_value_t = 2047, value_parser = clap::value_parser!(u16).range(1..))]
    pub max_channels: u16,
    /// The largest frame, in bytes
    #[arg(long, value_name = "N", default_value_t = 131_072, value_parser = clap::value_parser!(u32).range(8192..))]
    pub frame_max: u32,
    /// The largest message, in bytes [default: 16 MiB, as RabbitMQ; 128 MiB with --like 3.10]
    #[arg(long, value_name = "N")]
    pub max_message_size: Option<u64>,
    /// The heartbeat proposed to clients, in seconds; 0 is none
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub heartbeat: u16,
    /// Read lines consumer-timeout-ms = N, tick-ms = N and memory-limit = N from FILE, at the start and again on
    /// SIGHUP
    #[arg(long, value_name = "FILE")]
    pub tunables: Option<PathBuf>,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// `--like`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LikeArg {
    /// RabbitMQ 3.10
    #[value(name = "3.10")]
    V3_10,
    /// RabbitMQ 4.0
    #[value(name = "4.0")]
    V4_0,
    /// RabbitMQ 4.3
    #[value(name = "4.3")]
    V4_3,
}

/// `--user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserArg {
    /// Who.
    pub name: String,
    /// Where the password is.
    pub password_file: PathBuf,
}

impl From<LikeArg> for Like {
    fn from(arg: LikeArg) -> Self {
        match arg {
            LikeArg::V3_10 => Self::V3_10,
            LikeArg::V4_0 => Self::V4_0,
            LikeArg::V4_3 => Self::V4_3,
        }
    }
}

fn user(text: &str) -> Result<UserArg, String> {
    match text.split_once(':') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok(UserArg {
            name: name.to_owned(),
            password_file: file.into(),
        }),
        _ => Err("a name, a colon and a file are wanted; for example ann:/home/ann/password".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LikeArg, UserArg};
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn broker(args: &[&str]) -> Result<super::BrokerArgs, String> {
        let all = ["dispatch-lab", "broker"].iter().chain(args);
        match Cli::try_parse_from(all).map_err(|error| error.to_string())?.command {
            Some(Command::Broker(args)) => Ok(*args),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn options_that_may_be_repeated_keep_their_order() {
        let args = broker(&[
            "--user",
            "ann:a.txt",
            "--user",
            "bob:C:\\b.txt",
            "--vhost",
            "x",
            "--vhost",
            "y",
        ]);
        let args = args.expect("arguments are good");
        let user = |name: &str, file: &str| UserArg {
            name: name.to_owned(),
            password_file: file.into(),
        };
        assert_eq!(args.user, [user("ann", "a.txt"), user("bob", "C:\\b.txt")]);
        assert_eq!(args.vhost, ["x", "y"]);
        assert_eq!(args.like, LikeArg::V4_0);
    }

    #[test]
    fn bad_values_say_what_is_wanted() {
        for (args, words) in [
            (["--listen", "here"], "127.0.0.1:5672"),
            (["--user", "ann"], "ann:/home/ann/password"),
            (["--user", ":file"], "a colon"),
            (["--like", "3.9"], "3.10, 4.0, 4.3"),
            (["--frame-max", "4095"], "8192"),
            (["--max-channels", "0"], "1..=65535"),
        ] {
            let text = broker(&args).expect_err("arguments are bad");
            assert!(text.contains(words), "{args:?} says: {text}");
        }
    }
}
