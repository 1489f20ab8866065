use super::super::{Mistake, Scenario};
use super::read;
use crate::lab::{Command, Compare, Condition, Count, CueWhen, End, Hold, KillKind, LabTime, WorkerCount, WorkerId};
use proptest::prelude::*;

mod mistakes;

pub(in super::super) use mistakes::wrong_files;

const TEMPLATE: &str = include_str!("../../../assets/lessons/template.txt");

/// A small whole file, with a few lines of its own.
const SMALL: &str = r#"format = 1
name = "small"

[settings]
workers = [1.0, 0.5]

[[script]]
name = "jobs"
do = "publish 40"

[[expect]]
that = "lost == 0"
"#;

fn good(text: &str) -> Scenario {
    read(text).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(|mistake| mistake.render("test")).collect();
        panic!("{}", told.join("\n"))
    })
}

fn wrong(text: &str) -> Vec<Mistake> {
    read(text).err().unwrap_or_default()
}

#[test]
fn template_is_a_scenario_with_a_question_and_a_flip() {
    let scenario = good(TEMPLATE);
    assert_eq!(&*scenario.name, "my-lesson");
    assert_eq!(scenario.predictions[0].before, Some(0));
    assert_eq!(scenario.script.cues[0].hold, Hold::Ask);
    let flip = scenario.flip.expect("it has one");
    assert_eq!(
        (&*flip.text, flip.breaks, flip.settings.prefetch.0),
        ("prefetch = 1", 1, 1)
    );
}

#[test]
fn steps_become_cues_in_their_order() {
    let text = SMALL.to_owned()
        + r#"
[[script]]
when = "W2 has 5 in hand"
do = ["kill W2 reset", "latency 20ms", "bandwidth 1000", "add worker", "publish 1_000 at rate"]

[[script]]
after = "1.5s"
do = "speed W3 0.1"

[end]
when = "W1 is down"
limit = "2m"
"#;
    let script = good(&text).script;
    let when: Vec<CueWhen> = script.cues.iter().map(|cue| cue.when).collect();
    let held = Condition {
        what: Count::Worker(WorkerId(2), WorkerCount::Held),
        is: Compare::AtLeast,
        than: 5,
    };
    let expected = [
        CueWhen::After(LabTime(0)),
        CueWhen::When(held),
        CueWhen::After(LabTime(1_500_000)),
    ];
    assert_eq!(when, expected);
    assert_eq!(script.cues[1].does[0], Command::Kill(WorkerId(2), KillKind::Reset));
    assert_eq!(script.cues[1].does.len(), 5);
    let Command::SetLine(line) = script.cues[1].does[2] else {
        panic!("{:?}", script.cues[1].does[2])
    };
    assert_eq!(
        (line.latency.0, line.bandwidth.0),
        (20, 1000),
        "what was set before stays"
    );
    assert!(matches!(script.end, End::When(condition) if condition.than == 0));
    assert_eq!(script.limit, LabTime(120_000_000));
}

#[test]
fn flip_can_turn_what_a_step_does() {
    let text = SMALL.replace(
        "publish 40\"",
        "publish 40\"\n[[script]]\nname = \"end\"\ndo = \"kill W1 cancel\"",
    ) + "\n[flip]\nstep = { end = \"kill W1 reset\" }\nbreaks = \"lost  ==  0\"\n";
    let scenario = good(&text);
    let flip = scenario.flip.expect("it has one");
    assert_eq!(&*flip.text, "end: kill W1 reset");
    assert_eq!(flip.script.cues[1].does, [Command::Kill(WorkerId(1), KillKind::Reset)]);
    assert_eq!(
        scenario.script.cues[1].does,
        [Command::Kill(WorkerId(1), KillKind::Cancel)]
    );
}

/// What the carets are under.
fn under(mistake: &Mistake) -> String {
    let chars = mistake.source.chars();
    chars.skip(mistake.column - 1).take(mistake.width).collect()
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_lines() {
    let text = SMALL
        .replace("workers", "wokers")
        .replace("publish", "publsh")
        .replace("lost", "lots");
    let lines: Vec<usize> = wrong(&text).iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [5, 9, 12]);
}

#[test]
fn place_is_right_in_texts_of_several_lines_and_with_wide_letters() {
    let text = SMALL.replace("\"lost == 0\"", "'''\n  done > 0 and\n  ümlaut > 3'''");
    let mistakes = wrong(&text);
    assert_eq!((mistakes[0].line, mistakes[0].column), (14, 3), "{mistakes:?}");
    // With escapes, the letters of the file are not those of the text: the whole of it is shown.
    let text = SMALL.replace("lost == 0", "lots \\u003e 0");
    let mistakes = wrong(&text);
    assert_eq!(
        (mistakes[0].line, under(&mistakes[0]).as_str()),
        (12, "\"lots \\u003e 0\"")
    );
}

#[test]
fn what_a_file_says_can_not_steer_a_terminal() {
    let text = SMALL.replace("\"lost == 0\"", "\"\\u001b[2J == 0\"");
    for mistake in wrong(&text) {
        assert!(!mistake.render("test").chars().any(|c| c.is_control() && c != '\n'));
    }
    let text = SMALL.replace("name = \"small\"", "name = \"small\"\ntitle = \"a\\u001b[2Jb\"");
    assert!(wrong(&text)[0].what.contains("control character"));
}

