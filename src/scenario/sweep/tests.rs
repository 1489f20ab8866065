//! What varies, in which order, what of it is best, and how it is told to programs.

mod drawn;

use super::*;
use std::num::NonZero;
use std::path::Path;

/// A sweep whose runs come to what `number` says, by the places of the combination and the number of the seed.
fn sweep(vary: &[&str], seeds: usize, measure: &str, outcome: impl Fn(usize, usize) -> Option<Outcome>) -> Sweep {
    let axes = vary.iter().map(|text| text.parse().expect("it can vary")).collect();
    let grid = Grid::new(axes, NonZero::new(seeds).expect("at least one")).expect("not too many");
    let measure = measure.parse().expect("it is a number");
    let run = |number| outcome(number / seeds, number % seeds).map(|outcome| Ended::new(outcome, measure));
    Sweep {
        scenario: "some-jobs".into(),
        runs: (0..grid.runs()).map(run).collect(),
        grid,
        measure,
    }
}

/// All of 40 jobs were done in so many seconds.
fn done_in(seconds: f64) -> Outcome {
    Outcome {
        published: 40,
        done: 40,
        makespan_ms: Some(seconds * 1000.0),
        ideal_ms: 20_000.0,
        fairness: Some(0.96),
        idle: Some(0.25),
        in_time: true,
        ..Outcome::default()
    }
}

fn places(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("it is small"))
}

#[test]
fn values_are_a_list_of_single_ones_and_ranges() {
    for (text, values) in [
        ("prefetch=0,1,2", "0 1 2"),
        ("prefetch=5", "5"),
        (" prefetch = 1 , 2 ", "1 2"),
        ("workers=2..5", "2 3 4 5"),
        ("workers=2..7/2", "2 4 6"),
        ("workers=7..7", "7"),
        ("workers=1,4..5", "1 4 5"),
        ("workers=[1.0, 0.5],[2.0]", "[1.0, 0.5] [2.0]"),
        ("latency=0ms,5ms,1s", "0ms 5ms 1s"),
        ("latency=0ms..20ms/10ms", "0ms 10ms 20ms"),
        ("heartbeat=1s..3s", "1s 2s 3s"),
        ("rate=0.5,2", "0.5 2"),
        ("ack=manual,auto", "manual auto"),
        ("confirms=on,off", "on off"),
        ("like=3.10,4.0", "3.10 4.0"),
        ("seed=18446744073709551614..18446744073709551615", ""),
        ("delivery-limit=2,3", "2 3"),
        ("queue=transient", "transient"),
    ] {
        let read = text.parse::<Axis>().map(|axis| axis.values.join(" "));
        assert_eq!(read.unwrap_or_default(), values, "{text}");
    }
}

#[test]
fn what_can_not_vary_is_told_with_the_reason() {
    for (text, told) in [
        ("prefech=1", "`prefech` is no setting: did you mean `prefetch`?"),
        ("jobs=5", "said by --jobs N"),
        ("zebra=", "`zebra` is no setting"),
        ("W1.speed=2", "`W1.speed` is no setting"),
        ("prefetch", "a setting and its values are wanted"),
        ("prefetch=", "a value of prefetch is missing"),
        ("prefetch=1,,2", "a value of prefetch is missing"),
        ("prefetch=1,1", "prefetch is 1 twice"),
        ("prefetch=-1", "from 0 to 65535 is allowed"),
        ("prefetch=x", "a whole number is wanted here"),
        ("workers=3..1", "leads nowhere"),
        ("workers=1..9/0", "leads nowhere"),
        ("workers=1..", "is not a range"),
        ("workers=1..2..3", "is not a range"),
        ("seed=0..9999999999", "too many values"),
        ("latency=0ms..1s/5ms", "mixes units"),
        ("latency=0ms..20ms/5", "mixes units"),
        ("latency=5", "a time has a unit: `5s`, or ms, m, h"),
        ("ack=sometimes", "one of `manual`, `auto`"),
        ("workload=odd-hevy", "did you mean `odd-heavy`?"),
        ("like=4.1", "`4.1` is not a version"),
        ("rate=0", "from 0.01 to 10000 is allowed"),
        ("workers=[1.0,0.5", ""),
        ("workers=[1.0]\nprefetch = 1", ""),
    ] {
        let fault = text.parse::<Axis>().expect_err(text);
        assert!(fault.to_string().contains(told), "{text}: {fault}");
        assert!(fault.at.end <= text.len(), "{text}: {fault:?}");
    }
}

