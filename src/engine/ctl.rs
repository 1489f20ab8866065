//! A broker that is not the lab's own, and that a command can end and start.
//!
//! The command is run with one more argument: `kill`, `stop` or `start`. What it means by them is its own affair; the lab
//! believes what it then sees. That the broker went away and came back the monitor notices, as with any other; here only
//! what did not work is told: a command that fails, or takes too long, or has ended and the broker answers still.
//!
//! Who leaves while the command runs waits for it, but not for long; then it runs on by itself.

use super::embedded::Order;
use super::left::Ended;
use super::monitor::Monitor;
use super::report::Report;
use super::topology::Topology;
use crate::lab::{BrokerCommand, Seen};
use std::fmt;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// A node of RabbitMQ starts in ten seconds, or, on a busy machine, in twenty.
const RUNS_WITHIN: Duration = Duration::from_secs(60);
/// How long it is waited for when the lab ends.
const LEAVES_WITHIN: Duration = Duration::from_secs(4);
/// A broker in good order lets its clients go first.
const GONE_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const ASK_EVERY: Duration = Duration::from_millis(200);

/// A program and its first arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerCtl {
    words: Vec<String>,
}

/// The text names no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no command; for example: --broker-ctl \"/usr/local/bin/broker-ctl --node one\", which gets kill, stop or start too"
)]
pub struct NoCommand;

impl BrokerCtl {
    /// What a person types to start the broker.
    pub(super) fn to_start(&self) -> String {
        format!("{} {}", self.words.join(" "), verb(BrokerCommand::Start))
    }
}

impl FromStr for BrokerCtl {
    type Err = NoCommand;

    /// Words between white space, the first one a program. There is no quoting: whoever needs that writes a script.
    fn from_str(text: &str) -> Result<Self, NoCommand> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            Err(NoCommand)
        } else {
            Ok(Self { words })
        }
    }
}

impl fmt::Display for BrokerCtl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

/// Runs the command when the lab asks.
pub(super) struct Ctl {
    command: BrokerCtl,
    topology: Topology,
    reports: mpsc::Sender<Report>,
    /// Tells the monitor that the broker is gone: it may be back before the monitor looks.
    broker_gone: Arc<Notify>,
    /// Told to whoever leaves.
    ended: Ended,
}

impl Ctl {
    /// For the broker that the monitor watches.
    pub(super) fn beside(monitor: &Monitor, command: BrokerCtl, ended: Ended) -> Self {
        Self {
            command,
            topology: monitor.topology.clone(),
            reports: monitor.reports.clone(),
            broker_gone: Arc::clone(&monitor.broker_gone),
            ended,
        }
    }

    /// Carries out orders, one after another, until cancelled.
    pub(super) async fn run(self, mut orders: mpsc::Receiver<Order>, cancel: CancellationToken) {
        loop {
            let order = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                order = orders.recv() => order,
            };
            match order {
                Some(Order::Do(command)) => self.carry_out(command, &cancel).await,
                // Only the lab's own broker takes another's likeness.
                Some(Order::Be(_)) => {}
                None => return,
            }
        }
    }

    async fn carry_out(&self, command: BrokerCommand, cancel: &CancellationToken) {
        let starts = command == BrokerCommand::Start;
        if !starts {
            self.ended.set(true);
        }
        let mut result = self.run_command(command, cancel.clone()).await;
        if cancel.is_cancelled() {
            return;
        }
        match (&result, starts) {
            (Ok(()), true) => self.ended.set(false),
            (Ok(()), false) => {
                result = tokio::select! {
                    () = cancel.cancelled() => return,
                    gone = self.see_it_go() => gone,
                }
            }
            (Err(_), _) => {}
        }
        let Err(why) = result else { return };
        tracing::warn!(%why, "the broker's command failed");
        let seen = match command {
            BrokerCommand::Start => Seen::BrokerStartFailed(why),
            BrokerCommand::Kill | BrokerCommand::Stop => Seen::BrokerEndFailed(why),
        };
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }

    /// On a thread of its own: a program is waited for by looking.
    async fn run_command(&self, command: BrokerCommand, cancel: CancellationToken) -> Result<(), String> {
        let words = self.command.words.clone();
        let run = tokio::task::spawn_blocking(move || run(&words, verb(command), (RUNS_WITHIN, &cancel)));
        run.await.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Until it can't be connected to, which the monitor is told. One that is up again between two looks has not ended, as
    /// far as the lab can tell.
    async fn see_it_go(&self) -> Result<(), String> {
        let gone = async {
            while let Ok(line) = self.topology.access().open("monitor").await {
                line.close().await;
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        tokio::time::timeout(GONE_WITHIN, gone)
            .await
            .map(|()| self.broker_gone.notify_one())
            .map_err(|_| format!("{} has ended, and the broker answers still", self.command.words[0]))
    }
}

const fn verb(command: BrokerCommand) -> &'static str {
    match command {
        BrokerCommand::Kill => "kill",
        BrokerCommand::Stop => "stop",
        BrokerCommand::Start => "start",
    }
}

/// Runs it to its end. It has no terminal: the screen is the lab's.
fn run(words: &[String], verb: &str, (patience, cancel): (Duration, &CancellationToken)) -> Result<(), String> {
    let Some((program, args)) = words.split_first() else {
        return Err(NoCommand.to_string());
    };
    let mut command = Command::new(program);
    command.args(args).arg(verb);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What the terminal's end does to the lab is not to reach a broker that the command leaves behind.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{program} can't be run: {error}"))?;
    let until = Instant::now() + patience;
    let mut leaving = None;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{program} {verb}: {status}; run it by hand to see why")),
            Ok(None) if Instant::now() >= until => {
                kill(&mut child);
                return Err(format!("{program} {verb} took longer than {} s", patience.as_secs()));
            }
            Ok(None) => {
                if cancel.is_cancelled() && Instant::now() >= *leaving.get_or_insert(Instant::now() + LEAVES_WITHIN) {
                    return Ok(());
                }
                std::thread::sleep(LOOK_EVERY);
            }
            Err(error) => return Err(format!("{program} {verb}: {error}")),
        }
    }
}

