use super::*;
use crate::lab::{
    AckMode, Bandwidth, BrokerCommand, Elapsed, Habit, Latency, LineQuality, Pace, Prefetch, Rate, Sizes, Version,
};
use crate::tui::fixtures;
use crate::tui::keymap;
use crossterm::event::{KeyCode, KeyEvent};
use std::sync::Arc;

/// Plays keys as typed, `\n` for Enter and `\u{1b}` for Esc, and returns what they asked for.
fn play(model: &mut Model, snapshot: &Snapshot, keys: &str) -> Vec<Command> {
    let facts = Facts::of(Arc::new(snapshot.clone()));
    let mut asked = Vec::new();
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            '↓' => KeyCode::Down,
            '↑' => KeyCode::Up,
            key => KeyCode::Char(key),
        };
        let action = keymap::action(model.place(), KeyEvent::from(code)).expect("a key of the table");
        if let Some(Effect::Ask(command)) = update(model, &facts, action) {
            asked.push(command);
        }
    }
    asked
}

fn line(latency: u16, bandwidth: u32) -> Command {
    Command::SetLine(LineQuality {
        latency: Latency(latency),
        bandwidth: Bandwidth(bandwidth),
    })
}

#[test]
fn scripted_keys_ask_for_what_they_say() {
    let (w1, w2) = (WorkerId(1), WorkerId(2));
    let rows: &[(&str, &[Command])] = &[
        ("p", &[Command::SetPrefetch(Prefetch(1))]),
        (
            "ppp",
            &[Prefetch(1), Prefetch(2), Prefetch(3)].map(Command::SetPrefetch),
        ),
        (
            "ppP",
            &[Prefetch(1), Prefetch(2), Prefetch(1)].map(Command::SetPrefetch),
        ),
        (
            "aa",
            &[Command::SetAck(AckMode::Automatic), Command::SetAck(AckMode::Manual)],
        ),
        ("  ", &[Command::Pause, Command::Resume]),
        (" .", &[Command::Pause, Command::Step]),
        ("]]", &[Command::SetRate(Rate(200)), Command::SetRate(Rate(300))]),
        (
            "2+-",
            &[Command::SetSpeed(w2, Speed(1000)), Command::SetSpeed(w2, Speed(500))],
        ),
        ("kr", &[Command::Kill(w1, KillKind::Reset)]),
        ("kk", &[Command::Kill(w1, KillKind::Reset)]),
        ("llL", &[line(5, 0), line(20, 0), line(5, 0)]),
        ("luu", &[line(5, 0), line(5, 64_000), line(5, 8_000)]),
        (
            "hh",
            &[Habit::Forgets, Habit::Requeues].map(|habit| Command::SetHabit(w1, habit)),
        ),
        ("k↓\n", &[Command::Kill(w1, KillKind::HalfOpen)]),
        (
            "kf2K",
            &[Command::Kill(w1, KillKind::Freeze), Command::Kill(w2, KillKind::Freeze)],
        ),
        ("k\u{1b}", &[]),
        ("↓x\n", &[Command::RemoveWorker(w2)]),
        ("x\u{1b}", &[]),
        ("jb", &[Command::Publish(1), Command::Publish(10)]),
        ("Bk", &[Command::Broker(BrokerCommand::Kill)]),
        ("B\n", &[Command::Broker(BrokerCommand::Kill)]),
        ("Bv", &[Command::SetVersion(Version::V4_3)]),
        ("Be", &[Command::CrashTest(5)]),
        ("e", &[Command::PublishSample(5)]),
        ("te\u{1b}", &[Command::PublishSample(5)]),
        ("tBs", &[Command::Broker(BrokerCommand::Stop)]),
        ("R", &[Command::Reset]),
        ("n", &[Command::AddWorker(Speed(1000))]),
        ("z?↓↓↑\u{1b}", &[]),
    ];
    for (keys, wanted) in rows {
        let snapshot = fixtures::empty();
        let mut model = Model::new(&snapshot);
        assert_eq!(&play(&mut model, &snapshot, keys), wanted, "{keys:?}");
        assert_eq!(model.overlay, Overlay::Closed, "{keys:?}");
    }
}

