//! The past, and a recording.

use super::*;
use crate::lab::{Event, Extent, Happening, JobId, LabTime, Point, Sight};
use crate::tui::rewind::{Deed, Ending, State};
use crate::tui::update::update;

/// Looked back at from 45 s, at 12.4 s; what was before the fifth is forgotten.
fn in_the_past() -> (Facts, Model) {
    let past = fixtures::prefetch_one();
    let mut facts = Facts::of(Arc::new(fixtures::pile_up()));
    let mut model = Model::new(&past);
    let place = |events: u64| Point {
        events,
        at: Elapsed(events * 10_000),
        lab: LabTime(0),
    };
    let event = Event {
        at: Elapsed(12_400_000),
        lab: LabTime(12_000_000),
        what: Happening::Begun(WorkerId(2), JobId(17)),
    };
    facts.sight = Arc::new(Sight {
        extent: Extent {
            first: place(500),
            last: place(4500),
            bytes: 0,
        },
        point: place(1240),
        event: Some(event),
        past: Some(Arc::new(past)),
        ..Sight::default()
    });
    facts.snapshot = facts.sight.past.clone().expect("it was just given");
    for action in [Deed::Back(32_600_000), Deed::Slower].map(Action::Rewind) {
        assert_eq!(update(&mut model, &facts, action), None);
    }
    (facts, model)
}

#[test]
fn the_past_can_t_be_taken_for_the_present() {
    let (facts, mut model) = in_the_past();
    for (width, height) in [SMALL, PROJECTOR, LAPTOP] {
        let buffer = seen(&facts, &model, &Theme::plain(), (width, height));
        insta::assert_snapshot!(format!("past_{width}x{height}"), text(&buffer));
    }
    update(&mut model, &facts, Action::Rewind(Deed::TogglePlay));
    let playing = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
    assert!(playing.contains("▶ ×0.5 the past 00:12.4"), "{playing}");
    for view in View::ALL {
        model.view = view;
        let screen = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
        assert!(screen.contains("the past"), "{screen}");
    }
}

#[test]
fn a_recording_says_what_it_is_and_where_it_ends() {
    let (facts, mut model) = in_the_past();
    for (ending, words) in [(Ending::Whole, "00:45.0 end"), (Ending::CutOff, "00:45.0 cut off")] {
        model.rewind = State::of_recording(ending);
        let screen = text(&seen(&facts, &model, &Theme::plain(), PROJECTOR));
        assert!(
            screen.contains("◀ recording 00:00.0") && screen.contains(words),
            "{screen}"
        );
    }
}
