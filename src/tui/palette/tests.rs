use super::*;
use crate::lab::{Command, WorkerId};
use crate::tui::facts::Facts;
use crate::tui::fixtures;
use crate::tui::model::Overlay;
use crate::tui::update::{Effect, update};
use std::sync::Arc;

fn typed(text: &str) -> (Model, Facts) {
    let snapshot = fixtures::prefetch_one();
    let mut model = Model::new(&snapshot);
    let facts = Facts::of(Arc::new(snapshot));
    assert_eq!(update(&mut model, &facts, Action::Room(Deed::OpenPalette)), None);
    for c in text.chars() {
        assert_eq!(update(&mut model, &facts, Action::Type(c)), None);
    }
    (model, facts)
}

#[test]
fn an_action_is_found_by_its_words_or_some_letters_of_them() {
    for (text, wanted) in [
        ("kill", Action::OpenKillMenu),
        ("reset socket", Action::Kill(KillKind::Reset)),
        ("pause", Action::TogglePause),
        ("high con", Action::Room(Deed::Theme(ThemeChoice::Contrast))),
        ("prefetch up", Action::PrefetchUp),
        ("qos", Action::NextQos),
        ("pftch down", Action::PrefetchDown),
        ("view wire", Action::Show(View::Wire)),
        ("hundred", Action::Publish(100)),
        ("QUIT", Action::Quit),
    ] {
        let (model, _) = typed(text);
        assert_eq!(
            found(&model).first().map(|entry| entry.action),
            Some(wanted),
            "{text:?}"
        );
    }
}

#[test]
fn scattered_letters_count_only_where_no_word_is_found() {
    let (model, _) = typed("pre");
    let found = found(&model);
    assert!(!found.is_empty());
    for entry in found {
        let text = format!("{} {}", entry.name, entry.also).to_lowercase();
        assert!(text.contains("pre"), "{text}");
    }
}

#[test]
fn nothing_is_found_by_letters_that_no_name_has() {
    let (model, _) = typed("qzx");
    assert_eq!(found(&model), []);
}

#[test]
fn every_key_of_the_help_has_its_line_and_each_line_a_name() {
    let (model, _) = typed("");
    let all = found(&model);
    for group in Group::ALL {
        for binding in keymap::group(group) {
            let by_place = matches!(binding.action, Action::SelectRow(_) | Action::Close | Action::Show(_));
            let itself = binding.action == Action::Room(Deed::OpenPalette);
            assert!(
                by_place || itself || all.iter().any(|entry| entry.action == binding.action),
                "{}",
                binding.help
            );
        }
    }
    assert!(all.iter().all(|entry| !entry.name.is_empty()));
    for view in View::ALL {
        assert!(
            all.iter()
                .any(|entry| entry.action == Action::Show(view) && entry.key.starts_with('F'))
        );
    }
}

#[test]
fn enter_does_the_marked_line_and_closes() {
    let (mut model, facts) = typed("kill reset");
    let done = update(&mut model, &facts, Action::MenuPick);
    assert_eq!(done, Some(Effect::Ask(Command::Kill(WorkerId(1), KillKind::Reset))));
    assert_eq!(model.overlay, Overlay::Closed);
    let (mut model, facts) = typed("view");
    update(&mut model, &facts, Action::MenuNext);
    let second = found(&model)[1].clone();
    update(&mut model, &facts, Action::MenuPick);
    assert_eq!(
        (Action::Show(model.view), model.overlay),
        (second.action, Overlay::Closed)
    );
}

#[test]
fn what_cannot_be_done_says_why_and_the_palette_stays() {
    let (mut model, facts) = typed("broker start");
    assert_eq!(update(&mut model, &facts, Action::MenuPick), None);
    assert!(model.message.is_some());
    assert!(matches!(model.overlay, Overlay::Palette(_)));
}

#[test]
fn typing_marks_the_first_line_again_and_a_new_palette_is_empty() {
    let (mut model, facts) = typed("p");
    update(&mut model, &facts, Action::MenuNext);
    update(&mut model, &facts, Action::Type('r'));
    assert_eq!(model.overlay, Overlay::Palette(0));
    update(&mut model, &facts, Action::Close);
    update(&mut model, &facts, Action::Room(Deed::OpenPalette));
    assert_eq!(model.typed, "");
}
