//! Whether the books agree with what the broker says.
//!
//! Clients and broker see the same message at different moments, so a difference counts only when it has had the same
//! sign for two seconds of real time in which nothing moved. Estimated figures prove nothing.

use super::super::ids::Elapsed;
use super::super::settings::QueueKind;
use super::super::snapshot::{Balance, Figure};
use super::super::wire::QueueSays;
use super::jobs::Counts;

/// How long a difference has to stand.
pub(super) const PATIENCE: Elapsed = Elapsed(2_000_000);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Scales {
    /// What the broker has more than clients saw.
    difference: i64,
    /// Since when its sign is what it is, and nothing moved.
    since: Elapsed,
}

impl Scales {
    pub(super) fn weigh(&mut self, at: Elapsed, difference: i64, motion: Motion) {
        if motion == Motion::Moved || difference.signum() != self.difference.signum() {
            self.since = at;
        }
        self.difference = difference;
    }

    pub(super) fn judge(&self, now: Elapsed) -> Balance {
        match self.due() {
            None => Balance::Balanced,
            Some(due) if now >= due => Balance::Differs(self.difference),
            Some(_) => Balance::Settling,
        }
    }

    /// From when on a difference that still stands counts.
    pub(super) fn due(&self) -> Option<Elapsed> {
        (self.difference != 0).then_some(Elapsed(self.since.0 + PATIENCE.0))
    }
}

/// Whether an event moved a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    Moved,
    Still,
}

/// What the broker has more of, as far as its figures can prove it.
pub(super) fn difference(kind: QueueKind, says: QueueSays, counts: &Counts) -> i64 {
    let waiting = i64::from(counts.waiting[kind.slot()]);
    let unacked = i64::from(counts.unacked[kind.slot()]);
    match (says.ready, says.unacked) {
        (Figure::Exact(r), Figure::Exact(u)) => signed(r) + signed(u) - waiting - unacked,
        (Figure::Exact(r), _) => signed(r) - waiting,
        _ => 0,
    }
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_counts_only_after_two_still_seconds() {
        let s = 1_000_000;
        let mut scales = Scales::default();
        scales.weigh(Elapsed(s), 3, Motion::Still);
        assert_eq!(scales.judge(Elapsed(2 * s)), Balance::Settling);
        scales.weigh(Elapsed(2 * s), 4, Motion::Moved);
        assert_eq!(scales.judge(Elapsed(3 * s)), Balance::Settling);
        scales.weigh(Elapsed(3 * s), 2, Motion::Still);
        assert_eq!(scales.judge(Elapsed(4 * s)), Balance::Differs(2));
        scales.weigh(Elapsed(5 * s), -1, Motion::Still);
        assert_eq!(scales.judge(Elapsed(6 * s)), Balance::Settling);
        scales.weigh(Elapsed(6 * s), 0, Motion::Still);
        assert_eq!(scales.judge(Elapsed(60 * s)), Balance::Balanced);
    }

    #[test]
    fn estimates_prove_nothing() {
        let counts = Counts {
            waiting: [5, 0],
            unacked: [2, 0],
            ..Counts::default()
        };
        let rows = [
            (Figure::Exact(5), Figure::Exact(2), 0),
            (Figure::Exact(4), Figure::Exact(2), -1),
            (Figure::Exact(4), Figure::Estimated(9), -1),
            (Figure::Exact(5), Figure::Unknown, 0),
            (Figure::Estimated(1), Figure::Exact(9), 0),
            (Figure::Unknown, Figure::Unknown, 0),
        ];
        for (ready, unacked, expected) in rows {
            let says = QueueSays {
                ready,
                unacked,
                consumers: Figure::Unknown,
            };
            assert_eq!(difference(QueueKind::Durable, says, &counts), expected);
        }
    }
}
