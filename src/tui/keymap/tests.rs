use super::*;
use crate::lab::WorkerId;
use crate::tui::fixtures;
use crate::tui::model::Model;
use ratatui::layout::Rect;

const OVERLAYS: [Overlay; 9] = [
    Overlay::Closed,
    Overlay::Kill(WorkerId(1), 0),
    Overlay::Broker(0),
    Overlay::Remove(WorkerId(1)),
    Overlay::Help(0),
    Overlay::Matrix,
    Overlay::Door,
    Overlay::Palette(0),
    Overlay::Find,
];

/// Everywhere.
fn places() -> impl Iterator<Item = Place> {
    let views = View::ALL.into_iter();
    let places = views.flat_map(|view| OVERLAYS.map(|overlay| (view, overlay)));
    let tenses = [Tense::Present, Tense::Past];
    places.flat_map(move |(view, overlay)| tenses.map(|tense| Place { view, overlay, tense }))
}

fn lab(overlay: Overlay) -> Place {
    Place {
        view: View::Lab,
        overlay,
        tense: Tense::Present,
    }
}

#[test]
fn no_key_means_two_things_in_one_place() {
    // A view may use a key of the lab's for itself, and the past a key of either.
    let layer = |b: &Binding| match b.context {
        Context::Past => 0,
        Context::View(_) => 1,
        _ => 2,
    };
    for place in places() {
        for wanted in 0..3 {
            let keys: Vec<Key> = bindings()
                .filter(|b| b.context.holds(place) && layer(b) == wanted)
                .flat_map(|b| b.keys)
                .copied()
                .collect();
            for (i, key) in keys.iter().enumerate() {
                assert!(!keys[..i].contains(key), "{key:?} twice in {place:?}");
            }
        }
    }
}

#[test]
fn each_binding_answers_to_each_of_its_keys() {
    for place in places() {
        let here = || bindings().filter(|b| b.context.holds(place));
        for key @ Key(code, modifiers) in here().flat_map(|b| b.keys) {
            let first = here().find(|b| b.keys.contains(key));
            let event = KeyEvent::new(*code, *modifiers);
            assert_eq!(action(place, event), first.map(|b| b.action));
        }
    }
}

#[test]
fn shift_is_told_by_some_terminals_and_not_by_others() {
    for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
        let event = KeyEvent::new(KeyCode::Char('K'), modifiers);
        assert_eq!(action(lab(Overlay::Closed), event), Some(Action::KillAgain));
    }
    let ctrl_k = KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL);
    assert_eq!(action(lab(Overlay::Closed), ctrl_k), None);
}

#[test]
fn every_kill_and_every_order_has_a_key() {
    for kind in KillKind::ALL {
        assert!(bindings().any(|b| b.action == Action::Kill(kind)), "{kind}");
    }
    for line in BROKER_MENU {
        assert!(bindings().any(|b| b.action == line.action()), "{line:?}");
    }
}

#[test]
fn one_can_leave_and_go_back_everywhere() {
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for place in places() {
        assert_eq!(action(place, ctrl_c), Some(Action::Quit));
        assert!(action(place, KeyEvent::from(KeyCode::Esc)).is_some(), "{place:?}");
    }
}

#[test]
fn the_footer_fits_and_always_offers_help() {
    let snapshot = fixtures::killed();
    let facts = crate::tui::facts::Facts::of(std::sync::Arc::new(snapshot.clone()));
    for (width, least) in [(60, 4), (80, 6), (120, 9), (200, 15)] {
        for worker in &snapshot.workers {
            let mut model = Model::new(&snapshot);
            model.selected = worker.id;
            let area = Rect::new(0, 0, width, 1);
            let buttons = crate::tui::view::footer_buttons(area, &model, &facts);
            let end = buttons.last().map_or(0, |b| b.x + b.width);
            assert!(end <= width, "{end} > {width}");
            assert!(buttons.len() >= least, "{} at {width}", buttons.len());
            assert!(buttons.iter().any(|b| b.binding.action == Action::OpenHelp));
        }
    }
}

#[test]
fn each_lab_key_is_explained_once() {
    let table = key_table_markdown();
    // Further views may use the same keys for themselves, and say so below.
    let table = table.split(" view** |").next().expect("a first part");
    for heading in Group::ALL {
        assert!(table.contains(heading.title()));
        for binding in group(heading) {
            assert!(!binding.help.is_empty(), "{}", binding.shown);
            assert_eq!(
                table.matches(&format!("| `{}` |", binding.shown)).count(),
                1,
                "{}",
                binding.shown
            );
        }
    }
}
