use super::*;
use crate::lab::Snapshot;
use crate::tui::action::Action;
use crate::tui::fixtures::{self, lesson as fixture};
use crate::tui::lesson::{Deed, Hands, Stage, State};
use crate::tui::model::View;
use crate::tui::view::{render, target as hit};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

fn model(snapshot: &Snapshot, facts: &Facts, stage: Stage) -> Model {
    let mut model = Model::new(snapshot);
    model.view = View::Lesson;
    model.lesson = State::of(&facts.lessons);
    model.lesson.stage = stage;
    model
}

fn shown(model: &Model, facts: &Facts, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend takes any size");
    let theme = Theme::plain();
    terminal
        .draw(|frame| render(frame, model, facts, &theme))
        .expect("it has no errors");
    crate::tui::view::tests::text(terminal.backend().buffer())
}

/// Every stage, with the picture of the lab that goes with it.
fn stages() -> Vec<(&'static str, Snapshot, Stage)> {
    vec![
        ("story", fixture::before(), Stage::Story(1)),
        ("ask", fixture::before(), Stage::Ask(0)),
        ("run", fixture::midway(), Stage::Run),
        ("ask_held", fixture::held(), Stage::Ask(1)),
        ("told_wrong", fixture::over(), Stage::Told(0)),
        ("told_right", fixture::over(), Stage::Told(1)),
        ("reveal", fixture::over(), Stage::Reveal(1)),
        ("rule", fixture::over(), Stage::Rule),
        ("goals", fixture::over(), Stage::Play),
    ]
}

fn scene_of(snapshot: &Snapshot, stage: Stage) -> (Model, Facts) {
    let facts = fixture::facts(snapshot);
    let mut model = model(snapshot, &facts, stage);
    model.lesson.answers = match stage {
        Stage::Story(_) => vec![None, None],
        Stage::Ask(_) => vec![Some(0), None],
        _ => vec![Some(0), Some(1)],
    };
    model.lesson.reached = vec![stage == Stage::Play, false];
    (model, facts)
}

#[test]
fn each_stage_at_each_size() {
    for (name, snapshot, stage) in stages() {
        let (model, facts) = scene_of(&snapshot, stage);
        for size in SIZES {
            let name = format!("{name}_{}x{}", size.0, size.1);
            insta::assert_snapshot!(name, shown(&model, &facts, size));
        }
    }
}

#[test]
fn the_list_at_each_size() {
    let snapshot = fixtures::prefetch_one();
    let mut facts = fixture::facts(&snapshot);
    facts.lessons.open = None;
    let mut model = model(&snapshot, &facts, Stage::Play);
    model.lesson.list = Some(13);
    for size in SIZES {
        let name = format!("list_{}x{}", size.0, size.1);
        insta::assert_snapshot!(name, shown(&model, &facts, size));
    }
}

#[test]
fn a_wrong_prediction_is_told_by_sign_and_word_and_leads_to_its_explanation() {
    let (model, facts) = scene_of(&fixture::over(), Stage::Told(0));
    let shown = shown(&model, &facts, (80, 24));
    for words in [
        "✖ you said",
        "W1, the faster one",
        "✓ it was",
        "both the same",
        "W1.done = 20, W2.done = 20",
        "looked at who is busy",
        "deals the jobs out",
    ] {
        assert!(shown.contains(words), "{words:?} in\n{shown}");
    }
}

#[test]
fn the_lab_stays_in_sight_at_every_stage_and_size() {
    for (name, snapshot, stage) in stages() {
        let (model, facts) = scene_of(&snapshot, stage);
        for size in SIZES {
            let shown = shown(&model, &facts, size);
            for words in ["W1", "W2", "ready", "Workers"] {
                assert!(shown.contains(words), "{words:?} in {name} at {size:?}\n{shown}");
            }
            let timeline = shown.contains("Timeline");
            assert_eq!(timeline, size.0 >= 80, "{shown}");
        }
    }
}

