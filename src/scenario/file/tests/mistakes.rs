//! Each mistake that can be made: what is put in place of what in a file that is right, the very word that the carets are
//! under, and a part of what is told.

use super::{SMALL, under, wrong};

type Row = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn mistake_in_a_setting_names_its_place_and_what_was_meant() {
    check(SETTINGS);
}

#[test]
fn mistake_in_a_step_names_its_place_and_what_was_meant() {
    check(STEPS);
}

#[test]
fn mistake_in_what_is_told_names_its_place_and_what_was_meant() {
    check(TOLD);
}

fn check(rows: &[Row]) {
    for (from, to, word, told) in rows {
        assert!(SMALL.contains(from), "{from}");
        let mistakes = wrong(&SMALL.replacen(from, to, 1));
        let described: Vec<String> = mistakes.iter().map(|mistake| mistake.render("test")).collect();
        let described = described.join("\n");
        let found = mistakes
            .iter()
            .any(|mistake| under(mistake) == *word && mistake.render("test").contains(told));
        assert!(found, "{to}: `{word}` and `{told}` are wanted\n{described}");
        assert_eq!(mistakes.len(), 1, "{to}: one mistake leads to others\n{described}");
    }
}

/// Each file that is wrong, and what was put into it.
pub(in super::super::super) fn wrong_files() -> impl Iterator<Item = (String, &'static str)> {
    let rows = [SETTINGS, STEPS, TOLD].into_iter().flatten();
    rows.map(|(from, to, ..)| (SMALL.replacen(from, to, 1), *to))
}

#[rustfmt::skip]
const SETTINGS: &[Row] = &[
    ("workers", "wokers", "wokers", "did you mean `workers`?"),
    ("[settings]", "prefetch = 1\n[settings]", "prefetch", "it belongs under [settings]"),
    ("[settings]", "[setings]", "setings", "did you mean `settings`?"),
    ("[settings]", "[[settings]]", "[[settings]]", "write [settings]"),
    ("[1.0, 0.5]", "[1.0, 50]", "50", "from 0.1 to 10"),
    ("[1.0, 0.5]", "0", "0", "from 1 to 10000"),
    ("[1.0, 0.5]", "\"two\"", "\"two\"", "for example 2"),
    ("[1.0, 0.5]", "2\nrate = 20000", "20000", "from 0.01 to 10000"),
    ("[1.0, 0.5]", "2\nrate = nan", "nan", "from 0.01 to 10000"),
    ("[1.0, 0.5]", "2\nprefetch = \"1\"", "\"1\"", "without quotes: 1"),
    ("[1.0, 0.5]", "2\nprefetch = 70000", "70000", "from 0 to 65535"),
    ("[1.0, 0.5]", "2\nack = \"atuo\"", "atuo", "did you mean `auto`?"),
    ("[1.0, 0.5]", "2\nack = 'clever'", "clever", "one of `manual`, `auto`"),
    ("[1.0, 0.5]", "2\nlatency = 20", "20", "\"20ms\""),
    ("[1.0, 0.5]", "2\nlatency = \"3s\"", "\"3s\"", "2000ms"),
    ("[1.0, 0.5]", "2\nlatency = \"20\"", "\"20\"", "`20s`"),
    ("[1.0, 0.5]", "2\nheartbeat = \"0s\"", "\"0s\"", "1s to 60s"),
    ("[1.0, 0.5]", "2\nbandwidth = 100", "100", "500 and more"),
    ("[1.0, 0.5]", "2\nconfirms = \"on\"", "\"on\"", "without quotes"),
    ("[1.0, 0.5]", "2\ndelivery-limit = 3", "delivery-limit", "queue-type"),
    ("[1.0, 0.5]", "2\nqueue = \"transient\"\nqueue-type = \"quorum\"", "queue", "durable"),
    ("[1.0, 0.5]", "2\nseed = -1", "-1", "from 0"),
    ("format = 1", "format = 2", "2", "format = 1"),
    ("format = 1\n", "", "", "format = 1"),
    ("format = 1", "format = 1\nlike = 4.0", "4.0", "in quotes: \"4.0\""),
    ("format = 1", "format = 1\nlike = \"4.1\"", "4.1", "did you mean"),
    ("\"small\"", "\"Small One\"", "\"Small One\"", "small letters"),
    ("name = \"small\"", "", "", "`name` is missing"),
    ("name = \"jobs\"", "name = \"jobs\"\nname = \"again\"", "name", "duplicate key"),
    ("\"publish 40\"", "\"publish 40", "", "\""),
    ("[settings]", "[settings", "", "]"),
];

