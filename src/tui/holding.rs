//! What a worker holds now, and what its end would make of it. The settings do not tell: what was delivered before
//! they were changed keeps the way it was delivered in.

use super::words;
use crate::lab::{Heartbeat, KillKind, WorkerRow, WorkerState};

/// Jobs a worker holds, by what becomes of them when its line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    /// Unacked at the broker: they go back to the queue.
    back: u32,
    /// Acked when they were sent: the broker knows nothing of them.
    lost: u32,
}

impl Holding {
    pub(super) fn of(worker: &WorkerRow) -> Self {
        let held = worker.tray_len.saturating_add(u32::from(worker.hand.is_some()));
        Self {
            back: worker.unacked,
            lost: held.saturating_sub(worker.unacked),
        }
    }

    /// What a kill of that kind does now, in one sentence.
    pub(super) fn fate(self, worker: &WorkerRow, kind: KillKind, heartbeat: Heartbeat) -> String {
        let id = worker.id;
        if self == (Self { back: 0, lost: 0 }) {
            return format!("Now: {id} holds nothing.");
        }
        match kind {
            KillKind::Cancel => {
                let all = jobs(self.back.saturating_add(self.lost));
                format!("Now: {id} works off the {all} it holds.")
            }
            KillKind::HalfOpen => self.silenced(worker, heartbeat),
            KillKind::Freeze => self.frozen(worker),
            KillKind::CrashBeforeAck if worker.state == WorkerState::Consuming && worker.hand.is_some() => {
                self.crashed(worker)
            }
            _ => format!("Now: {}.", self.broken()),
        }
    }

    /// What the broken line makes of it, without a full stop.
    pub(super) fn broken(self) -> String {
        match (self.back, self.lost) {
            (0, 0) => "nothing is held".to_owned(),
            (back, 0) => format!("{} back to the queue", go(back)),
            (0, lost) => format!("{} will be lost, acked when sent", jobs(lost)),
            (back, lost) => format!(
                "{} back to the queue, {} will be lost, acked when sent",
                go(back),
                jobs(lost)
            ),
        }
    }

    /// The worker works on, and nobody hears of it.
    fn silenced(self, worker: &WorkerRow, heartbeat: Heartbeat) -> String {
        let wait = words::silence(heartbeat);
        match self {
            // More may be sent while the silence is not noticed.
            Self { back: 0, lost } => format!(
                "After {wait} of silence: at least {} {} lost (acked when sent).",
                jobs(lost),
                if lost == 1 { "is" } else { "are" }
            ),
            _ => format!(
                "After {wait} of silence at least {}; what {} finishes till then is done twice.",
                self.broken(),
                worker.id
            ),
        }
    }

    fn frozen(self, worker: &WorkerRow) -> String {
        let id = worker.id;
        let stay = |n| format!("{} {}", jobs(n), if n == 1 { "stays" } else { "stay" });
        match (self.back, self.lost) {
            (back, 0) => format!("Now: {} unacked with {id}, till its line breaks.", stay(back)),
            (0, lost) => format!("Now: {} with {id}, acked already: lost if its line breaks.", stay(lost)),
            (back, lost) => format!(
                "Now: {} unacked with {id}, and {lost} acked already: lost if its line breaks.",
                stay(back)
            ),
        }
    }

    /// The job in hand is finished first. Delivered unacked, it goes back all the same.
    fn crashed(self, worker: &WorkerRow) -> String {
        let id = worker.id;
        // Jobs come in order: a hand that holds an unacked job is followed by a tray that may hold others, and with
        // none unacked the one in hand was acked when it was sent.
        let left = match self {
            Self { back: 0, lost } => Self {
                back: 0,
                lost: lost - 1,
            },
            mixed => mixed,
        };
        match left {
            Self { back: 0, lost: 0 } => format!("Now: {id} finishes the job in hand and has no other to lose."),
            left => format!("Now: {id} finishes the job in hand, then {}.", left.broken()),
        }
    }
}

fn jobs(n: u32) -> String {
    if n == 1 {
        "1 job".to_owned()
    } else {
        format!("{n} jobs")
    }
}

fn go(n: u32) -> String {
    format!("{} {}", jobs(n), if n == 1 { "goes" } else { "go" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures;

    fn fate(held: u32, unacked: u32, kind: KillKind) -> String {
        let mut worker = fixtures::worker(1);
        if held > 0 {
            let tray: Vec<u32> = (2..=held).collect();
            fixtures::busy(&mut worker, 1, 3, &tray);
        }
        worker.unacked = unacked;
        Holding::of(&worker).fate(&worker, kind, Heartbeat(2))
    }

    #[test]
    fn fate_follows_what_is_unacked_and_not_the_setting() {
        for (held, unacked, kind, text) in [
            (0, 0, KillKind::Reset, "Now: W1 holds nothing."),
            (3, 3, KillKind::Reset, "Now: 3 jobs go back to the queue."),
            (
                3,
                3,
                KillKind::HalfOpen,
                "After 4–6 s of silence at least 3 jobs go back to the queue; what W1 finishes till then is done twice.",
            ),
            (
                1,
                0,
                KillKind::HalfOpen,
                "After 4–6 s of silence: at least 1 job is lost (acked when sent).",
            ),
            (1, 1, KillKind::CloseChannel, "Now: 1 job goes back to the queue."),
            (3, 0, KillKind::Reset, "Now: 3 jobs will be lost, acked when sent."),
            (
                3,
                1,
                KillKind::CloseConnection,
                "Now: 1 job goes back to the queue, 2 jobs will be lost, acked when sent.",
            ),
            (0, 2, KillKind::Reset, "Now: 2 jobs go back to the queue."),
            (3, 1, KillKind::Cancel, "Now: W1 works off the 3 jobs it holds."),
            (
                1,
                1,
                KillKind::Freeze,
                "Now: 1 job stays unacked with W1, till its line breaks.",
            ),
            (
                2,
                0,
                KillKind::Freeze,
                "Now: 2 jobs stay with W1, acked already: lost if its line breaks.",
            ),
            (
                3,
                2,
                KillKind::Freeze,
                "Now: 2 jobs stay unacked with W1, and 1 acked already: lost if its line breaks.",
            ),
            (
                2,
                2,
                KillKind::CrashBeforeAck,
                "Now: W1 finishes the job in hand, then 2 jobs go back to the queue.",
            ),
            (
                1,
                0,
                KillKind::CrashBeforeAck,
                "Now: W1 finishes the job in hand and has no other to lose.",
            ),
            (
                3,
                0,
                KillKind::CrashBeforeAck,
                "Now: W1 finishes the job in hand, then 2 jobs will be lost, acked when sent.",
            ),
        ] {
            assert_eq!(fate(held, unacked, kind), text, "{kind:?}");
        }
    }
}