#[test]
fn what_cannot_be_done_is_answered_by_its_reason() {
    let killed = fixtures::killed();
    let theirs = fixtures::unbalanced();
    let rows = [
        (&killed, "3k", "W3 is gone already"),
        (&killed, "2kf", "W2 has no channel any more"),
        (&killed, "5kf", "W5 is frozen already"),
        (&killed, "9r", "W9 is not killed"),
        (&killed, ".", "the clock runs: space pauses it first"),
        (&theirs, "B", "this broker is not the lab's own"),
        (&theirs, "9", "there is no row 9: 3 workers"),
    ];
    for (snapshot, keys, reason) in rows {
        let mut model = Model::new(snapshot);
        assert_eq!(play(&mut model, snapshot, keys), [], "{keys}");
        assert_eq!(model.message.map(|m| m.text).as_deref(), Some(reason), "{keys}");
    }
}

#[test]
fn a_wish_that_is_not_granted_is_forgotten_after_a_second() {
    let snapshot = fixtures::empty();
    let mut model = Model::new(&snapshot);
    play(&mut model, &snapshot, "p");
    model.tick(Elapsed(1_000_000));
    assert_eq!(play(&mut model, &snapshot, "p"), [Command::SetPrefetch(Prefetch(1))]);
}

#[test]
fn a_granted_wish_is_no_longer_counted_on() {
    let before = fixtures::empty();
    let mut model = Model::new(&before);
    play(&mut model, &before, "w ");
    let mut after = before.clone();
    after.clock.pace = Pace::Paused;
    fixtures::change(&mut after, |s| s.workload.sizes = Sizes::OddHeavy);
    model.observe(&before, &after);
    assert_eq!(model.wishes, crate::tui::wishes::Wishes::default());
}

#[test]
fn the_table_opens_by_itself_when_a_broker_that_had_something_to_lose_is_back() {
    let (down, back) = (fixtures::ends::down(), fixtures::ends::killed());
    let mut model = Model::new(&down);
    model.observe(&down, &back);
    assert_eq!(model.overlay, Overlay::Matrix);
    play(&mut model, &back, "\u{1b}");
    model.observe(&back, &back.clone());
    assert_eq!(model.overlay, Overlay::Closed, "once is enough");
    play(&mut model, &down, "?");
    model.observe(&down, &back);
    assert_eq!(model.overlay, Overlay::Help(0), "it takes no one's place");
    let mut nothing = back.clone();
    nothing.matrix.cells = Default::default();
    let mut model = Model::new(&down);
    model.observe(&down, &nothing);
    assert_eq!(model.overlay, Overlay::Closed, "there was nothing to lose");
}

#[test]
fn the_selection_stays_with_its_worker_when_others_go() {
    let before = fixtures::empty();
    let mut model = Model::new(&before);
    play(&mut model, &before, "3");
    let mut after = before.clone();
    after.workers.remove(0);
    model.observe(&before, &after);
    assert_eq!((model.selected, model.selected_row(&after)), (WorkerId(3), 1));
    let mut last = after.clone();
    last.workers.remove(1);
    model.observe(&after, &last);
    assert_eq!(model.selected, WorkerId(2));
}

#[test]
fn an_open_question_never_passes_to_another_worker() {
    let before = fixtures::empty();
    let mut after = before.clone();
    after.workers.remove(1);
    for opened in ["2k", "2x"] {
        let mut model = Model::new(&before);
        play(&mut model, &before, opened);
        model.observe(&before, &after);
        assert_eq!(model.overlay, Overlay::Closed, "{opened}: its worker is gone");
        assert_eq!(model.message.map(|m| m.text).as_deref(), Some("W2 is no longer there"));
    }
    for (opened, confirm, command) in [
        ("2k", "f", Command::Kill(WorkerId(2), KillKind::Freeze)),
        ("2x", "x", Command::RemoveWorker(WorkerId(2))),
    ] {
        let mut model = Model::new(&before);
        play(&mut model, &before, opened);
        model.selected = WorkerId(3);
        assert_eq!(play(&mut model, &before, confirm), [command], "it was asked of W2");
    }
}

#[test]
fn a_full_inbox_takes_the_wish_back() {
    let snapshot = fixtures::empty();
    let mut model = Model::new(&snapshot);
    play(&mut model, &snapshot, "p");
    model.say_busy();
    assert_eq!(play(&mut model, &snapshot, "p"), [Command::SetPrefetch(Prefetch(1))]);
}