#[test]
fn last_setting_turns_fastest_and_all_combinations_come_once() {
    let axes = ["prefetch=0,1", "workers=2..4"].map(|text| text.parse().expect("it can vary"));
    let grid = Grid::new(axes.to_vec(), NonZero::<usize>::MIN.saturating_add(1)).expect("not too many");
    assert_eq!((grid.combinations(), grid.runs()), (6, 12));
    let words: Vec<String> = (0..6).map(|n| grid.words(n)).collect();
    assert_eq!(
        words,
        [
            "prefetch=0, workers=2",
            "prefetch=0, workers=3",
            "prefetch=0, workers=4",
            "prefetch=1, workers=2",
            "prefetch=1, workers=3",
            "prefetch=1, workers=4"
        ]
    );
    assert_eq!(grid.number(&[1, 2]), 5);
    let alone = Grid::new(Vec::new(), NonZero::<usize>::MIN).expect("one run");
    assert_eq!((alone.runs(), alone.words(0)), (1, String::new()));
}

#[test]
fn too_large_and_contradictory_grids_are_refused() {
    for (vary, seeds, told) in [
        (vec!["seed=1..1000", "workers=1..200"], 1, "200,000 runs"),
        (vec!["prefetch=0..999"], 101, "101,000 runs"),
        (vec!["prefetch=1", "prefetch=2"], 1, "prefetch varies twice"),
        (vec!["seed=1,2"], 2, "--seeds"),
        (vec!["workers=1..10000"], usize::MAX, "100,000 is the most"),
    ] {
        let axes = vary.iter().map(|text| text.parse().expect("it can vary")).collect();
        let error = Grid::new(axes, NonZero::new(seeds).expect("at least one")).expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn measures_are_the_numbers_of_expectations_and_the_ratio() {
    let outcome = done_in(30.0);
    for (text, number, said) in [
        ("ratio", Some(1.5), "1.50"),
        ("makespan", Some(30_000.0), "30.0 s"),
        ("fairness", Some(0.96), "0.96"),
        ("idle", Some(0.25), "25%"),
        ("done", Some(40.0), "40"),
        ("wait.p95", None, "-"),
        ("W1.busy", None, "-"),
    ] {
        let measure: Measure = text.parse().expect(text);
        assert_eq!(measure.to_string(), text);
        assert_eq!((measure.of(&outcome), measure.say(number)), (number, said.to_owned()));
    }
    let half = Outcome { done: 20, ..outcome };
    assert_eq!(Measure::Ratio.of(&half), None);
    for (text, told) in [
        ("makespam", "did you mean `makespan`?"),
        ("rato", "did you mean `ratio`?"),
        ("W1", "no number of a run"),
        ("#3.deliveries", "no number of a run"),
        ("wait", "did you mean `wait.p95`?"),
    ] {
        let fault = text.parse::<Measure>().expect_err(text);
        assert!(fault.to_string().contains(told), "{text}: {fault}");
    }
}

#[test]
fn median_of_the_seeds_is_what_counts_and_the_extremes_are_told() {
    // 10, 20, 60 s with prefetch 0; 25, 26, 27 s with prefetch 1.
    let seconds = [[10.0, 20.0, 60.0], [25.0, 26.0, 27.0]];
    let swept = sweep(&["prefetch=0,1"], 3, "makespan", |n, seed| {
        Some(done_in(seconds[n][seed]))
    });
    let spread = swept.standing(0).spread().expect("they ended");
    assert_eq!(
        (spread.lowest, spread.median, spread.highest),
        (10_000.0, 20_000.0, 60_000.0)
    );
    assert_eq!(swept.best(), Some(20_000.0));
    let even = sweep(&["prefetch=0"], 2, "makespan", |_, seed| {
        Some(done_in(seconds[0][seed]))
    });
    assert_eq!(even.standing(0).spread().map(|spread| spread.median), Some(15_000.0));
}

#[test]
fn run_that_did_less_is_not_the_best() {
    let outcome = |n, _| {
        let good = done_in(30.0 - places(n));
        Some(match n {
            0 => good,
            1 => Outcome {
                done: 39,
                lost: 1,
                ..good
            },
            2 => Outcome { in_time: false, ..good },
            _ => Outcome {
                declined: vec!["no".into()],
                ..good
            },
        })
    };
    let swept = sweep(&["prefetch=0..3"], 1, "makespan", outcome);
    let sound: Vec<bool> = swept.standings().map(|standing| standing.sound().is_some()).collect();
    assert_eq!(sound, [true, false, false, false]);
    assert_eq!((swept.ended(), swept.unplayed()), (4, 2));
    // How many were lost can be compared all the same.
    let swept = sweep(&["prefetch=0..1"], 1, "lost", outcome);
    assert_eq!(swept.best(), Some(0.0));
}

#[test]
fn more_fairness_is_better_and_where_all_are_equal_none_is_best() {
    let fair = |fairness: f64| Outcome {
        fairness: Some(fairness),
        ..done_in(30.0)
    };
    let swept = sweep(&["prefetch=0..2"], 1, "fairness", |n, _| {
        Some(fair(0.5 + places(n) / 10.0))
    });
    assert_eq!(swept.best(), Some(0.7));
    let equal = sweep(&["prefetch=0..2"], 1, "fairness", |_, _| Some(fair(0.5)));
    assert_eq!(equal.best(), None);
    let neither = sweep(&["prefetch=0..2"], 1, "ideal", |n, _| Some(done_in(places(n))));
    assert_eq!(neither.best(), None);
}

#[test]
fn other_number_of_jobs_goes_into_the_first_publish_and_takes_its_time() {
    let text = "format = 1\nname = \"a\"\n[[script]]\ndo = \"publish sample 1\"\n[[script]]\n\
                do = [\"publish 40 at rate\", \"publish 2\"]\n[end]\nlimit = \"1m\"\n";
    let scenario = crate::scenario::read(text).expect("it is right");
    let (script, settings) = ((*scenario.script).clone(), &scenario.settings);
    assert_eq!(publishes(&script, settings), 42);
    let more = with_jobs(script.clone(), settings, 400).expect("it publishes");
    assert_eq!((publishes(&more, settings), more.limit.seconds()), (402, 600));
    let less = with_jobs(script.clone(), settings, 4).expect("it publishes");
    assert_eq!((publishes(&less, settings), less.limit), (6, script.limit));
    assert_eq!(with_jobs(script, settings, 10_000_000), None);
    let no_number = text.replace("\"publish 40 at rate\", \"publish 2\"", "\"hold\"");
    let scenario = crate::scenario::read(&no_number).expect("it is right");
    assert_eq!(with_jobs((*scenario.script).clone(), &scenario.settings, 4), None);
}

#[test]
fn schema_that_is_handed_out_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sweep.schema.json");
    let now = sweep_schema();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &now).expect("it can be written");
    }
    let asset = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(asset, now, "run the tests with UPDATE_SCHEMAS=1 to write it anew");
}

#[test]
fn sweeps_are_as_the_schema_says_and_values_as_in_a_file() {
    let schema: serde_json::Value = serde_json::from_str(&sweep_schema()).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let vary = ["prefetch=0,1", "like=4.0", "confirms=on", "latency=5ms"];
    let swept = sweep(&vary, 2, "makespan", |n, seed| {
        (n + seed < 2).then(|| done_in(30.0 - places(n)))
    });
    let told = serde_json::to_value(swept.told()).expect("it is data");
    let errors: Vec<String> = validator.iter_errors(&told).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{told:#}");
    assert!(!validator.is_valid(&serde_json::json!({ "schema": 1 })));
    let best = serde_json::json!({ "prefetch": 1, "like": "4.0", "confirms": true, "latency": "5ms" });
    assert_eq!(told["best"], best);
    assert_eq!(
        (told["asked"].as_u64(), told["runs"].as_array().map(Vec::len)),
        (Some(4), Some(3))
    );
}