#[rustfmt::skip]
const STEPS: &[Row] = &[
    ("publish 40", "publsh 40", "publsh", "did you mean `publish`?"),
    ("publish 40", "publish forty", "forty", "not a whole number"),
    ("publish 40", "publish", "", "for example `publish 40`"),
    ("publish 40", "publish 40 jobs", "jobs", "after a whole action"),
    ("publish 40", "publish 40 at once", "once", "`publish 40` alone is at once"),
    ("publish 40", "publish 20000000", "20000000", "10000000"),
    ("publish 40", "publish sample 101", "101", "from 1 to 100"),
    ("publish 40", "sleep 2s", "sleep", "after = \"2s\""),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"kill W5 reset", "W5", "W1 to W2"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"kill w2 reset", "w2", "did you mean `W2`?"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"kill W2 rest", "rest", "did you mean `reset`?"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"kill W2 close channel", "close channel", "`close-channel`"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"kill W2", "", "crash-before-ack"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"remove W2\"\n[[script]]\ndo = \"revive W2", "W2", "step 2 removed it"),
    ("publish 40", "publish 40\"\n[[script]]\ndo = \"broker start", "\"broker start\"", "up already"),
    ("publish 40", "produce", "\"produce\"", "never settles"),
    ("publish 40", "hold", "[[script]]", "nothing is ever published"),
    ("name = \"jobs\"", "name = \"jobs\"\ndo = \"hold\"\n[[script]]\nname = \"jobs\"", "\"jobs\"", "called `jobs` already"),
    ("do =", "at = 10\ndo =", "10", "\"10s\""),
    ("do =", "at = \"10\"\ndo =", "\"10\"", "`10s`"),
    ("do =", "at = \"1s\"\nafter = \"1s\"\ndo =", "after", "one moment"),
    ("do = ", "at = \"5s\"\ndo = \"hold\"\n[[script]]\nat = \"3s\"\ndo =", "\"3s\"", "earlier"),
    ("do =", "when = \"W1.doen > 3\"\ndo =", "doen", "did you mean `done`?"),
    ("do =", "when = \"w1.done > 3\"\ndo =", "w1.done", "did you mean `W1.done`?"),
    ("do =", "when = \"w1 is down\"\ndo =", "w1", "did you mean `W1`?"),
    ("do =", "when = \"W3.done > 3\"\ndo =", "W3.done", "W1 to W2"),
    ("do =", "when = \"W1 has many\"\ndo =", "", "what of W1?"),
    ("do =", "when = \"W1 has 5 in the bag\"\ndo =", "in the bag", "`W1 has 5 in hand`"),
    ("do =", "when = \"settled\"\ndo =", "\"settled\"", "done >= 40"),
    ("do =", "when = \"done > 3 and lost > 1\"\ndo =", "and lost > 1", "one comparison"),
    ("do =", "when = \"done > 1.5\"\ndo =", "1.5", "whole number"),
    ("[[expect]]", "[end]\nat = \"20s\"\nlimit = \"10s\"\n[[expect]]", "\"10s\"", "later"),
    ("[[expect]]", "[end]\nwhen = \"W3 is down\"\n[[expect]]", "W3", "W1 to W2"),
    ("[[expect]]", "[[script]]\nat = \"20m\"\ndo = \"hold\"\n[end]\nlimit = \"10m\"\n[[expect]]", "\"10m\"", "before the last step"),
    ("[[expect]]", "[[script]]\nat = \"9m\"\ndo = \"hold\"\n[end]\nafter = \"2m\"\nlimit = \"10m\"\n[[expect]]", "\"10m\"", "before the end"),
    ("[[expect]]", "[end]\nlimit = \"0s\"\n[[expect]]", "\"0s\"", "before it begins"),
];

