//! The same run in each of its texts.

use super::{Answer, Form, Report};
use crate::lab::{Burial, Cause, Delivery, Happening, JobId, Settings, Speed, WorkerId};
use crate::scenario::{Expected, Outcome};

pub(super) mod hand;

use hand::{about, round_robin, stormy};

pub(super) fn lesson() -> Report {
    let answer = |question: &str, chosen: Option<&str>, right: &str| Answer {
        question: question.into(),
        chosen: chosen.map(Into::into),
        right: Some(right.into()),
        because: "Round-robin counts messages and knows nothing of the work in them.".into(),
    };
    let expected = |text: &str, holds, seen: &str| Expected {
        text: text.into(),
        holds,
        seen: seen.to_owned(),
    };
    let mut about = about();
    about.title = Some("Round-robin deals counts, not load".into());
    about.by = Some("Ada & <script>alert(1)</script>".into());
    about.answers = vec![
        answer(
            "Who finishes more jobs?",
            Some("the one with the light jobs"),
            "both the same",
        ),
        answer("Who works longer?", Some("W1"), "W1"),
        answer("How many jobs are lost?", None, "none"),
    ];
    about.command = Some("dispatch-lab run round-robin --seed 7".to_owned());
    about.outcome = Some(Outcome {
        schema: 1,
        scenario: "round-robin".into(),
        seed: 7,
        broker: "embedded broker".into(),
        published: 40,
        done: 40,
        expectations: vec![
            expected("W1.done == W2.done", true, "W1.done = 20, W2.done = 20"),
            expected("makespan < 1.1 * ideal", false, "makespan = 100 s, 1.1 * ideal = 66 s"),
        ],
        ..Outcome::default()
    });
    round_robin().report(100_000, about)
}

fn text(report: &Report, form: Form) -> String {
    report.text(form).expect("no picture of a screen")
}

#[test]
fn what_happened_is_one_sentence() {
    for (mut hand, until_ms, wanted) in [
        (
            round_robin(),
            100_000,
            "40 jobs, 2 workers, prefetch 0: W1 worked 100 s, W2 20 s; 1.67 × the ideal time.",
        ),
        (
            round_robin(),
            42_000,
            "40 jobs, 2 workers, prefetch 0: W1 worked 42 s, W2 20 s; 12 still open.",
        ),
        (
            stormy(),
            16_000,
            "13 jobs, 3 workers, prefetch 2: W1 worked 9.5 s, W2 9.5 s, W3 7.3 s; 1 lost; 1 done twice. Settings were \
             changed on the way.",
        ),
    ] {
        assert_eq!(hand.report(until_ms, about()).sentence, wanted);
    }
}

#[test]
fn a_report_reads_as_markdown() {
    insta::assert_snapshot!("lesson.md", text(&lesson(), Form::Markdown));
    insta::assert_snapshot!("stormy.md", text(&stormy().report(16_000, about()), Form::Markdown));
}

#[test]
fn a_report_is_data_for_other_programs() {
    insta::assert_snapshot!("stormy.json", text(&stormy().report(16_000, about()), Form::Json));
}

#[test]
fn a_run_that_was_meddled_with_says_so_before_it_is_judged() {
    for form in [Form::Html, Form::Markdown] {
        let untouched = lesson();
        let (meddled, warning) = (
            Report {
                meddled: true,
                ..untouched.clone()
            },
            "changed by hand while",
        );
        assert!(!text(&untouched, form).contains(warning));
        let told = text(&meddled, form);
        let place = |what: &str| told.find(what).expect("it is told");
        assert!(place(warning) < place("Predictions") && place(warning) < place("Expectations"));
    }
}

#[test]
fn a_report_has_a_row_for_each_worker() {
    insta::assert_snapshot!("stormy.csv", text(&stormy().report(16_000, about()), Form::Csv));
    let mut about = about();
    about.by = Some("=HYPERLINK(\"http://example.org\")".into());
    let sheet = text(&stormy().report(16_000, about), Form::Csv);
    assert!(sheet.contains("\"'=HYPERLINK"), "no formula comes from a name: {sheet}");
}

