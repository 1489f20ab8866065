use super::*;
use clap::CommandFactory;

fn settings(args: &[&str]) -> Settings {
    let all = std::iter::once("dispatch-lab").chain(args.iter().copied());
    Cli::try_parse_from(all).expect("arguments are good").lab.settings()
}

fn refusal(args: &[&str]) -> String {
    let all = std::iter::once("dispatch-lab").chain(args.iter().copied());
    Cli::try_parse_from(all).expect_err("arguments are bad").to_string()
}

#[test]
fn definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn workers_and_speeds_fill_each_other() {
    let speeds = |args: &[&str]| settings(args).speeds.iter().map(|s| s.0).collect::<Vec<_>>();
    assert_eq!(speeds(&[]), [1000, 500, 2000]);
    assert_eq!(speeds(&["--workers", "2"]), [1000, 1000]);
    assert_eq!(speeds(&["--speeds", "0.1,10"]), [100, 10_000]);
    assert_eq!(speeds(&["--speeds", "1,2", "--workers", "3"]), [1000, 2000, 1000]);
    assert_eq!(speeds(&["--workers", "64"]).len(), 64);
}

#[test]
fn the_version_is_that_of_the_embedded_broker() {
    let lab = |args: &[&str]| {
        let all = std::iter::once("dispatch-lab").chain(args.iter().copied());
        Cli::try_parse_from(all).expect("arguments are good").lab
    };
    assert_eq!(lab(&[]).version(), Version::V4_0);
    assert_eq!(lab(&["--like", "3.10"]).version(), Version::V3_10);
    assert!(refusal(&["--like", "4.1"]).contains("3.10, 4.0, 4.3"));
    assert!(refusal(&["--like", "4.3", "--url", "amqp://host"]).contains("--url"));
}

#[test]
fn the_last_of_two_opposites_wins() {
    assert_eq!(settings(&[]).queue, QueueKind::Durable);
    assert_eq!(settings(&["--transient"]).queue, QueueKind::Transient);
    assert_eq!(settings(&["--transient", "--durable"]).queue, QueueKind::Durable);
    assert_eq!(settings(&["--no-persistent"]).messages, Delivery::Transient);
    assert_eq!(
        settings(&["--no-persistent", "--persistent"]).messages,
        Delivery::Persistent
    );
}

#[test]
fn bad_values_say_what_is_allowed() {
    for (args, words) in [
        (["--speeds", "11"], "0.1 to 10"),
        (["--speeds", "fast"], "not a number"),
        (["--rate", "0"], "0.01 to 10000"),
        (["--rate", "nan"], "0.01 to 10000"),
        (["--scale", "0.01"], "0.1 to 10"),
        (["--workers", "0"], "1..=64"),
        (["--workers", "65"], "1..=64"),
        (["--latency", "2001"], "0..=2000"),
        (["--bandwidth", "10"], "500 and more"),
        (["--heartbeat", "0"], "1 to 60"),
        (["--heartbeat", "61"], "1 to 60"),
        (["--ack", "maybe"], "manual"),
        (["--workload", "heavy"], "odd-heavy"),
    ] {
        let text = refusal(&args);
        assert!(text.contains(words), "{args:?} says: {text}");
    }
}

#[test]
fn a_password_shows_neither_in_the_help_nor_in_a_debug_print() {
    let help = Cli::command().render_long_help().to_string();
    let lab = Cli::try_parse_from(["dispatch-lab", "--url", "amqp://ann:sesame@host"])
        .expect("arguments are good")
        .lab;
    assert!(!format!("{lab:?}").contains("sesame"));
    assert!(help.contains("AMQP_URL") && !help.contains("AMQP_URL="), "{help}");
}
