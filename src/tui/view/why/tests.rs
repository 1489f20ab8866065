//! The view at each size, from pictures made by hand.

use crate::lab::{Earlier, Insight, JobId, LabTime, Prefetch, Snapshot, WorkerId, examples};
use crate::tui::fixtures;
use crate::tui::model::{Model, View};
use crate::tui::theme::Theme;
use crate::tui::view::tests::{drawn, text};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

/// Auto-ack took a tray, and more is true.
fn busy() -> Snapshot {
    let mut picture = fixtures::auto_ack_losses();
    picture.insights = fixtures::held(&[
        Insight::LostWithWorker {
            worker: WorkerId(2),
            jobs: 7,
        },
        Insight::PrefetchWithoutAcks(Prefetch(1)),
        Insight::Hoarding {
            worker: WorkerId(1),
            tray: 40,
            idle: WorkerId(3),
        },
        Insight::PersistentWithoutConfirms,
        Insight::OutOfOrder { late: 14, of: 52 },
    ]);
    let earlier = |insight, times| Earlier {
        insight,
        since: LabTime(12_000_000),
        until: LabTime(21_000_000),
        times,
    };
    picture.earlier = vec![
        earlier(
            Insight::HeadOfLine {
                worker: WorkerId(2),
                tray: 5,
                seconds: 6,
                job: JobId(31),
                dots: 12,
            },
            3,
        ),
        earlier(Insight::AllIdle(3), 1),
    ];
    picture
}

fn shown(snapshot: &Snapshot, rows_down: usize, size: (u16, u16)) -> String {
    let mut model = Model::new(snapshot);
    model.view = View::Why;
    let facts = crate::tui::facts::Facts::of(std::sync::Arc::new(snapshot.clone()));
    for _ in 0..rows_down {
        crate::tui::why::update(&mut model, &facts, crate::tui::why::Deed::Next);
    }
    text(&drawn(snapshot, &model, &Theme::plain(), size))
}

#[test]
fn insights_are_ranked_and_one_is_opened() {
    for size in SIZES {
        let name = format!("why_{}x{}", size.0, size.1);
        insta::assert_snapshot!(name, shown(&busy(), 0, size));
    }
}

#[test]
fn one_that_was_true_earlier_opens_too() {
    insta::assert_snapshot!("why_earlier_80x24", shown(&busy(), 5, SIZES[1]));
}

#[test]
fn too_early_to_say_is_said() {
    let mut picture = fixtures::prefetch_one();
    picture.insights = fixtures::held(&[Insight::NotEnoughData { done: 7, seconds: 4 }]);
    insta::assert_snapshot!("why_early_80x24", shown(&picture, 0, SIZES[1]));
}

#[test]
fn each_insight_shows_its_sentence_rule_and_source_at_every_size() {
    let mut picture = fixtures::killed();
    for insight in examples() {
        picture.insights = fixtures::held(&[insight]);
        for size in SIZES {
            let shown = shown(&picture, 0, size);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let all = words(&shown.replace('│', " "));
            let first = insight.lesson().rule.split_whitespace().next().expect("a word");
            let page = insight.lesson().source.split_whitespace().next().expect("a word");
            assert!(all.contains(insight.lesson().title), "{insight:?} at {size:?}: {shown}");
            assert!(all.contains(first) && all.contains(page), "{insight:?} at {size:?}: {shown}");
        }
    }
}

#[test]
fn the_lab_view_tells_the_gravest_and_where_there_is_more() {
    let picture = busy();
    let model = Model::new(&picture);
    let lab = text(&drawn(&picture, &model, &Theme::plain(), (120, 40)));
    assert!(lab.contains("✖ W2 took 7 jobs with it"), "{lab}");
    assert!(lab.contains("(F7: why)"), "{lab}");
    assert!(!lab.contains("finished after a later one"), "merely worth knowing: {lab}");
}