#[rustfmt::skip]
const TOLD: &[Row] = &[
    ("[[expect]]", "[expect]", "[expect]", "write [[expect]]"),
    ("lost == 0", "lots == 0", "lots", "did you mean `lost`?"),
    ("lost == 0", "W3.done > 0", "W3.done", "W1 to W2"),
    ("lost == 0", "makespan < 60", "60", "`60s`"),
    ("lost == 0", "#41.deliveries > 0", "#41.deliveries", "40 are published"),
    ("that", "tht", "tht", "`tht` is not known in [[expect]]"),
    ("that", "of = \"3.9\"\nthat", "3.9", "one of `3.10`, `4.0`, `4.3`"),
    ("[[expect]]", "[tolerance]\ntimes = 10\n[[expect]]", "10", "\"10%\""),
    ("[[expect]]", "[[goal]]\ntext = \"x\"\nreached-if = \"makespan > 1s\"\n[[expect]]", "\"makespan > 1s\"", "counts"),
    ("[[expect]]", "[lesson]\nstory = \"x\"\nreveal = \"y\"\nrule = \"z\"\nsource = \"book\"\n[[expect]]", "\"book\"", "https://"),
    ("[[expect]]", "[lesson]\nstory = \"x\"\nreveal = \"y\"\nrul = \"z\"\n[[expect]]", "rul", "did you mean `rule`?"),
    ("[[expect]]", "[lesson]\nstory = \"x\"\nreveal = \" \"\nrule = \"z\"\n[[expect]]", "\" \"", "nothing stands here"),
    ("[[expect]]", "[flip]\nset = { prefetch = 0 }\nbreaks = \"lost == 0\"\n[[expect]]", "{ prefetch = 0 }", "turns nothing"),
    ("[[expect]]", "[flip]\nset = { prefech = 1 }\nbreaks = \"lost == 0\"\n[[expect]]", "prefech", "did you mean `prefetch`?"),
    ("[[expect]]", "[flip]\nset = { prefetch = 1 }\nbreaks = \"lost == 1\"\n[[expect]]", "\"lost == 1\"", "`lost == 0`"),
    ("[[expect]]", "[flip]\nstep = { job = \"publish 1\" }\nbreaks = \"lost == 0\"\n[[expect]]", "job", "`jobs`"),
    ("[[expect]]", "[flip]\nstep = { jobs = \"publish x\" }\nbreaks = \"lost == 0\"\n[[expect]]", "x", "whole number"),
    ("[[expect]]", "[flip]\nbreaks = \"lost == 0\"\n[[expect]]", "[flip]", "turns nothing"),
    ("[[expect]]", "[[predict]]\nask = \"?\"\nbecause = \"x\"\n[[expect]]", "[[predict]]", "two at least"),
    ("[[expect]]", "[[predict]]\nbefore = \"job\"\nask = \"?\"\nbecause = \"x\"\n[[predict.choice]]\ntext = \"a\"\nright-if = \"lost > 0\"\n[[predict.choice]]\ntext = \"b\"\nright-if = \"lost == 0\"\n[[expect]]", "\"job\"", "`jobs`"),
    ("[[expect]]", "[[predict]]\nask = \"?\"\nbecause = \"x\"\n[[predict.choice]]\ntext = \"a\"\nright-if = \"lost > 0\"\n[[predict.choice]]\ntext = \"a\"\nright-if = \"lost == 0\"\n[[expect]]", "\"a\"", "says the same"),
    ("[[expect]]", "[[predict]]\nask = \"?\"\nbecause = \"x\"\n[[predict.choice]]\ntext = \"a\"\nright-if = \"lost > W1\"\n[[predict.choice]]\ntext = \"b\"\nright-if = \"lost == 0\"\n[[expect]]", "W1", "`W1.done`"),
];
