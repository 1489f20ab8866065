//! Names of files, and what is never overwritten.

use super::*;
use crate::cli::Cli;
use crate::lab::{BrokerRow, BrokerState, Control, Settings, Speed, Version};
use crate::report::command_line;
use clap::Parser as _;

#[test]
fn each_report_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut names = Vec::new();
    for form in [Form::Html, Form::Html, Form::Svg, Form::Html] {
        let path = save(folder.path(), 7, form, "text").expect("it is written");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "text");
        names.push(path.file_name().expect("a file").to_string_lossy().into_owned());
    }
    let wanted = [
        "dispatch-lab-7-1.html",
        "dispatch-lab-7-2.html",
        "dispatch-lab-7-1.svg",
        "dispatch-lab-7-3.html",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn a_report_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.md");
    write(&path, "first").expect("it is new");
    let error = write(&path, "second").expect_err("it is there");
    assert!(error.is::<Exists>(), "{error:#}");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "first");
    let file = "mine.md".parse::<ReportFile>().expect("a known ending");
    assert!(check(Some(&ReportFile { path, ..file })).is_err());
    let error = write(&folder.path().join("no/such/folder.md"), "").expect_err("there is no folder");
    assert!(error.to_string().starts_with("can't write the report"), "{error:#}");
}

fn lab(line: &str) -> (Settings, Version) {
    let args = Cli::try_parse_from(line.split(' ')).expect(line).lab;
    (args.settings(), args.version())
}

#[test]
fn a_report_s_command_line_begins_the_same_run() {
    let lines = [
        "dispatch-lab --seed 7",
        "dispatch-lab --like 3.10 --speeds 1,0.5,2,0.25 --prefetch 3 --confirms --rate 0.75 --seed 42",
        "dispatch-lab --workers 2 --ack auto --transient --no-persistent --workload odd-heavy --seed 1",
        "dispatch-lab --rate 12 --workload heavy-tail --arrivals poisson --scale 2.5 --latency 20 --bandwidth 10000 \
         --heartbeat 5 --seed 7",
        "dispatch-lab --workload equal --arrivals bursty --seed 7",
        "dispatch-lab --queue-type quorum --sharing queue-each --seed 7",
        "dispatch-lab --queue-type quorum --delivery-limit 3 --seed 7",
        "dispatch-lab --workload instant --seed 18446744073709551615",
    ];
    for line in lines {
        let (settings, version) = lab(line);
        let broker = BrokerRow {
            name: "embedded broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: Some(version),
        };
        assert_eq!(command_line(&settings, &broker), line);
    }
    let settings = Settings {
        speeds: vec![Speed(1333)],
        ..Settings::default()
    };
    let elsewhere = BrokerRow {
        name: "RabbitMQ 4.0.5 at localhost:5672".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("it is not the lab's own"),
        version: None,
    };
    let line = command_line(&settings, &elsewhere);
    assert_eq!(line, "dispatch-lab --url \"$AMQP_URL\" --speeds 1.333 --seed 7");
}