#[test]
fn the_books_are_an_equation_that_adds_up() {
    for (mut hand, until_ms) in [
        (round_robin(), 42_000),
        (round_robin(), 100_000),
        (stormy(), 7_300),
        (stormy(), 16_000),
    ] {
        let books = hand.report(until_ms, about()).books;
        let sum: u32 = books.terms.iter().map(|(_, count)| count).sum();
        assert_eq!(sum, books.published);
    }
}

/// Where `DISPATCH_LAB_PAGES` names a folder, the pages are left there for a browser to open.
#[test]
fn a_page_is_small_enough_to_be_mailed() {
    let pages = [
        ("lesson", lesson()),
        ("stormy", stormy().report(16_000, about())),
        ("under-way", round_robin().report(42_000, about())),
        ("crowd", hand::crowd().report(600_000, about())),
    ];
    for (name, report) in pages {
        let page = text(&report, Form::Html);
        assert!(page.len() < 400_000, "{name} has {} bytes", page.len());
        if let Some(folder) = std::env::var_os("DISPATCH_LAB_PAGES") {
            let path = std::path::Path::new(&folder).join(format!("{name}.html"));
            std::fs::write(path, page).expect("the folder is there");
        }
    }
}

/// Workers W1 and W2, the guest W3, and W4, who came after it.
fn with_a_guest(name: &str) -> Report {
    let mut hand = hand::Hand::new(Settings {
        speeds: vec![Speed(1000); 2],
        ..Settings::default()
    });
    hand.publish(1..=3, Delivery::Persistent)
        .at(1_000)
        .tell(Happening::GuestCame(WorkerId(3), name.into()))
        .consume(3)
        .at(2_000)
        .tell(Happening::Added(WorkerId(4), Speed(500)))
        .consume(4);
    hand.deliver(3, &[1], false)
        .begin(3, 1)
        .deliver(4, &[2, 3], false)
        .begin(4, 2);
    hand.at(3_000).next(3, 1, None);
    hand.at(4_000).next(4, 2, Some(3));
    hand.at(5_000).next(4, 3, None);
    hand.report(6_000, about())
}

#[test]
fn a_guest_has_a_row_and_those_after_it_keep_theirs() {
    let report = with_a_guest("ALICE");
    let rows: Vec<_> = report
        .workers
        .iter()
        .map(|w| (w.called(), w.speed().to_owned(), w.done))
        .collect();
    let row = |name: &str, speed: &str, done| (name.to_owned(), speed.to_owned(), done);
    let wanted = [
        row("W1", "×1.0", 0),
        row("W2", "×1.0", 0),
        row("W3 ALICE", "—", 1),
        row("W4", "×0.5", 2),
    ];
    assert_eq!(rows, wanted);
    let lines: Vec<_> = report
        .timeline
        .rows
        .iter()
        .map(|row| (row.guest.as_deref(), row.blocks.len()))
        .collect();
    assert_eq!(lines, [(None, 0), (None, 0), (Some("ALICE"), 1), (None, 2)]);
    assert_eq!(report.happened[0].what, "W3 ALICE consumes: a guest");
}

#[test]
fn a_guest_s_name_is_a_text_and_nothing_else() {
    let report = with_a_guest("<b>=1+1");
    let page = text(&report, Form::Html);
    assert!(!page.contains("<b>=") && page.contains("&lt;b&gt;=1+1"), "{page}");
    assert!(text(&report, Form::Markdown).contains("W3 \\<b\\>=1+1"));
    let sheet = text(&with_a_guest("=1+1"), Form::Csv);
    assert!(sheet.lines().any(|line| line.ends_with(",'=1+1")), "{sheet}");
}

#[test]
fn what_a_delivery_limit_ends_waits_no_more() {
    let mut hand = hand::Hand::new(Settings::default());
    hand.publish(1..=1, Delivery::Persistent)
        .deliver(1, &[1], false)
        .begin(1, 1);
    hand.at(1_000)
        .went_back(1, &[1], Cause::Requeued)
        .tell(Happening::Buried(JobId(1), Burial::DeliveryLimit));
    let report = hand.report(2_000, about());
    assert_eq!(report.timeline.waiting.last(), Some(&0));
    let said = report.happened.last().map(|line| (line.sign, line.what.as_str()));
    let wanted = "#1 came back too often: the broker put it into the dead-letter queue";
    assert_eq!(said, Some(("lost", wanted)));
}
