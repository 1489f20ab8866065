//! Lessons on a real wire, compared with the simulated ones.

use super::stage::{self, Place, assert_holds, ends_the_broker, lesson, summary};
use dispatch_lab::scenario::{JobFate, Outcome, Scenario};

/// Per cent by which times may differ where the file says nothing.
const TIMES_PERCENT: u16 = 10;

/// It holds, and each job fared as in the simulation, within the tolerance that the file states.
pub(crate) async fn agrees(place: Place, name: &str) {
    let scenario = lesson(name);
    let (live, version) = stage::play(&place, &scenario).await;
    assert_holds(&scenario, &live, &format!("at {place:?} as {version}"));
    let simulated = stage::simulate(&scenario, version);
    assert_same_fates(&scenario, &live, &simulated);
    // How long a broker that is not the lab's own takes to start is its own affair.
    if matches!(place, Place::Embedded) || !ends_the_broker(&scenario) {
        assert_same_times(&scenario, &live, &simulated);
    }
}

fn assert_same_fates(scenario: &Scenario, live: &Outcome, simulated: &Outcome) {
    let told = || {
        format!(
            "{}\nlive {:#?}\nsimulated {:#?}",
            scenario.name,
            summary(live),
            summary(simulated)
        )
    };
    assert_eq!(live.jobs.len(), simulated.jobs.len(), "{}", told());
    let pairs = || live.jobs.iter().zip(&simulated.jobs);
    let others: Vec<(&JobFate, &JobFate)> = pairs().filter(|(a, b)| a != b).collect();
    // Timing may decide who gets a job, but not what becomes of it.
    let end = |fate: &JobFate| (fate.job, fate.fate, fate.finished);
    let ends = |outcome: &Outcome| outcome.jobs.iter().map(end).collect::<Vec<_>>();
    if &*scenario.name == "fair-dispatch" {
        assert_eq!(ends(live), ends(simulated), "{}", told());
    }
    let most = usize::try_from(scenario.tolerance.jobs).unwrap_or(usize::MAX);
    assert!(others.len() <= most, "{others:#?}\n{}", told());
}

fn assert_same_times(scenario: &Scenario, live: &Outcome, simulated: &Outcome) {
    let percent = match scenario.tolerance.times_percent {
        0 => TIMES_PERCENT,
        percent => percent,
    };
    let (Some(live_ms), Some(simulated_ms)) = (live.makespan_ms, simulated.makespan_ms) else {
        assert_eq!(live.makespan_ms, simulated.makespan_ms, "{}", scenario.name);
        return;
    };
    let most = simulated_ms * f64::from(percent) / 100.0;
    assert!(
        (live_ms - simulated_ms).abs() <= most,
        "{}: {live_ms} ms live, {simulated_ms} ms simulated, {percent} % allowed",
        scenario.name
    );
}
