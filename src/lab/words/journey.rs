//! The words for where a job is and for what it went through.

use super::super::command::KillKind;
use super::super::event::{Cause, Requeue};
use super::super::ids::WorkerId;
use super::super::settings::{Confirms, Delivery, QueueKind};
use super::super::sight::{Filter, Journey, Step, StepKind, Whereabouts};
use super::because;
use std::fmt::{self, Write as _};

#[cfg(test)]
mod tests;

/// From so many returns by a worker's own wish on, a journey is called a loop.
const LOOP: usize = 3;

/// `W3's socket was reset`.
struct Because(Option<WorkerId>, Cause);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        because(f, self.0, self.1)
    }
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Tray(worker) => write!(f, "{worker}'s tray"),
            Self::Hand(worker) => write!(f, "{worker}'s hand"),
            Self::Done => f.write_str("done"),
            Self::Lost(why) => write!(f, "lost: {why}"),
            Self::Returned => f.write_str("no queue took it"),
            Self::DeadLettered => f.write_str("dead-lettered"),
        }
    }
}

impl Whereabouts {
    /// The same in fewer words.
    pub fn brief(&self) -> String {
        match self {
            Self::Lost(why) => format!("lost: {}", briefly(*why)),
            other => other.to_string(),
        }
    }
}

const fn briefly(why: Cause) -> &'static str {
    match why {
        Cause::Killed(kind) => kind.past(),
        Cause::Removed => "worker removed",
        Cause::ConnectionLost => "connection lost",
        Cause::Requeued => "given back",
        Cause::BrokerTransientQueue => "transient queue",
        Cause::BrokerTransientMessage => "transient",
        Cause::BrokerNeverHad => "never stored",
        Cause::BrokerEnded => "broker ended",
        Cause::TakenByOthers => "taken by others",
    }
}

impl Filter {
    /// Its tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Ready => "ready",
            Self::Tray => "tray",
            Self::Hand => "hand",
            Self::Unacked => "unacked",
            Self::Done => "done",
            Self::Twice => "twice",
            Self::Redelivered => "redelivered",
            Self::Lost => "lost",
            Self::DeadLettered => "dead-lettered",
        }
    }

    /// The jobs that pass it, after a number: `3 of 12 jobs are ready`.
    pub const fn said(self) -> &'static str {
        match self {
            Self::All => "published",
            Self::Ready => "ready",
            Self::Tray => "in a tray",
            Self::Hand => "in a hand",
            Self::Unacked => "unacked",
            Self::Done => "done",
            Self::Twice => "done more than once",
            Self::Redelivered => "redelivered",
            Self::Lost => "lost",
            Self::DeadLettered => "dead-lettered",
        }
    }

    /// What it says of the run that no job passes it.
    pub const fn none(self) -> &'static str {
        match self {
            Self::All => "No job is published yet.",
            Self::Ready => "No job is ready: nothing waits in the queue.",
            Self::Tray => "No job is in a tray: none was delivered before its worker could begin it.",
            Self::Hand => "No job is in a hand: every worker is idle.",
            Self::Unacked => "No job is unacked: the broker waits for nobody.",
            Self::Done => "No job is done yet.",
            Self::Twice => "No job was done twice.",
            Self::Redelivered => "No job was delivered a second time.",
            Self::Lost => "No job is lost.",
            Self::DeadLettered => "No job is in the dead-letter queue, and none was refused by the broker.",
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published(..) => f.write_str("published"),
            Self::Confirmed => f.write_str("confirmed"),
            Self::Nacked => f.write_str("refused by the broker"),
            Self::Returned => f.write_str("returned"),
            Self::Dispatched(Some(worker), _) => write!(f, "sent to {worker}"),
            Self::Dispatched(None, _) => f.write_str("sent to a consumer of someone else"),
            Self::Delivered(worker, _) => write!(f, "in {worker}'s tray"),
            Self::Begun(worker) => write!(f, "in {worker}'s hand"),
            Self::Finished(worker, 0 | 1) => write!(f, "done by {worker}"),
            Self::Finished(worker, times) => write!(f, "done again by {worker}: {}", nth(*times)),
            Self::Acked(worker) => write!(f, "acked by {worker}"),
            Self::Forgot(worker) => write!(f, "{worker} forgot the ack"),
            Self::Rejected(worker, _) => write!(f, "refused by {worker}"),
            Self::WentBack(_, _, None) => f.write_str("back in the queue"),
            Self::WentBack(_, _, Some(place)) => write!(f, "back in the queue, at place {place}"),
            Self::DeadLettered(_) | Self::Buried(_) => f.write_str("in the dead-letter queue"),
            Self::Lost(..) => f.write_str("lost"),
            Self::StillThere => f.write_str("again in the queue"),
        }
    }
}

