//! The forecast beside the run: whether it is shown, and whether this run is still the one that is foreseen.

use crate::lab::{BrokerState, Foresight, LabTime, Pace, Snapshot, WorkerId, WorkerState};

/// What is remembered of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) shown: Foresight,
    /// Whether there is someone who foresees.
    pub(super) offered: Offered,
    /// Since when, and why, this run is another one.
    pub(super) parted: Option<(LabTime, Parting)>,
}

/// Whether there is someone who foresees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Offered {
    #[default]
    No,
    Yes,
}

/// Why a run is no longer the one that is foreseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    Broker,
    /// Workers came or went.
    Crew,
    Ended(WorkerId),
    Setting,
    Producer,
}

impl Parting {
    /// In a few words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Broker => "the broker was away".to_owned(),
            Self::Crew => "workers came or went".to_owned(),
            Self::Ended(worker) => format!("{worker} was ended"),
            Self::Setting => "a setting was changed".to_owned(),
            Self::Producer => "the producer was held or let go".to_owned(),
        }
    }
}

impl State {
    /// Shows it, or hides it.
    pub(super) const fn turn(&mut self) {
        self.shown = match self.shown {
            Foresight::Off => Foresight::On,
            Foresight::On => Foresight::Off,
        };
    }

    /// A new picture came.
    pub(super) fn observe(&mut self, before: &Snapshot, after: &Snapshot) {
        if after.clock.now < before.clock.now {
            self.parted = None;
        } else if self.parted.is_none() && after.clock.now.0 > 0 {
            self.parted = parting(before, after).map(|why| (after.clock.now, why));
        }
    }
}

fn parting(before: &Snapshot, after: &Snapshot) -> Option<Parting> {
    let ended = |state: &WorkerState| {
        !matches!(
            state,
            WorkerState::Starting | WorkerState::Consuming | WorkerState::Waiting
        )
    };
    let crew = |picture: &Snapshot| picture.workers.iter().map(|w| w.id).collect::<Vec<_>>();
    let speeds = |picture: &Snapshot| picture.workers.iter().map(|w| (w.speed, w.habit)).collect::<Vec<_>>();
    // How fast the clock runs changes nothing on it.
    let (mut old, mut new) = (before.settings.as_ref().clone(), after.settings.as_ref().clone());
    (old.scale, new.scale) = (after.settings.scale, after.settings.scale);
    new.seed = old.seed;
    old.heartbeat = new.heartbeat;
    if after.broker.state != BrokerState::Up {
        Some(Parting::Broker)
    } else if crew(before) != crew(after) {
        Some(Parting::Crew)
    } else if let Some(worker) = after.workers.iter().find(|w| ended(&w.state)) {
        Some(Parting::Ended(worker.id))
    } else if old != new || speeds(before) != speeds(after) {
        Some(Parting::Setting)
    } else if before.producer.producing != after.producer.producing && before.clock.pace == Pace::Running {
        Some(Parting::Producer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Prefetch, TimeScale};
    use crate::tui::fixtures;

    #[test]
    fn a_run_parts_from_its_forecast_once_and_meets_it_again_at_zero() {
        let calm = fixtures::prefetch_one();
        let mut state = State::default();
        state.observe(&calm, &calm);
        assert_eq!(state.parted, None);
        let mut faster = calm.clone();
        fixtures::change(&mut faster, |s| s.scale = TimeScale(4_000));
        state.observe(&calm, &faster);
        assert_eq!(state.parted, None, "the clock alone changes nothing");
        let mut other = faster.clone();
        fixtures::change(&mut other, |s| s.prefetch = Prefetch(5));
        state.observe(&faster, &other);
        let parted = Some((other.clock.now, Parting::Setting));
        assert_eq!(state.parted, parted);
        state.observe(&other, &fixtures::killed());
        assert_eq!(state.parted, parted, "the first parting counts");
        let mut zero = calm.clone();
        zero.clock.now = LabTime(0);
        state.observe(&other, &zero);
        assert_eq!(state.parted, None);
    }

    #[test]
    fn each_parting_has_its_words() {
        let calm = fixtures::prefetch_one();
        let mut frozen = calm.clone();
        frozen.workers[1].state = WorkerState::Frozen;
        let mut gone = calm.clone();
        gone.workers.pop();
        let mut away = calm.clone();
        away.broker.state = BrokerState::Ended;
        for (after, words) in [(frozen, "W2 was ended"), (gone, "came or went"), (away, "broker")] {
            let why = parting(&calm, &after).expect("they differ");
            assert!(why.words().contains(words), "{why:?}");
        }
    }
}
