//! The programs, as they are and with the lines that a key changed.

use super::*;
use crate::lab::{AckMode, Prefetch};
use crate::tui::action::Action;
use crate::tui::code::Deed;
use crate::tui::model::View;
use crate::tui::update::update;

fn model(snapshot: &Snapshot) -> Model {
    let mut model = Model::new(snapshot);
    model.view = View::Code;
    model
}

fn facts(snapshot: &Snapshot) -> Facts {
    let mut facts = Facts::of(Arc::new(snapshot.clone()));
    facts.broker_url = Some("amqp://guest:guest@127.0.0.1:40123/%2F".into());
    facts
}

/// Prefetch 1, and then auto-ack: the last key is marked.
fn changed() -> (Snapshot, Model) {
    let before = fixtures::prefetch_one();
    let mut after = before.clone();
    fixtures::change(&mut after, |settings| settings.ack = AckMode::Automatic);
    let mut model = model(&before);
    model.observe(&before, &before);
    model.observe(&before, &after);
    (after, model)
}

#[test]
fn programs_with_the_lines_that_the_last_key_changed() {
    let (snapshot, mut model) = changed();
    let facts = facts(&snapshot);
    for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
        model.size = Rect::new(0, 0, size.0, size.1);
        let shown = text(&seen(&facts, &model, &Theme::plain(), size));
        insta::assert_snapshot!(format!("code_{}x{}", size.0, size.1), shown);
    }
}

#[test]
fn each_language_and_program_has_its_page() {
    let snapshot = fixtures::prefetch_one();
    let facts = facts(&snapshot);
    let mut model = model(&snapshot);
    for name in ["python", "rust", "methods"] {
        for role in ["producer", "worker"] {
            update(&mut model, &facts, Action::Code(Deed::NextRole));
            let shown = text(&seen(&facts, &model, &Theme::plain(), LAPTOP));
            assert!(shown.contains(&format!(" {role} · ")), "{shown}");
            insta::assert_snapshot!(format!("code_{name}_{role}"), shown);
        }
        update(&mut model, &facts, Action::Code(Deed::NextLanguage));
    }
}

#[test]
fn a_program_longer_than_the_screen_says_so_and_scrolls_to_its_end() {
    let snapshot = fixtures::prefetch_one();
    let facts = facts(&snapshot);
    let mut model = model(&snapshot);
    let mut shown = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
    assert!(shown.contains("more: PgDn"), "{shown}");
    for _ in 0..20 {
        update(&mut model, &facts, Action::Code(Deed::ScrollDown));
        shown = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
    }
    assert!(
        shown.contains("connection.close()") && !shown.contains("more: PgDn"),
        "{shown}"
    );
    update(&mut model, &facts, Action::Code(Deed::ScrollUp));
    let higher = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
    assert_ne!(higher, shown, "one press is enough to come back");
}

#[test]
fn a_line_that_changes_comes_into_sight() {
    let before = fixtures::prefetch_one();
    let mut after = before.clone();
    fixtures::change(&mut after, |settings| settings.prefetch = Prefetch(5));
    let mut model = model(&before);
    model.observe(&before, &before);
    model.observe(&before, &after);
    model.code.top = u16::MAX;
    for size in [SMALL, PROJECTOR] {
        let shown = text(&seen(&facts(&after), &model, &Theme::plain(), size));
        assert!(shown.contains(" + channel.basic_qos(prefetch_count=5)"), "{shown}");
        assert!(shown.contains(" − channel.basic_qos(prefetch_count=1)"), "{shown}");
    }
}
