use super::*;
use crate::lab::WorkerId;
use crate::tui::fixtures::{self, wire};

fn scene() -> (Model, Facts) {
    let facts = wire::facts();
    let mut model = Model::new(&facts.snapshot);
    model.view = View::Wire;
    (model, facts)
}

fn press(model: &mut Model, facts: &Facts, deeds: &[Deed]) {
    for deed in deeds {
        assert_eq!(update(model, facts, *deed), None);
    }
}

fn marked(model: &Model, facts: &Facts) -> Option<u64> {
    let shown = model.wire.shown(facts);
    model.wire.marked(&shown).map(|at| shown[at].number)
}

#[test]
fn the_first_press_of_up_marks_the_newest_and_holds_it_while_others_pass() {
    let (mut model, mut facts) = scene();
    let newest = facts.frames.list.last().expect("frames").number;
    assert_eq!(marked(&model, &facts), None);
    press(&mut model, &facts, &[Deed::Move(Move::Older)]);
    assert_eq!(marked(&model, &facts), Some(newest));
    facts.frames = Arc::default();
    assert_eq!(marked(&model, &facts), Some(newest), "what is held stays");
    press(&mut model, &facts, &[Deed::Move(Move::Older)]);
    assert_eq!(marked(&model, &facts), Some(newest - 1));
    press(&mut model, &facts, &[Deed::Move(Move::Newer), Deed::Move(Move::Newer)]);
    assert_eq!(marked(&model, &facts), Some(newest), "no further than the last");
    press(&mut model, &facts, &[Deed::Hold]);
    assert!(model.wire.follows());
}

#[test]
fn a_filter_keeps_the_mark_near_where_it_was() {
    let (mut model, facts) = scene();
    press(&mut model, &facts, &[Deed::Move(Move::Older), Deed::Move(Move::Older)]);
    let before = marked(&model, &facts).expect("marked");
    press(&mut model, &facts, &[Deed::NextSort, Deed::NextSort]);
    assert_eq!(model.wire.sort, Sort::Publishing);
    let after = marked(&model, &facts).expect("there are publications");
    assert!(after <= before, "{after} {before}");
    let shown = model.wire.shown(&facts);
    assert!(shown.iter().all(|frame| Sort::of(frame) == Sort::Publishing));
}

#[test]
fn the_party_key_goes_round_producer_workers_and_everyone() {
    let (mut model, facts) = scene();
    let mut seen = Vec::new();
    for _ in 0..5 {
        press(&mut model, &facts, &[Deed::NextParty]);
        seen.push(model.wire.party);
    }
    let worker = |number| Some(Party::Worker(WorkerId(number)));
    assert_eq!(seen, [Some(Party::Producer), worker(1), worker(2), worker(3), None]);
}

#[test]
fn each_method_has_its_place_in_the_filters() {
    let facts = wire::facts();
    for frame in &facts.frames.list {
        let want = match (&*frame.method, frame.way) {
            ("heartbeat", _) => Sort::Heartbeats,
            ("basic.ack", Way::FromBroker) | ("basic.publish", _) => Sort::Publishing,
            ("basic.ack" | "basic.deliver", _) => Sort::Deliveries,
            _ => Sort::Setup,
        };
        assert_eq!(Sort::of(frame), want, "{frame:?}");
    }
}

#[test]
fn cleared_is_what_passed_before() {
    let (mut model, mut facts) = scene();
    press(&mut model, &facts, &[Deed::Clear]);
    assert_eq!(model.wire.shown(&facts).len(), 0);
    let mut later = (*facts.frames.list[0]).clone();
    later.at = Elapsed(u64::MAX - 1);
    Arc::make_mut(&mut facts.frames).list.push(Arc::new(later));
    assert_eq!(model.wire.shown(&facts).len(), 1);
}

#[test]
fn in_the_past_only_what_had_passed_by_then_is_shown() {
    let (model, mut facts) = scene();
    let mut model = model;
    model.wire.sort = Sort::Everything;
    let all = facts.frames.list.clone();
    let mut then = fixtures::prefetch_one();
    then.at = all[4].at;
    facts.snapshot = Arc::new(then);
    let want = all.iter().filter(|frame| frame.at <= all[4].at).count();
    assert_eq!(model.wire.shown(&facts).len(), want);
    assert!(want < all.len());
}

#[test]
fn escape_goes_back_one_step_at_a_time() {
    let (mut model, facts) = scene();
    press(&mut model, &facts, &[Deed::NextSort, Deed::Fields]);
    assert_eq!(model.wire.fields, Fields::Open);
    press(&mut model, &facts, &[Deed::Back]);
    assert_eq!((model.wire.fields, model.wire.follows()), (Fields::Shut, false));
    press(&mut model, &facts, &[Deed::Back]);
    assert!(model.wire.follows());
    press(&mut model, &facts, &[Deed::Back]);
    assert_eq!((model.wire.sort, model.view), (Sort::Methods, View::Wire));
    press(&mut model, &facts, &[Deed::Back]);
    assert_eq!(model.view, View::Lab);
}