impl StepKind {
    /// Why, or with which properties; empty: there is no more to say.
    pub fn reason(&self) -> String {
        match self {
            Self::Published(queue, delivery, confirms) => properties(*queue, *delivery, *confirms),
            Self::Confirmed => "the broker has taken it on".to_owned(),
            Self::Nacked => "basic.nack, or the line broke before it left".to_owned(),
            Self::Returned => "basic.return: no queue took it".to_owned(),
            Self::Dispatched(_, passed_over) => {
                let mut text = "next in turn".to_owned();
                for (i, (worker, why)) in passed_over.iter().enumerate() {
                    text.push_str(if i == 0 { "; " } else { ", " });
                    // Writing to a string does not fail.
                    let _ = write!(text, "{worker} {why}");
                }
                text
            }
            Self::Delivered(_, true) => "redelivered flag set".to_owned(),
            Self::Delivered(_, false) | Self::Begun(_) | Self::Finished(..) => String::new(),
            Self::Acked(_) => "the broker lets go of it".to_owned(),
            Self::Forgot(_) => "the broker keeps it as unacked".to_owned(),
            Self::Rejected(_, Requeue::Yes) => "requeue=true".to_owned(),
            Self::Rejected(_, Requeue::No) => "requeue=false".to_owned(),
            Self::WentBack(worker, why, _) => Because(Some(*worker), *why).to_string(),
            Self::DeadLettered(_) => "for whoever looks after it there".to_owned(),
            Self::Buried(why) => format!("it {why}: so says its x-death header; the lab's reader holds it, unacked"),
            Self::Lost(worker, why) => Because(*worker, *why).to_string(),
            Self::StillThere => "the restarted broker had not stored the ack".to_owned(),
        }
    }
}

fn properties(queue: QueueKind, delivery: Delivery, confirms: Confirms) -> String {
    let queue = match queue {
        QueueKind::Durable => "durable",
        QueueKind::Transient => "transient",
    };
    let delivery = match delivery {
        Delivery::Persistent => "persistent",
        Delivery::Transient => "transient",
    };
    let confirms = match confirms {
        Confirms::On => "confirm awaited",
        Confirms::Off => "no confirms",
    };
    format!("{delivery}, to the {queue} queue, {confirms}")
}

fn nth(times: u8) -> String {
    match times {
        2 => "the second time".to_owned(),
        3 => "the third time".to_owned(),
        255 => "the 255th time, or later".to_owned(),
        n => format!("time {n}"),
    }
}

impl Journey {
    /// What it comes to, in one sentence.
    pub fn conclusion(&self) -> String {
        let Some(row) = self.row else {
            return format!("{} is not published yet.", self.job);
        };
        match row.place {
            Whereabouts::Lost(_) => self.lost(),
            Whereabouts::Ready | Whereabouts::Tray(_) | Whereabouts::Hand(_) if self.requeues() >= LOOP => {
                self.looping()
            }
            _ if row.finishes > 1 => self.again(row.finishes, row.place),
            Whereabouts::Done => self.done(row.unacked),
            Whereabouts::Ready => self.ready(),
            Whereabouts::Tray(worker) => {
                format!("It waits in {worker}'s tray: delivered, not begun, and out of the reach of all others.")
            }
            Whereabouts::Hand(worker) => format!("{worker} is working on it."),
            Whereabouts::Returned => {
                "No queue took it, or the broker refused it: only its publisher can send it again.".to_owned()
            }
            Whereabouts::DeadLettered => self.dead_lettered(),
        }
    }

    fn find<T>(&self, mut what: impl FnMut(&Step) -> Option<T>) -> Option<T> {
        self.steps.iter().rev().find_map(&mut what)
    }

    fn requeues(&self) -> usize {
        let requeued = |step: &&Step| matches!(step.what, StepKind::WentBack(_, Cause::Requeued, _));
        self.steps.iter().filter(requeued).count()
    }

    fn looping(&self) -> String {
        let least = if self.cut_off { "at least " } else { "" };
        format!(
            "Given back {least}{} times, and each time the broker gave it out again: a requeue loop, which ends only \
             when a worker keeps it or refuses it with requeue=false.",
            self.requeues()
        )
    }

