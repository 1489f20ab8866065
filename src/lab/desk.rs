//! A desk: what one person has before them who is a worker. Pure: time is an argument, and what is to be done on the
//! wire is asked for.
//!
//! 1. What the client has seen comes in as [`DeskSeen`], what the person wants as [`DeskWish`]; a wish may come to a
//!    [`DeskAsk`] for the client.
//! 2. The first job that came is in the hand. Its dots are worked off by key, a dot each, or by the clock, a dot a
//!    second. Nobody checks: whoever acks before the work is done may do so, and is told what it means.
//! 3. What passed the wire is listed in AMQP's words, and the last of it explained.

mod words;

pub use words::{DeskAsk, DeskSeen, DeskWish};

use super::frame::Way;
use super::ids::{DeliveryTag, Elapsed};
use super::settings::{AckMode, Prefetch};
use std::collections::VecDeque;

/// The desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// Who sits there, and where.
    pub who: DeskOwner,
    /// How it is connected.
    pub line: DeskLine,
    /// What was delivered and not settled; the first is in the hand.
    pub held: VecDeque<DeskJob>,
    /// Microseconds of work done on the job in the hand.
    pub worked_us: u64,
    /// Who works.
    pub hands: Hands,
    /// The sums.
    pub counts: DeskCounts,
    /// What passed the wire, the newest last, at most [`PASSED`].
    pub passed: VecDeque<Passed>,
    /// What the last thing meant; one or two sentences.
    pub note: String,
    now: Elapsed,
}

/// Who sits at a desk, and how they consume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskOwner {
    /// The name that the teacher sees.
    pub name: String,
    /// `host:port`.
    pub place: String,
    /// The queue's name.
    pub queue: String,
    /// `basic.qos` before the consume.
    pub prefetch: Prefetch,
    /// `no_ack` or not.
    pub ack: AckMode,
}

/// How a desk is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskLine {
    /// On the way.
    Connecting,
    /// Consuming.
    Open,
    /// The plug was pulled, with these jobs on the desk.
    Unplugged(Vec<String>),
    /// It broke, or could not be: one sentence, and whether it is tried again by itself.
    Lost(String, Again),
}

/// Whether something is tried again without having been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Again {
    /// In a moment.
    Soon,
    /// Only when asked for.
    WhenAsked,
}

/// Who works off the dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hands {
    /// A key, a dot each.
    ByKey,
    /// The clock, a dot a second.
    ByClock,
}

/// A job on a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskJob {
    /// The delivery's number on the channel.
    pub tag: DeliveryTag,
    /// `#12`, or the body's first letters where the message has no number.
    pub name: String,
    /// The body.
    pub body: String,
    /// Its dots.
    pub dots: u32,
    /// The flag.
    pub redelivered: bool,
}

/// What became of the jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskCounts {
    /// Acked, or with auto-ack worked off.
    pub done: u32,
    /// Given back.
    pub given_back: u32,
    /// Rejected.
    pub rejected: u32,
    /// Delivered with the flag.
    pub redelivered: u32,
    /// On the desk when the connection went.
    pub dropped: u32,
}

/// Something on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// When.
    pub at: Elapsed,
    /// Which way.
    pub way: Way,
    /// `basic.ack`
    pub method: &'static str,
    /// Its arguments.
    pub what: String,
}

/// How much of what passed is kept.
pub const PASSED: usize = 64;

/// What a dot takes by the clock, in microseconds.
const DOT_US: u64 = 1_000_000;

impl Desk {
    /// Nothing is connected yet.
    pub fn new(who: DeskOwner) -> Self {
        Self {
            who,
            line: DeskLine::Connecting,
            held: VecDeque::new(),
            worked_us: 0,
            hands: Hands::ByKey,
            counts: DeskCounts::default(),
            passed: VecDeque::new(),
            note: String::new(),
            now: Elapsed(0),
        }
    }

    /// The job in the hand.
    pub fn hand(&self) -> Option<&DeskJob> {
        self.held.front()
    }

    /// Whole dots of it that are done.
    pub fn dots_done(&self) -> u32 {
        let dots = self.hand().map_or(0, |job| job.dots);
        u32::try_from(self.worked_us / DOT_US).map_or(dots, |done| done.min(dots))
    }

    /// Whether all of it is done.
    pub fn is_done(&self) -> bool {
        self.hand().is_some_and(|job| self.dots_done() >= job.dots)
    }

    /// When the picture changes by itself.
    pub fn next_due(&self) -> Option<Elapsed> {
        let works = self.hands == Hands::ByClock && self.hand().is_some() && !self.is_done();
        works.then(|| Elapsed(self.now.0 + DOT_US - self.worked_us % DOT_US))
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Elapsed) {
        let passed = now.0.saturating_sub(self.now.0);
        self.now = self.now.max(now);
        if self.hands == Hands::ByClock && !self.is_done() && self.hand().is_some() {
            self.worked_us += passed;
            self.look_at_hand();
        }
    }

    /// The client has seen something.
    pub fn seen(&mut self, now: Elapsed, seen: DeskSeen) {
        self.tick(now);
        match seen {
            DeskSeen::Connecting => self.line = DeskLine::Connecting,
            DeskSeen::Consuming => self.consuming(),
            DeskSeen::Delivered(job) => self.delivered(job),
            DeskSeen::Unplugged => self.unplugged(),
            DeskSeen::Lost(why, again) => self.lost(why, again),
        }
    }

