//! Lessons on a virtual clock.

use super::stage::{self, assert_holds, lesson};
use dispatch_lab::lab::Version;

/// What is expected holds on each version of which it is; and exactly one choice of each question is right.
pub(crate) fn holds(name: &str) {
    let scenario = lesson(name);
    for version in [Version::V3_10, Version::V4_0, Version::V4_3] {
        let outcome = stage::simulate(&scenario, version);
        assert_holds(&scenario, &outcome, &format!("as {version}"));
        assert!(!outcome.expectations.is_empty(), "{name} expects nothing of {version}");
    }
}

/// The named expectation breaks, and for no other reason than that it does not hold.
pub(crate) fn breaks_when_flipped(name: &str) {
    let scenario = lesson(name);
    let flip = scenario.flip.as_ref().expect("each lesson has a flip");
    let flipped = scenario.flipped().expect("it has");
    let mut outcome = stage::simulate(&flipped, flip.version);
    let told = format!("{name} with {}: {:#?}", flip.text, stage::summary(&outcome));
    assert_eq!(scenario.flip_shows_not(&outcome), None, "{told}");
    // Unflipped it holds.
    outcome = stage::simulate(&scenario, scenario.version);
    assert!(outcome.expectations[flip.breaks].holds, "{told}");
}
