use super::*;
use crate::lab::{Prefetch, Snapshot};
use crate::tui::fixtures;
use ratatui::layout::Rect;
use std::sync::Arc;

fn scene(snapshot: Snapshot) -> (Model, Facts) {
    let facts = Facts::of(Arc::new(snapshot));
    (Model::new(&facts.snapshot), facts)
}

#[test]
fn a_changed_setting_marks_its_lines_until_they_have_been_seen() {
    let before = fixtures::empty();
    let mut after = before.clone();
    fixtures::change(&mut after, |settings| settings.prefetch = Prefetch(5));
    let (mut model, _) = scene(before.clone());
    model.observe(&before, &before);
    let now = Case::with(&after.settings);
    assert_eq!(model.code.before(&now), None);
    model.observe(&before, &after);
    let marked = model.code.before(&now).expect("marked");
    assert_eq!((marked.prefetch, marked.ack), (Prefetch(0), now.ack));
    let due = model.next_due().expect("the marks go by themselves");
    assert!(model.tick(Elapsed(MARKED_US)) && due <= Elapsed(MARKED_US));
    assert_eq!(model.code.before(&now), None);
}

#[test]
fn both_programs_are_offered_where_there_is_room() {
    let (mut model, facts) = scene(fixtures::empty());
    let mut roles = |width| {
        model.size = Rect::new(0, 0, width, 40);
        model.code.role = None;
        [(); 4].map(|()| {
            update(&mut model, &facts, Deed::NextRole);
            model.code.role
        })
    };
    let (producer, worker) = (Some(Role::Producer), Some(Role::Worker));
    assert_eq!(roles(80), [producer, worker, producer, worker]);
    assert_eq!(roles(200), [producer, worker, None, producer]);
}

#[test]
fn what_is_copied_and_written_is_what_is_shown() {
    let (mut model, mut facts) = scene(fixtures::empty());
    facts.broker_url = Some("amqp://guest:guest@127.0.0.1:4321/%2F".into());
    let Some(Effect::Outside(outside::Deed::Copy { what, text })) = update(&mut model, &facts, Deed::Copy) else {
        panic!("it is copied")
    };
    assert_eq!(what, "worker.py");
    assert!(
        text.contains("127.0.0.1:4321") && text.contains("basic_qos(prefetch_count=0)"),
        "{text}"
    );
    let Some(Effect::Outside(outside::Deed::Save(files))) = update(&mut model, &facts, Deed::Save) else {
        panic!("it is written")
    };
    assert!(files.iter().any(|file| file.name == "worker.py" && file.text == text));
}