#[test]
fn a_crowd_of_workers_leaves_room_for_the_question() {
    let mut snapshot = fixtures::crowd();
    snapshot.play = fixture::before().play;
    let (model, facts) = scene_of(&snapshot, Stage::Ask(0));
    for size in SIZES {
        let shown = shown(&model, &facts, size);
        assert!(shown.contains("Forty jobs"), "{shown}");
        assert!(shown.contains("3 W2, since") || shown.contains("more: PgDn"), "{shown}");
    }
}

#[test]
fn meddling_is_told_where_it_matters() {
    for stage in [Stage::Run, Stage::Told(0)] {
        let (mut model, facts) = scene_of(&fixture::over(), stage);
        assert!(!shown(&model, &facts, (80, 24)).contains("You changed something"));
        model.lesson.hands = Hands::On;
        let shown = shown(&model, &facts, (80, 24));
        assert!(shown.contains("You changed something"), "{shown}");
    }
}

#[test]
fn an_answer_and_a_worker_can_be_clicked() {
    let (mut model, facts) = scene_of(&fixture::before(), Stage::Ask(0));
    for size in [(80, 24), (120, 40)] {
        model.size = Rect::new(0, 0, size.0, size.1);
        let shown = shown(&model, &facts, size);
        let at = |words: &str| {
            let (y, line) = (0..)
                .zip(shown.lines())
                .find(|(_, line)| line.contains(words))
                .unwrap_or_else(|| panic!("{words} in\n{shown}"));
            let before = line.split(words).next().unwrap_or_default();
            Position::new(u16::try_from(before.chars().count()).expect("columns"), y)
        };
        let press = |words| hit(model.size, at(words), &model, &facts);
        let second = Some(Target::Press(Action::Lesson(Deed::Number(2))));
        assert_eq!(press("both the same"), second);
        let worker = facts.live.workers[1].id;
        assert_eq!(press("W2   "), Some(Target::Worker(worker)));
        assert_eq!(press("Forty jobs"), None);
    }
}

#[test]
fn a_line_of_the_list_can_be_clicked() {
    let (mut model, facts) = scene_of(&fixture::before(), Stage::Story(0));
    model.lesson.list = Some(15);
    model.size = Rect::new(0, 0, 60, 16);
    let shown = shown(&model, &facts, (60, 16));
    let y = shown.lines().position(|line| line.contains("13  ")).expect("a line");
    let at = Position::new(20, u16::try_from(y).expect("16 lines"));
    let pressed = hit(model.size, at, &model, &facts);
    assert_eq!(pressed, Some(Target::Press(Action::Lesson(Deed::Pick(12)))), "{shown}");
}

#[test]
fn a_text_that_is_too_long_can_be_scrolled_to_its_end() {
    let (mut model, facts) = scene_of(&fixture::over(), Stage::Told(0));
    model.size = Rect::new(0, 0, 60, 16);
    let before = shown(&model, &facts, (60, 16));
    assert!(before.contains("more: PgDn"), "{before}");
    let limit = scroll_limit(&model, &facts);
    assert!(limit > 0);
    model.lesson.top = limit;
    let after = shown(&model, &facts, (60, 16));
    assert!(
        !after.contains("more: PgDn") && after.contains("whatever its speed"),
        "{after}"
    );
}

#[test]
fn a_long_hint_leaves_room_for_how_much_is_below() {
    let (model, mut facts) = scene_of(&fixture::over(), Stage::Rule);
    let mut lesson = fixture::scenario();
    lesson.prose.rule = "A rule of very many words. ".repeat(30).trim().into();
    lesson.goals.clear();
    facts.lessons.open = Some(std::sync::Arc::new(lesson));
    let shown = shown(&model, &facts, (60, 16));
    assert!(
        shown.contains("▸ N opens the next") && shown.contains("more: PgDn"),
        "{shown}"
    );
}

#[test]
fn the_list_says_what_enter_does_with_the_marked_lesson() {
    let (mut model, facts) = scene_of(&fixture::midway(), Stage::Run);
    for (row, words) in [(0, "Enter goes back to it"), (1, "Enter opens it")] {
        model.lesson.list = Some(row);
        let shown = shown(&model, &facts, (80, 24));
        assert!(shown.contains(words), "{shown}");
    }
}
