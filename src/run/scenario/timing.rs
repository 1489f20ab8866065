//! What does not follow the lab clock: latency, bandwidth and heartbeats are by the watch, so another scale may lead to
//! another outcome.

use crate::lab::{Bandwidth, Command, KillKind, Latency, LineQuality, TimeScale};
use crate::scenario::Scenario;

/// Why the scenario may come to something else at this scale, if it may: one line.
pub(super) fn caution(scenario: &Scenario, scale: TimeScale) -> Option<String> {
    let own = scenario.settings.scale;
    if own == scale {
        return None;
    }
    let real = real_times(scenario);
    (!real.is_empty()).then(|| {
        format!(
            "{}: it is written for ×{}; at ×{} it may come to something else, since {} by the watch, not by the lab clock",
            scenario.name,
            shown(own),
            shown(scale),
            match &real[..] {
                [one] => format!("its {one} goes"),
                [first @ .., last] => format!("its {} and {last} go", first.join(", ")),
                [] => String::new(),
            }
        )
    })
}

/// What in it is real time.
fn real_times(scenario: &Scenario) -> Vec<&'static str> {
    let line = scenario.settings.line;
    let does = || scenario.script.cues.iter().flat_map(|cue| &cue.does);
    let lines = || {
        does().filter_map(|command| match command {
            Command::SetLine(line) => Some(*line),
            _ => None,
        })
    };
    let ever = |is: fn(LineQuality) -> bool| is(line) || lines().any(is);
    let silent = does().any(|command| matches!(command, Command::Kill(_, KillKind::HalfOpen)));
    [
        ("latency", ever(|line| line.latency != Latency::default())),
        ("bandwidth", ever(|line| line.bandwidth != Bandwidth::default())),
        ("heartbeat", silent),
    ]
    .into_iter()
    .filter_map(|(what, there)| there.then_some(what))
    .collect()
}

/// `2`, `0.5`.
fn shown(scale: TimeScale) -> String {
    (f64::from(scale.0) / 1000.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read;

    #[test]
    fn another_scale_is_cautioned_about_where_something_is_real_time() {
        let half_open = "[[script]]\ndo = \"kill W1 half-open\"";
        for (text, scale, told) in [
            ("", 500, None),
            ("[settings]\nlatency = \"100ms\"", 1000, None),
            (
                "[settings]\nlatency = \"100ms\"",
                500,
                Some("since its latency goes by the watch"),
            ),
            (
                "[[script]]\ndo = \"latency 20ms\"",
                2000,
                Some("since its latency goes"),
            ),
            ("[[script]]\ndo = \"kill W1 reset\"", 2000, None),
            (half_open, 10_000, Some("written for ×1; at ×10 it may")),
            (
                &format!("[settings]\nlatency = \"1ms\"\nbandwidth = 1000\n{half_open}"),
                100,
                Some("its latency, bandwidth and heartbeat go"),
            ),
        ] {
            let scenario = read(&format!(
                "format = 1\nname = \"x\"\n{text}\n[[script]]\ndo = \"publish 1\"\n"
            ))
            .expect("it is right");
            let caution = caution(&scenario, TimeScale(scale));
            match told {
                Some(told) => assert!(caution.as_ref().is_some_and(|line| line.contains(told)), "{caution:?}"),
                None => assert_eq!(caution, None, "{text}"),
            }
        }
    }
}