/// Ends the command, and all that it has started and not sent away into a group of its own.
fn kill(child: &mut Child) {
    // The standard library signals one process alone.
    #[cfg(unix)]
    {
        let mut signal = Command::new("/bin/sh");
        signal.args(["-c", "kill -s KILL -- \"$0\"", &format!("-{}", child.id())]);
        signal.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Should there be no shell, the command itself ends at least.
        let _ = signal.status();
    }
    // Should it have ended meanwhile, so much the better.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str, command: BrokerCommand) -> Result<(), String> {
        let ctl: BrokerCtl = text.parse().expect("it names a program");
        run(&ctl.words, verb(command), (RUNS_WITHIN, &CancellationToken::new()))
    }

    #[test]
    fn a_command_gets_its_words_and_the_verb() {
        assert_eq!(outcome("/bin/test start =", BrokerCommand::Start), Ok(()));
        let failed = outcome("/bin/test start =", BrokerCommand::Kill).expect_err("kill is not start");
        assert!(failed.starts_with("/bin/test kill: "), "{failed}");
    }

    #[test]
    fn what_is_no_program_is_told_apart() {
        assert_eq!(" \t".parse::<BrokerCtl>(), Err(NoCommand));
        let failed = outcome("/nowhere/at-all --one", BrokerCommand::Stop).expect_err("there is none");
        assert!(failed.starts_with("/nowhere/at-all can't be run: "), "{failed}");
    }

    /// Starts a child that outlives it, tells its number, and hangs.
    #[cfg(target_os = "linux")]
    fn hangs(file: &std::path::Path) -> Vec<String> {
        let script = format!("sleep 600 & echo $! >{}; wait", file.display());
        ["/bin/sh", "-c", &script].map(str::to_owned).to_vec()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_command_that_takes_too_long_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("child");
        let patience = Duration::from_millis(500);
        let failed = run(&hangs(&file), "start", (patience, &CancellationToken::new())).expect_err("it hangs");
        assert!(failed.contains("took longer"), "{failed}");
        let child = std::fs::read_to_string(&file).expect("it was started");
        let until = Instant::now() + RUNS_WITHIN;
        // One that has ended has no words any more, also where nobody has asked how it ended.
        while std::fs::read(format!("/proc/{}/cmdline", child.trim())).is_ok_and(|words| !words.is_empty()) {
            assert!(Instant::now() < until, "{child} lives");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    #[test]
    fn who_leaves_waits_for_a_command_that_runs() {
        let leaving = CancellationToken::new();
        leaving.cancel();
        let words = ["/bin/sh", "-c", "sleep 0.3; exit 3"].map(str::to_owned);
        let failed = run(&words, "stop", (RUNS_WITHIN, &leaving)).expect_err("it was waited for");
        assert!(failed.contains("exit status: 3"), "{failed}");
    }

    #[test]
    fn a_person_is_told_what_starts_the_broker() {
        let ctl: BrokerCtl = "/opt/ctl --node one".parse().expect("it names a program");
        assert_eq!(ctl.to_start(), "/opt/ctl --node one start");
    }
}
