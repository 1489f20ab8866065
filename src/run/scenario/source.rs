//! Where a scenario comes from: a file, or the shelf.

use crate::lab::{
    Arrivals, Command, Cue, CueWhen, End, Hold, LabTime, Prefetch, Script, Settings, Sizes, Speed, TimeScale, Version,
    Workload,
};
use crate::scenario::{Expectation, Prose, Scenario, Tolerance};
use std::sync::Arc;

/// `Err`: what is wrong with it, for standard error, with its line ends.
pub(super) fn find(given: &str) -> Result<Scenario, String> {
    match given {
        "round-robin" => Ok(forty(given, 0, &["makespan > 1.5 * ideal", "W1.done == W2.done"])),
        "fair-dispatch" => Ok(forty(given, 1, &["makespan < 1.1 * ideal", "fairness > 0.9"])),
        _ => Err(format!("dispatch-lab: there is no scenario {given}\n")),
    }
}

fn forty(name: &str, prefetch: u16, expected: &[&str]) -> Scenario {
    let expectations = expected.iter().filter_map(|text| Expectation::parse(text).ok());
    Scenario {
        name: name.into(),
        title: name.into(),
        summary: "".into(),
        settings: Settings {
            speeds: vec![Speed(1000); 2],
            prefetch: Prefetch(prefetch),
            workload: Workload {
                sizes: Sizes::OddHeavy,
                arrivals: Arrivals::Regular,
            },
            scale: TimeScale(10_000),
            ..Settings::default()
        },
        version: Version::default(),
        script: Arc::new(Script {
            cues: vec![Cue {
                name: "jobs".into(),
                when: CueWhen::At(LabTime(0)),
                hold: Hold::No,
                does: vec![Command::Publish(40)],
            }],
            end: End::Settled,
            limit: LabTime(600_000_000),
        }),
        predictions: Vec::new(),
        expectations: expectations.collect(),
        flip: None,
        goals: Vec::new(),
        prose: Prose::default(),
        tolerance: Tolerance::default(),
    }
}
