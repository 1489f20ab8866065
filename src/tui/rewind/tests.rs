use super::words::{event, grouped, moment};
use super::*;
use crate::lab::{Command, Event, Gaze, Happening, JobId, LabTime, Pace, Point, Sight, Snapshot, WorkerId};
use crate::tui::fixtures;
use crate::tui::keymap;
use crate::tui::model::View;
use crate::tui::update::update as act;
use crossterm::event::KeyEvent;
use std::sync::Arc;

const SECOND: u64 = 1_000_000;

/// A screen in front of a run of 45 seconds with an event each tenth of a second, and whoever looks back into it.
struct Room {
    model: Model,
    facts: Facts,
    asked: Vec<Command>,
}

impl Room {
    fn new() -> Self {
        let live = Arc::new(fixtures::prefetch_one());
        Self {
            model: Model::new(&live),
            facts: Facts::of(live),
            asked: Vec::new(),
        }
    }

    fn of_recording() -> Self {
        let mut room = Self::new();
        room.model.rewind = State::of_recording(Ending::Whole);
        room.answer();
        room
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let action = keymap::action(self.model.place(), KeyEvent::new(code, modifiers)).expect("a key of the table");
        if let Some(Effect::Ask(command)) = act(&mut self.model, &self.facts, action) {
            self.asked.push(command);
        }
    }

    /// `←`, `→`, `H`ome, `E`nd and Esc (`!`), and characters.
    fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '←' => KeyCode::Left,
                '→' => KeyCode::Right,
                'H' => KeyCode::Home,
                'E' => KeyCode::End,
                '!' => KeyCode::Esc,
                key => KeyCode::Char(key),
            };
            self.press(code, KeyModifiers::NONE);
        }
    }

    /// The historian answers what is wished now.
    fn answer(&mut self) {
        let when = self.model.gaze().when;
        self.facts.sight = Arc::new(sight(when));
        settle(&mut self.model, &self.facts);
    }

    fn pass(&mut self, us: u64) {
        self.model.tick(Elapsed(self.model.now.0 + us));
        settle(&mut self.model, &self.facts);
    }

    fn when(&self) -> When {
        self.model.gaze().when
    }
}

/// An event each tenth of a second; what was before the fifth second is forgotten.
fn sight(when: When) -> Sight {
    let place = |events: u64| Point {
        events,
        at: Elapsed(events * 100_000),
        lab: LabTime(0),
    };
    let (first, last) = (place(50), place(450));
    let point = match when {
        When::Now => last,
        When::At(at) => {
            let at = at.max(first.at).min(last.at);
            Point {
                at,
                ..place(at.0 / 100_000)
            }
        }
        When::After(events) => place(events.clamp(first.events, last.events)),
    };
    let mut sight = Sight {
        gaze: Gaze {
            when,
            ..Gaze::default()
        },
        point,
        ..Sight::default()
    };
    (sight.extent.first, sight.extent.last) = (first, last);
    sight
}

fn at(seconds: u64) -> When {
    When::At(Elapsed(seconds * SECOND))
}

#[test]
fn presses_add_up_before_any_answer() {
    let mut room = Room::new();
    room.keys("←←←");
    assert_eq!(room.when(), at(42));
    room.keys("{→");
    assert_eq!(room.when(), at(33));
    room.press(KeyCode::Left, KeyModifiers::SHIFT);
    assert_eq!(room.when(), at(23));
    room.press(KeyCode::Right, KeyModifiers::SHIFT);
    room.keys("}}");
    assert_eq!(room.when(), When::Now, "beyond the present there is nothing");
    assert_eq!(room.asked, []);
}

#[test]
fn an_answer_to_an_older_wish_changes_nothing() {
    let mut room = Room::new();
    room.keys("←");
    let old = Arc::new(sight(room.when()));
    room.keys("←←,");
    room.facts.sight = old;
    settle(&mut room.model, &room.facts);
    assert_eq!((room.when(), room.model.rewind.steps), (at(42), -1));
    room.answer();
    assert_eq!(room.when(), When::After(419));
}

#[test]
fn the_past_ends_where_nothing_is_known_any_more() {
    let mut room = Room::new();
    room.keys("H");
    assert_eq!(room.when(), at(0));
    room.answer();
    assert_eq!(room.model.rewind.moment(), Some(Elapsed(5 * SECOND)));
    room.keys("←");
    assert_eq!(room.when(), at(5));
    room.keys(",");
    room.answer();
    assert_eq!(room.when(), When::After(50), "the first one that is known");
}

#[test]
fn events_are_stepped_one_by_one() {
    let mut room = Room::new();
    room.keys(",");
    assert_eq!(room.when(), at(45), "it has to be known first how many there were");
    room.answer();
    assert_eq!(room.when(), When::After(449));
    room.keys(",,,.");
    assert_eq!(room.when(), When::After(447), "and then no answer is needed");
    room.answer();
    room.keys("←");
    assert_eq!(room.when(), When::At(Elapsed(43_700_000)));
    room.keys("→,,");
    room.answer();
    assert_eq!(room.when(), When::After(445));
    room.keys("......");
    assert_eq!(room.when(), When::Now);
}

