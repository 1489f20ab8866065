use super::*;
use crate::lab::{AckMode, Latency, Prefetch, Speed};
use crate::tui::fixtures::{self, contest};
use crate::tui::keymap;
use crate::tui::update::update as step;
use crossterm::event::KeyEvent;
use std::sync::Arc;

/// A screen that shows the comparison view.
fn screen() -> (Model, Facts) {
    let facts = Facts::of(Arc::new(fixtures::prefetch_one()));
    let mut model = Model::new(&facts.snapshot);
    model.view = View::Compare;
    (model, facts)
}

/// Plays keys as typed, `\n` for Enter, and returns what they asked for.
fn play(model: &mut Model, facts: &Facts, keys: &str) -> Vec<ContestOrder> {
    let mut asked = Vec::new();
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '↓' => KeyCode::Down,
            '↑' => KeyCode::Up,
            key => KeyCode::Char(key),
        };
        let action = keymap::action(model.place(), KeyEvent::from(code)).expect("a key of the table");
        if let Some(Effect::Contest(order)) = step(model, facts, action) {
            asked.push(order);
        }
    }
    asked
}

fn begun(orders: &[ContestOrder]) -> &Plan {
    match orders {
        [ContestOrder::Begin(plan)] => plan,
        other => panic!("one plan, not {other:?}"),
    }
}

#[test]
fn a_digit_and_enter_begin_a_ready_made_pair() {
    for (key, preset) in ["1", "2", "3"].into_iter().zip(Preset::ALL) {
        let (mut model, facts) = screen();
        let orders = play(&mut model, &facts, &format!("{key}\n"));
        assert_eq!(*begun(&orders), preset.plan());
        assert_eq!(model.compare.stage, Stage::Contest);
    }
}

#[test]
fn the_marked_line_is_changed_for_one_side() {
    let (mut model, facts) = screen();
    // Prefetch of B from 1 to 2 and of A from 0 back to 250; then the acks of B.
    let orders = play(&mut model, &facts, "fE↓f\n");
    let [a, b] = &begun(&orders).sides;
    assert_eq!((a.prefetch, b.prefetch), (Prefetch(250), Prefetch(2)));
    assert_eq!((a.ack, b.ack), (AckMode::Manual, AckMode::Automatic));
    assert_eq!(model.compare.preset, None);
}

#[test]
fn what_makes_the_jobs_is_the_same_for_both() {
    for key in ['e', 'f'] {
        let (mut model, facts) = screen();
        model.compare.knob = Knob::Workers;
        let orders = play(&mut model, &facts, &format!("{key}↓{key}↓{key}↓{key}\n"));
        let plan = begun(&orders);
        let [a, b] = &plan.sides;
        assert_eq!(a.speeds, [500, 2000].map(Speed));
        assert_eq!((&a.speeds, a.workload, a.rate), (&b.speeds, b.workload, b.rate));
        assert_eq!((plan.jobs, plan.feed), (100, Feed::AtRate));
    }
}

#[test]
fn every_line_can_be_turned_round_and_back() {
    for knob in Knob::ALL {
        let mut plan = Preset::Latency.plan();
        knob.turn(&mut plan, Side::A, Way::Up);
        let before = plan.clone();
        knob.turn(&mut plan, Side::A, Way::Up);
        assert_ne!(plan, before, "{knob:?}");
        knob.turn(&mut plan, Side::A, Way::Down);
        assert_eq!(plan, before, "{knob:?}");
        assert!(!knob.value(&plan, Side::A).is_empty());
    }
}

#[test]
fn the_lab_as_it_is_can_be_the_start() {
    let (mut model, facts) = screen();
    let orders = play(&mut model, &facts, "3o\n");
    let plan = begun(&orders);
    assert_eq!(plan.sides[0].prefetch, facts.live.settings.prefetch);
    assert_eq!(plan.sides[0].line.latency, Latency(0));
    assert_eq!(plan.sides[0], plan.sides[1]);
    assert_eq!(plan.sides[0].speeds.len(), facts.live.workers.len());
}

#[test]
fn guests_are_not_compared() {
    let (mut model, mut facts) = screen();
    let mut live = (*facts.live).clone();
    let own = live.workers.len();
    let mut guest = live.workers[0].clone();
    (guest.guest, guest.speed) = (Some("ALICE".into()), crate::lab::Speed(0));
    live.workers.push(guest);
    facts.live = std::sync::Arc::new(live);
    let orders = play(&mut model, &facts, "o\n");
    assert_eq!(begun(&orders).sides[0].speeds.len(), own);
}

#[test]
fn under_way_it_can_only_be_ended() {
    let (mut model, mut facts) = screen();
    play(&mut model, &facts, "\n");
    facts.contest = Some(Arc::new(contest::under_way()));
    for key in ["\n", "2", "e", "↓"] {
        assert_eq!(play(&mut model, &facts, key), []);
        assert!(model.message.is_some(), "{key:?} is answered");
        assert_eq!(model.compare.stage, Stage::Contest);
    }
    assert_eq!(play(&mut model, &facts, "x"), [ContestOrder::End]);
    facts.contest = Some(Arc::new(contest::over()));
    assert_eq!(begun(&play(&mut model, &facts, "\n")).jobs, 40, "again");
    assert_eq!(play(&mut model, &facts, "x"), []);
    assert_eq!(model.compare.stage, Stage::SetUp);
}

#[test]
fn a_recording_begins_no_comparison_and_says_so() {
    let (mut model, facts) = screen();
    model.rewind = crate::tui::rewind::State::of_recording(crate::tui::rewind::Ending::Whole);
    assert_eq!(play(&mut model, &facts, "\n"), []);
    assert_eq!(model.compare.stage, Stage::SetUp, "the set-up is still shown");
    assert!(model.message.is_some());
}

#[test]
fn the_footer_offers_what_can_be_done_at_each_stage() {
    let offered = |model: &Model, facts: &Facts| -> Vec<&str> {
        let deeds = [
            Deed::Begin,
            Deed::Choose(Preset::Acks),
            Deed::Next(Side::A),
            Deed::Leave,
        ];
        let label = |deed| label(&model.compare, facts, deed, "usual");
        deeds.into_iter().filter_map(label).collect()
    };
    let (mut model, mut facts) = screen();
    assert_eq!(offered(&model, &facts), ["usual"; 3]);
    let narrow = ratatui::layout::Rect::new(0, 0, 80, 1);
    let buttons = crate::tui::view::footer_buttons(narrow, &model, &facts);
    assert!(buttons.iter().any(|b| b.binding.action == Action::NextView));
    model.compare.stage = Stage::Contest;
    facts.contest = Some(Arc::new(contest::under_way()));
    assert_eq!(offered(&model, &facts), ["end"]);
    facts.contest = Some(Arc::new(contest::over()));
    assert_eq!(offered(&model, &facts), ["again", "usual", "back"]);
}

#[test]
fn the_labs_own_keys_still_work_here() {
    let (mut model, facts) = screen();
    let action = keymap::action(model.place(), KeyEvent::from(KeyCode::Char('p'))).expect("a key");
    assert!(matches!(step(&mut model, &facts, action), Some(Effect::Ask(_))));
}