    /// A person wants something; what the client is to do, if anything.
    pub fn wish(&mut self, now: Elapsed, wish: DeskWish) -> Option<DeskAsk> {
        self.tick(now);
        match wish {
            DeskWish::PlugIn => return self.plug_in(),
            _ if self.line != DeskLine::Open => {
                "you are not connected".clone_into(&mut self.note);
                return None;
            }
            DeskWish::PullPlug => return Some(DeskAsk::PullPlug),
            DeskWish::WorkAlone => self.change_hands(),
            DeskWish::Work => self.work(),
            DeskWish::Ack | DeskWish::GiveBack | DeskWish::Reject => return self.settle(wish),
        }
        None
    }

    fn consuming(&mut self) {
        self.line = DeskLine::Open;
        let who = &self.who;
        let no_ack = who.ack == AckMode::Automatic;
        let consume = format!("queue={}{}", who.queue, if no_ack { "  no_ack=true" } else { "" });
        let qos = format!("prefetch_count={}", who.prefetch.0);
        self.pass(Way::ToBroker, "basic.qos", qos);
        self.pass(Way::ToBroker, "basic.consume", consume);
        "The queue knows you now: it will hand you a job when it is your turn.".clone_into(&mut self.note);
    }

    fn delivered(&mut self, job: DeskJob) {
        let flag = if job.redelivered { "  redelivered=true" } else { "" };
        let what = format!("delivery_tag={}{flag}  {}", job.tag.0, job.name);
        self.pass(Way::FromBroker, "basic.deliver", what);
        self.counts.redelivered += u32::from(job.redelivered);
        self.held.push_back(job);
        if self.held.len() == 1 {
            self.note.clear();
            self.worked_us = 0;
            self.look_at_hand();
        }
    }

    fn unplugged(&mut self) {
        let held = self.drop_all();
        self.pass(
            Way::ToBroker,
            "TCP reset",
            "no AMQP method at all: no ack, no goodbye".to_owned(),
        );
        self.note.clear();
        self.line = DeskLine::Unplugged(held);
    }

    fn lost(&mut self, why: String, again: Again) {
        if let DeskLine::Unplugged(_) = self.line {
            return;
        }
        let held = self.drop_all();
        if !held.is_empty() {
            self.note = format!(
                "{} goes back to the queue: the broker had no ack for it.",
                held.join(" ")
            );
        }
        self.line = DeskLine::Lost(why, again);
    }

    fn drop_all(&mut self) -> Vec<String> {
        let held: Vec<String> = self.held.drain(..).map(|job| job.name).collect();
        self.counts.dropped += u32::try_from(held.len()).unwrap_or(u32::MAX);
        self.worked_us = 0;
        held
    }

    fn plug_in(&mut self) -> Option<DeskAsk> {
        let can = matches!(self.line, DeskLine::Unplugged(_) | DeskLine::Lost(..));
        can.then(|| {
            self.line = DeskLine::Connecting;
            self.note.clear();
            DeskAsk::PlugIn
        })
    }

    fn change_hands(&mut self) {
        self.hands = match self.hands {
            Hands::ByKey => Hands::ByClock,
            Hands::ByClock => Hands::ByKey,
        };
    }

    fn work(&mut self) {
        if self.hand().is_none() {
            "There is nothing to do: no job has come.".clone_into(&mut self.note);
        } else if self.is_done() {
            "It is done. The broker does not know yet: a tells it.".clone_into(&mut self.note);
        } else {
            self.worked_us = (self.worked_us / DOT_US + 1) * DOT_US;
            self.look_at_hand();
        }
    }

    /// With automatic ack, work is all there is.
    fn look_at_hand(&mut self) {
        if self.is_done() && self.who.ack == AckMode::Automatic {
            self.counts.done += 1;
            self.next();
        }
    }

    fn settle(&mut self, wish: DeskWish) -> Option<DeskAsk> {
        let Some(job) = self.hand() else {
            "You hold nothing that you could settle.".clone_into(&mut self.note);
            return None;
        };
        if self.who.ack == AckMode::Automatic {
            "Auto-ack: the broker took it as acked when it sent it. There is nothing left to say."
                .clone_into(&mut self.note);
            return None;
        }
        let (tag, name, done) = (job.tag, job.name.clone(), self.is_done());
        let tagged = |more: &str| format!("delivery_tag={}  {name}{more}", tag.0);
        let (ask, method, what, note) = match wish {
            DeskWish::GiveBack => {
                self.counts.given_back += 1;
                let note = format!("{name} is in the queue again, at its old place: whoever gets it sees the flag.");
                (DeskAsk::GiveBack(tag), "basic.nack", tagged("  requeue=true"), note)
            }
            DeskWish::Reject => {
                self.counts.rejected += 1;
                let note = format!("{name} is refused for good: nobody gets it again.");
                (DeskAsk::Reject(tag), "basic.reject", tagged("  requeue=false"), note)
            }
            _ => {
                self.counts.done += 1;
                let note = if done {
                    format!("{name} is done, and the broker has forgotten it.")
                } else {
                    format!("{name} is acked before it was done: had you vanished then, nobody would ever do it.")
                };
                (DeskAsk::Ack(tag), "basic.ack", tagged(""), note)
            }
        };
        self.pass(Way::ToBroker, method, what);
        self.note = note;
        self.next();
        Some(ask)
    }

    fn next(&mut self) {
        self.held.pop_front();
        self.worked_us = 0;
    }

    fn pass(&mut self, way: Way, method: &'static str, what: String) {
        if self.passed.len() == PASSED {
            self.passed.pop_front();
        }
        let at = self.now;
        self.passed.push_back(Passed { at, way, method, what });
    }
}

#[cfg(test)]
mod tests;