#[test]
fn limit_that_nobody_wrote_lets_the_last_step_come() {
    let minutes = |text: &str| good(text).script.limit.0 / 60_000_000;
    assert_eq!(minutes(SMALL), 10);
    let late = "[[script]]\nat = \"20m\"\ndo = \"publish 1\"\n[[script]]\nafter = \"5m\"\ndo = \"publish 1\"\n";
    for (end, limit) in [
        ("", 35),
        ("[end]\nafter = \"7m\"\n", 42),
        ("[end]\nat = \"90m\"\n", 100),
    ] {
        assert_eq!(
            minutes(&SMALL.replace("[[expect]]", &format!("{late}{end}[[expect]]"))),
            limit,
            "{end}"
        );
    }
}

#[test]
fn producer_that_was_given_a_number_comes_to_an_end() {
    good(&SMALL.replace("\"publish 40\"", "[\"produce\", \"publish 3 at rate\"]"));
}

#[test]
fn single_job_can_be_asked_for_where_all_are_told_one_by_one() {
    let of = |jobs: u32, number: u32| {
        let text = SMALL.replace("publish 40", &format!("publish {jobs}"));
        read(&text.replace("lost == 0", &format!("#{number}.deliveries == 1"))).is_ok()
    };
    assert!(of(100_000, 100_000));
    assert!(!of(100_001, 1));
}

#[test]
fn ten_thousand_workers_can_be_simulated_and_no_more() {
    let text = SMALL.replace("[1.0, 0.5]", "10000");
    let scenario = good(&text);
    assert!(scenario.only_simulated() && scenario.describe(None).contains("only be simulated"));
    assert!(!good(SMALL).only_simulated());
    assert_eq!(wrong(&SMALL.replace("[1.0, 0.5]", "10001")).len(), 1);
    let more = text.replace("\"publish 40\"", "[\"publish 40\", \"add worker\"]");
    assert_eq!(wrong(&more).len(), 1);
}

/// Lines of a file, right and wrong.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "format = 1",
            "name = \"x\"",
            "[settings]",
            "[[script]]",
            "do = \"publish 4\"",
            "do = [\"kill W2 reset\"]",
            "at = \"3s\"",
            "when = \"W1.done >= 3\"",
            "[[predict]]",
            "[[predict.choice]]",
            "right-if = \"done > 3\"",
            "ask = \"?\"",
            "[flip]",
            "set = { prefetch = 1, like = \"4.3\" }",
            "breaks = \"done > 3\"",
            "[[expect]]",
            "that = \"done > 3\"",
            "[lesson]",
            "story = [\"a\", \"b\"]",
            "[end]",
            "limit = \"3m\"",
            "[[goal]]",
            "workers = 3",
            "workers = [1, 2.5]",
            "before = \"a\"",
            "script = 3",
            "predict = [1, 2]",
            "choice = [[]]",
            "step = { a = \"hold\" }",
            "name = \"a\"",
            "queue-type = \"quorum\"",
            "[tolerance]",
            "times = \"3%\"",
        ])
        .prop_map(str::to_owned),
        ("[a-z-]{1,8}", "[ -~µ\\n\\t\u{1b}]{0,12}").prop_map(|(key, value)| format!("{key} = {value}")),
        "[ -~µ≥]{0,20}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_a_scenario_or_has_mistakes_that_are_in_it(lines in prop::collection::vec(line(), 0..25)) {
        let text = lines.join("\n");
        if let Err(mistakes) = read(&text) {
            inside(&text, &mistakes)?;
        }
    }

    #[test]
    fn whole_file_with_one_piece_replaced_does_no_harm(
        (start, length) in (0..3000_usize, 0..40_usize),
        put in "[ -~\\n\u{e4}]{0,12}",
    ) {
        let (mut start, mut end) = (start.min(TEMPLATE.len()), (start + length).min(TEMPLATE.len()));
        while !TEMPLATE.is_char_boundary(start) { start -= 1; }
        while !TEMPLATE.is_char_boundary(end) { end += 1; }
        let text = format!("{}{put}{}", &TEMPLATE[..start], &TEMPLATE[end..]);
        if let Err(mistakes) = read(&text) {
            inside(&text, &mistakes)?;
        }
    }
}

fn inside(text: &str, mistakes: &[Mistake]) -> Result<(), TestCaseError> {
    prop_assert!(!mistakes.is_empty());
    for mistake in mistakes {
        // A text that ends with a line's end has one more line, which is empty.
        let line = text.split('\n').nth(mistake.line - 1);
        let length = line.map(|line| line.chars().count());
        prop_assert!(
            length.is_some_and(|length| mistake.column - 1 + mistake.width <= length),
            "{mistake:?}"
        );
        let place = format!("test:{}:{}:", mistake.line, mistake.column);
        prop_assert!(mistake.render("test").starts_with(&place));
    }
    Ok(())
}
