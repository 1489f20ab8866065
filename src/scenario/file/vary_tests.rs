//! A file read with other settings is the file in which they are written.

use super::*;
use crate::scenario::read;

const FILE: &str = "format = 1\nname = \"a\"\n[settings]\nworkers = 2\nlatency = \"5ms\"\nbandwidth = 10000\n\
                    [[script]]\ndo = [\"publish 40\", \"latency 20ms\"]\n[[script]]\nafter = \"1s\"\ndo = \"kill W2 reset\"\n";

#[test]
fn variation_is_what_the_file_would_be_with_these_words_in_it() {
    let file = Variations::of(FILE).expect("it is right");
    for (set, from, to) in [
        (("workers", "3"), "workers = 2", "workers = 3"),
        (("workers", "[1.0, 0.5]"), "workers = 2", "workers = [1.0, 0.5]"),
        (("latency", "7ms"), "\"5ms\"", "\"7ms\""),
        // The step sets the latency alone, so that its bandwidth is the varied one.
        (("bandwidth", "50000"), "bandwidth = 10000", "bandwidth = 50000"),
        (("like", "3.10"), "name = \"a\"", "name = \"a\"\nlike = \"3.10\""),
        (("confirms", "on"), "[settings]", "[settings]\nconfirms = true"),
        (
            ("queue-type", "quorum"),
            "[settings]",
            "[settings]\nqueue-type = \"quorum\"",
        ),
    ] {
        let varied = file.with(&[set]).expect("it can be");
        let written = read(&FILE.replace(from, to)).expect("it is right");
        let expected = Varied {
            settings: written.settings,
            version: written.version,
            script: (*written.script).clone(),
        };
        assert_eq!(varied, expected, "{set:?}");
    }
}

#[test]
fn what_does_not_go_together_is_refused_with_the_reason() {
    let file = Variations::of(FILE).expect("it is right");
    let told = |set: &[(&str, &str)]| file.with(set).expect_err("it can't be");
    let Unfit::Script(mistakes) = told(&[("workers", "1")]) else {
        panic!("the script kills W2");
    };
    assert_eq!((mistakes[0].line, &*mistakes[0].hint), (11, "the only one is W1"));
    for set in [
        vec![("delivery-limit", "3")],
        vec![("queue-type", "quorum"), ("queue", "transient")],
    ] {
        assert!(matches!(told(&set), Unfit::Settings(_)), "{set:?}");
    }
    assert!(file.with(&[("delivery-limit", "3"), ("queue-type", "quorum")]).is_ok());
}
