use super::*;
use crate::lab::{WorkerId, examples};
use crate::tui::action::Action;
use crate::tui::fixtures;
use std::sync::Arc;

fn picture() -> Snapshot {
    let mut picture = fixtures::killed();
    picture.insights = fixtures::held(&examples());
    picture
}

fn press(model: &mut Model, snapshot: &Snapshot, deeds: &[Deed]) {
    let facts = Facts::of(Arc::new(snapshot.clone()));
    for &deed in deeds {
        let effect = super::super::update::update(model, &facts, Action::Why(deed));
        assert_eq!(effect, None);
    }
}

#[test]
fn the_list_is_walked_and_its_ends_hold() {
    let snapshot = picture();
    let rows = list(&snapshot).count();
    let mut model = Model::new(&snapshot);
    let table: &[(&[Deed], usize)] = &[
        (&[], 0),
        (&[Deed::Previous], 0),
        (&[Deed::Next, Deed::Next], 2),
        (&[Deed::PageDown], 7),
        (&[Deed::PageUp, Deed::Previous], 1),
        (&[Deed::PageDown; 20], rows - 1),
    ];
    for (deeds, row) in table {
        press(&mut model, &snapshot, deeds);
        assert_eq!(opened(&model.why, &snapshot), Some(*row), "{deeds:?}");
    }
}

#[test]
fn what_is_open_stays_open_when_others_come_and_go() {
    let mut snapshot = picture();
    let mut model = Model::new(&snapshot);
    press(&mut model, &snapshot, &[Deed::Next, Deed::Next]);
    let chosen = list(&snapshot).nth(2);
    snapshot.insights.remove(0);
    assert_eq!(opened(&model.why, &snapshot), Some(1));
    assert_eq!(list(&snapshot).nth(1), chosen);
    snapshot.insights.clear();
    assert_eq!(opened(&model.why, &snapshot), None);
}

#[test]
fn enter_selects_the_worker_it_is_about() {
    let mut snapshot = picture();
    let mut model = Model::new(&snapshot);
    snapshot.insights = fixtures::held(&[Insight::DoubleAck(WorkerId(3)), Insight::NobodyConsumes(2)]);
    press(&mut model, &snapshot, &[Deed::SelectWorker]);
    assert_eq!(model.selected, WorkerId(3));
    press(&mut model, &snapshot, &[Deed::Next, Deed::SelectWorker]);
    let said = model.message.as_ref().map(|m| m.text.clone());
    assert_eq!(said.as_deref(), Some("this one is about no single worker"));
    snapshot.insights = fixtures::held(&[Insight::DoubleAck(WorkerId(77))]);
    press(&mut model, &snapshot, &[Deed::SelectWorker]);
    assert_eq!(model.selected, WorkerId(3));
}

#[test]
fn each_remedy_with_a_key_has_one_that_works() {
    for insight in examples() {
        let remedy = insight.remedy(&fixtures::empty().settings);
        if let Some(action) = action(remedy) {
            let key = key(action).expect("it is in the table of keys");
            assert!((1..=2).contains(&key.chars().count()), "{key}");
        }
    }
}