#[test]
fn the_past_is_played_and_arrives_in_the_present() {
    let mut room = Room::new();
    room.keys("← ");
    room.pass(SECOND / 2);
    assert_eq!(room.when(), When::At(Elapsed(44_500_000)));
    assert!(room.model.next_due().is_some());
    room.keys("<");
    room.pass(SECOND / 2);
    assert_eq!(room.when(), When::At(Elapsed(44_750_000)), "at half the speed");
    room.keys(" ");
    room.pass(SECOND);
    assert_eq!(room.when(), When::At(Elapsed(44_750_000)), "it stands");
    assert_eq!(room.model.next_due(), None);
    room.keys(" >>");
    room.pass(SECOND);
    assert_eq!((room.when(), room.model.rewind.tense()), (When::Now, Tense::Present));
    assert_eq!(room.asked, [], "the lab heard nothing of it");
    room.keys(" ");
    assert_eq!(room.asked, [Command::Pause], "now it hears again");
}

#[test]
fn nothing_is_asked_of_the_lab_from_the_past() {
    for key in "kKrpPamdclLuh+-nxgjbe][wWBR".chars() {
        let mut room = Room::new();
        room.keys("←");
        room.press(KeyCode::Char(key), KeyModifiers::NONE);
        let said = room.model.message.as_ref().map(|m| &*m.text);
        assert_eq!((room.asked.as_slice(), said), (&[][..], Some(words::THE_PAST)), "{key}");
        let mut room = Room::of_recording();
        room.press(KeyCode::Char(key), KeyModifiers::NONE);
        let said = room.model.message.as_ref().map(|m| &*m.text);
        assert_eq!(
            (room.asked.as_slice(), said),
            (&[][..], Some(words::A_RECORDING)),
            "{key}"
        );
    }
}

#[test]
fn an_open_question_is_not_answered_from_the_past() {
    let mut room = Room::new();
    room.keys("k");
    room.model.rewind.go(Elapsed(SECOND));
    room.keys("f");
    assert_eq!(room.asked, []);
}

#[test]
fn end_leads_back_from_every_view() {
    for view in View::ALL {
        let mut room = Room::new();
        room.model.view = view;
        room.keys("←");
        assert_eq!(room.model.rewind.tense(), Tense::Past);
        room.keys("E");
        assert_eq!(room.when(), When::Now, "{view:?}");
    }
}

#[test]
fn esc_leads_back_from_every_view_and_stays_there() {
    for view in View::ALL {
        let mut room = Room::new();
        room.model.view = view;
        room.keys("←!");
        assert_eq!((room.when(), room.model.view), (When::Now, view));
    }
}

#[test]
fn esc_closes_what_is_open_first() {
    let mut room = Room::new();
    room.keys("←?!");
    assert_eq!(room.when(), at(44));
    room.keys("!");
    assert_eq!(room.when(), When::Now);
}

#[test]
fn a_recording_begins_at_its_beginning_and_begins_again() {
    let mut room = Room::of_recording();
    assert_eq!(room.when(), at(0));
    room.keys("!");
    assert_eq!(room.when(), at(0), "there is no present to go back to");
    room.keys("E");
    assert_eq!((room.when(), room.model.rewind.tense()), (When::Now, Tense::Past));
    room.keys(" ");
    room.pass(2 * SECOND);
    assert_eq!(room.when(), at(7), "from the oldest moment on");
}

#[test]
fn a_paused_lab_s_past_is_played_all_the_same() {
    let mut room = Room::new();
    let mut live = Snapshot::clone(&room.facts.live);
    live.clock.pace = Pace::Paused;
    room.facts = Facts::of(Arc::new(live));
    room.keys("← ");
    room.pass(2 * SECOND);
    assert_eq!((room.when(), room.asked.as_slice()), (When::Now, &[][..]));
}

#[test]
fn moments_and_counts_read_well() {
    let rows = [
        (0, "00:00.0"),
        (12_490_000, "00:12.4"),
        (90_200_000, "01:30.2"),
        (3_661_000_000, "1:01:01"),
    ];
    for (us, text) in rows {
        assert_eq!(moment(Elapsed(us)), text);
    }
    for (number, text) in [(0, "0"), (999, "999"), (5120, "5,120"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), text);
    }
}

#[test]
fn an_event_is_told_in_a_few_words() {
    let (w2, job) = (WorkerId(2), JobId(17));
    let rows = [
        (Happening::Begun(w2, job), "#17 into W2's hand"),
        (
            Happening::Lost {
                jobs: Arc::from([job]),
                from: None,
                why: crate::lab::Cause::BrokerEnded,
            },
            "#17 lost",
        ),
        (
            Happening::BrokerUp([crate::lab::Knowledge::Exact; 2]),
            "the broker answers",
        ),
    ];
    for (what, text) in rows {
        let told = event(&Event {
            at: Elapsed(0),
            lab: LabTime(0),
            what,
        });
        assert_eq!(told, text);
    }
}
