//! The options of a classroom: a lab that others may join, and `dispatch-lab join`.

use super::{QueueArgs, Secret, ThemeArg, address};
use crate::lab::{QueueType, Sharing};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What lets others in.
#[derive(Args, Clone, Debug)]
pub struct DoorArgs {
    /// Let others join: the embedded broker listens there. Beyond this machine only with a password, from
    /// --password-file or the variable DISPATCH_LAB_PASSWORD
    #[arg(long, value_name = "ADDR:PORT", value_parser = address, conflicts_with = "url")]
    pub listen: Option<SocketAddr>,
    /// The first line of FILE is the password of those who join, as user "class"
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub password_file: Option<PathBuf>,
    /// The durable queue's name, where others are to find it [default: task_queue]
    #[arg(long, value_name = "NAME", requires = "listen")]
    pub queue_name: Option<String>,
}

impl DoorArgs {
    /// What does not go together with a door, in one sentence.
    pub fn contradiction(&self, queues: &QueueArgs) -> Option<&'static str> {
        self.listen?;
        if queues.sharing() == Sharing::QueueEach {
            return Some("whoever joins at --listen shares one queue with all: leave out --sharing queue-each");
        }
        (queues.queue_type() != QueueType::Classic).then_some(
            "whoever joins at --listen may declare its queue as the classic scripts do, as a classic one: leave out \
             --queue-type quorum",
        )
    }
}

/// `dispatch-lab join`.
#[derive(Args, Clone, Debug)]
pub struct JoinArgs {
    /// The broker: amqp://class@HOST:PORT, as the teacher's screen shows it. The password is asked for, unless it is in
    /// the URL (amqp://class:PASSWORD@HOST:PORT), in --password-file or in the variable DISPATCH_LAB_PASSWORD
    pub url: Secret,
    /// Your name, as the teacher sees it
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub name: String,
    /// The queue to consume from
    #[arg(long, value_name = "NAME", default_value = "task_queue")]
    pub queue: String,
    /// How many jobs the broker may hand you before your ack; 0 is no limit
    #[arg(long, short, value_name = "N", default_value_t = 1)]
    pub prefetch: u16,
    /// Let the broker take each job as acked once it is sent
    #[arg(long)]
    pub auto_ack: bool,
    /// The first line of FILE is the password
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Colours for a dark or a light terminal, or for a projector [default: as the terminal says, else dark]
    #[arg(long, value_enum)]
    pub theme: Option<ThemeArg>,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=20).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits && !name.starts_with("dispatch-lab") {
        Ok(name.to_owned())
    } else {
        Err("a name of 1 to 20 characters is wanted; for example ALICE".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn parse(args: &[&str]) -> Result<Cli, String> {
        let all = ["dispatch-lab"].iter().chain(args);
        Cli::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn who_joins_needs_a_place_and_a_name() {
        let cli = parse(&["join", "amqp://class@10.0.0.5:5672", "--name", " ALICE "]).expect("good");
        let Some(Command::Join(args)) = cli.command else {
            panic!("it is a join");
        };
        assert_eq!(
            (args.name.as_str(), args.queue.as_str(), args.prefetch),
            ("ALICE", "task_queue", 1)
        );
        for (args, words) in [
            (&["join", "amqp://x"][..], "--name"),
            (&["join", "amqp://x", "--name", ""], "for example ALICE"),
            (&["join", "amqp://x", "--name", "dispatch-lab W1"], "for example ALICE"),
        ] {
            let text = parse(args).expect_err("bad");
            assert!(text.contains(words), "{args:?} says: {text}");
        }
    }

    #[test]
    fn door_is_the_embedded_broker_s_alone() {
        let text = parse(&["--listen", "127.0.0.1:0", "--url", "amqp://x"]).expect_err("bad");
        assert!(text.contains("--url"), "{text}");
        let text = parse(&["--password-file", "p"]).expect_err("bad");
        assert!(text.contains("--listen"), "{text}");
        assert!(parse(&["--listen", "0.0.0.0:5672", "--password-file", "p", "--queue-name", "q"]).is_ok());
    }

    #[test]
    fn door_leads_to_one_classic_queue() {
        for (args, word) in [
            (&["--sharing", "queue-each"][..], Some("queue-each")),
            (&["--queue-type", "quorum"], Some("quorum")),
            (&["--queue-type", "classic", "--sharing", "one-queue"], None),
            (&["--transient"], None),
        ] {
            let lab = |door: &[&str]| parse(&[door, args].concat()).expect("good").lab;
            assert_eq!(lab(&[]).contradiction(), None, "{args:?} without a door");
            let why = lab(&["--listen", "127.0.0.1:0"]).contradiction();
            assert_eq!(why.is_some(), word.is_some(), "{args:?}");
            assert!(
                why.unwrap_or_default().contains(word.unwrap_or_default()),
                "{args:?} says: {why:?}"
            );
        }
    }
}