    fn lost(&self) -> String {
        let end = self.steps.iter().rposition(|s| matches!(s.what, StepKind::Lost(..)));
        let Some(end) = end else {
            return "Lost: nobody will ever do it.".to_owned();
        };
        let StepKind::Lost(worker, why) = self.steps[end].what else {
            return String::new();
        };
        let because = Because(worker, why);
        let held = self.steps[..end].iter().rev().find_map(|step| match step.what {
            StepKind::Begun(_) => Some("while it was in its hand"),
            StepKind::Delivered(..) => Some("while it was in its tray"),
            StepKind::Dispatched(..) => Some("while it was on the wire"),
            StepKind::WentBack(..) | StepKind::Published(..) | StepKind::StillThere => Some(""),
            _ => None,
        });
        match (worker, held) {
            (Some(_), Some(held)) if !held.is_empty() => {
                format!("Lost: {because} {held}, and with auto-ack the broker had already forgotten it.")
            }
            (Some(_), _) => format!("Lost: {because}, and with auto-ack the broker had already forgotten it."),
            (None, _) => format!("Lost: {because}."),
        }
    }

    fn again(&self, finishes: u8, place: Whereabouts) -> String {
        let times = match finishes {
            2 => "twice".to_owned(),
            255 => "255 times or more".to_owned(),
            n => format!("{n} times"),
        };
        let first = self.steps.iter().position(|s| matches!(s.what, StepKind::Finished(..)));
        let cause = first.and_then(|first| self.steps[first..].iter().find_map(repeats));
        let now = match place {
            Whereabouts::Ready => " It is ready to be done once more.",
            Whereabouts::Tray(_) | Whereabouts::Hand(_) => " It is with a worker once more.",
            _ => "",
        };
        match cause {
            Some(cause) => format!("Done {times}: {cause}.{now}"),
            None => format!("Done {times}.{now}"),
        }
    }

    fn done(&self, unacked: bool) -> String {
        let by = self.find(|s| match s.what {
            StepKind::Finished(worker, _) => Some(worker),
            _ => None,
        });
        let forgot = self.find(|s| match s.what {
            StepKind::Forgot(worker) => Some(Some(worker)),
            StepKind::Acked(_) | StepKind::Delivered(..) => Some(None),
            _ => None,
        });
        if unacked && let Some(worker) = forgot.flatten() {
            return format!(
                "Done, but {worker} forgot its ack: the broker keeps it for {worker}, and gives it out again when \
                 {worker} goes."
            );
        }
        let by = by.map_or(String::new(), |worker| format!(", by {worker}"));
        let tries = self.find(|s| match s.what {
            StepKind::WentBack(worker, why, _) => Some(Because(Some(worker), why).to_string()),
            _ => None,
        });
        match (tries, unacked) {
            (Some(why), _) => format!("Done once{by}, though {why}: it went back before the work was done."),
            (None, true) => format!("Done{by}; its ack is still to come."),
            (None, false) => format!("Done once{by}."),
        }
    }

    fn ready(&self) -> String {
        let back = self.find(|s| match s.what {
            StepKind::WentBack(worker, why, _) => Some(Because(Some(worker), why).to_string()),
            StepKind::StillThere => Some(s.what.reason()),
            _ => None,
        });
        match back {
            Some(why) => format!("It is in the queue again: {why}."),
            None => "It waits in its queue: no worker has had room for it yet.".to_owned(),
        }
    }

    fn dead_lettered(&self) -> String {
        let by = self.find(|s| match s.what {
            StepKind::DeadLettered(worker) => Some(worker),
            _ => None,
        });
        match by {
            Some(worker) => {
                format!(
                    "{worker} refused it without requeue: it is in the dead-letter queue, where nobody works on it."
                )
            }
            None => match self.find(|s| match s.what {
                StepKind::Buried(why) => Some(why),
                _ => None,
            }) {
                Some(why) => {
                    format!("It {why}: the broker put it into the dead-letter queue, where nobody works on it.")
                }
                None => "It is in the dead-letter queue, where nobody works on it.".to_owned(),
            },
        }
    }
}

/// Why a job that was finished was done again.
fn repeats(step: &Step) -> Option<String> {
    match step.what {
        StepKind::WentBack(worker, Cause::Killed(KillKind::CrashBeforeAck), _) => Some(format!(
            "{worker} crashed after the work, before its ack, so the broker gave it out again"
        )),
        StepKind::WentBack(worker, Cause::Requeued, _) => Some(format!("{worker} gave it back after the work")),
        StepKind::WentBack(worker, why, _) => Some(format!(
            "{}, and its ack had not reached the broker",
            Because(Some(worker), why)
        )),
        StepKind::StillThere => Some(step.what.reason()),
        _ => None,
    }
}
