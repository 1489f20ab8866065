//! When the next snapshot goes to the screen: soon after something happened, regularly while something moves, hardly
//! ever while nothing does.

use crate::lab::{Elapsed, Pace as ClockPace, Snapshot, WorkerRow, WorkerState};
use std::time::Duration;

/// No two snapshots are closer than this: 30 a second.
const AFTER_CHANGE: Duration = Duration::from_millis(33);
/// While a worker works: its bar moves.
const WHILE_WORKING: Duration = Duration::from_millis(66);
/// While a network is silent: its seconds count, also while the lab clock stands.
const WHILE_SILENT: Duration = Duration::from_millis(100);
/// While the lab clock runs and nobody works: timelines move.
const WHILE_RUNNING: Duration = Duration::from_secs(1);

/// What was last published, and so, when to publish again.
#[derive(Debug)]
pub(super) struct Pace {
    at: Elapsed,
    version: u64,
    motion: Option<Duration>,
}

impl Pace {
    /// A snapshot of this version was published.
    pub(super) fn published(at: Elapsed, version: u64, snapshot: &Snapshot) -> Self {
        let working = snapshot.workers.iter().any(|worker| worker.hand.is_some());
        let silent = |worker: &WorkerRow| matches!(worker.state, WorkerState::Silent(..));
        let waiting = snapshot.workers.iter().any(silent);
        let motion = match snapshot.clock.pace {
            ClockPace::Running if working => Some(WHILE_WORKING),
            _ if waiting => Some(WHILE_SILENT),
            ClockPace::Paused => None,
            ClockPace::Running => Some(WHILE_RUNNING),
        };
        Self { at, version, motion }
    }

    /// When the next one is due, with the lab at this version; `None`: not before something happens.
    pub(super) fn due(&self, version: u64) -> Option<Elapsed> {
        let pause = if version == self.version {
            self.motion?
        } else {
            AFTER_CHANGE
        };
        Some(Elapsed::from(self.at.duration() + pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{BrokerRow, BrokerState, Control, Hand, JobId, Lab, Settings};

    const NOW: Elapsed = Elapsed(5_000_000);

    fn picture(pace: ClockPace, hand: Option<Hand>) -> Snapshot {
        let row = BrokerRow {
            name: "a broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: None,
        };
        let mut snapshot = Lab::new(Settings::default(), row).snapshot(NOW);
        snapshot.clock.pace = pace;
        snapshot.workers[0].hand = hand;
        snapshot
    }

    const HAND: Option<Hand> = Some(Hand {
        job: JobId(1),
        dots: 1,
        progress: 0,
        redelivered: false,
    });

    #[test]
    fn the_less_moves_the_longer_the_next_picture_waits() {
        let rows = [
            (ClockPace::Running, HAND, 7, Some(66_000)),
            (ClockPace::Running, None, 7, Some(1_000_000)),
            (ClockPace::Paused, HAND, 7, None),
            (ClockPace::Paused, None, 7, None),
            (ClockPace::Running, HAND, 8, Some(33_000)),
            (ClockPace::Paused, None, 8, Some(33_000)),
        ];
        for (pace, hand, version, pause) in rows {
            let published = Pace::published(NOW, 7, &picture(pace, hand));
            let want = pause.map(|pause| Elapsed(NOW.0 + pause));
            assert_eq!(published.due(version), want, "{pace:?} {hand:?} {version}");
        }
    }
}
