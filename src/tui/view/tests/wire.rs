//! The frames as they pass, held, opened, and not to be heard.

use super::*;
use crate::lab::{Frames, TapState};
use crate::tui::action::Action;
use crate::tui::fixtures::wire::facts;
use crate::tui::model::View;
use crate::tui::update::update;
use crate::tui::wire::{Deed, Move};

fn shown(facts: &Facts, deeds: &[Deed], size: (u16, u16)) -> String {
    let mut model = Model::new(&facts.snapshot);
    model.view = View::Wire;
    for deed in deeds {
        update(&mut model, facts, Action::Wire(*deed));
    }
    text(&seen(facts, &model, &Theme::plain(), size))
}

#[test]
fn frames_as_they_pass_and_one_of_them_opened() {
    for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
        let name = |name| format!("{name}_{}x{}", size.0, size.1);
        insta::assert_snapshot!(name("wire"), shown(&facts(), &[], size));
        let held = [Deed::Move(Move::Older), Deed::Move(Move::Older), Deed::Fields];
        insta::assert_snapshot!(name("wire_fields"), shown(&facts(), &held, size));
    }
}

#[test]
fn it_says_why_there_is_nothing() {
    let mut deaf = facts();
    deaf.frames = Arc::new(Frames {
        state: TapState::Deaf("this is amqps".into()),
        ..Frames::default()
    });
    let mut open = facts();
    open.frames = Arc::new(Frames {
        state: TapState::On,
        ..Frames::default()
    });
    let mut past = facts();
    let mut long_ago = fixtures::prefetch_one();
    long_ago.at = Elapsed(1);
    past.snapshot = Arc::new(long_ago);
    let rows = [
        (deaf, &[][..], "this is amqps"),
        (open, &[], "nothing has passed yet"),
        (past, &[], "Nothing of this moment was kept"),
        (facts(), &[Deed::Clear], "Nothing of this kind"),
    ];
    for (facts, deeds, want) in rows {
        for size in [SMALL, PROJECTOR, LARGE] {
            let shown = shown(&facts, deeds, size);
            let words: Vec<&str> = shown
                .split(|c: char| c.is_whitespace() || c == '│')
                .filter(|w| !w.is_empty())
                .collect();
            assert!(words.join(" ").contains(want), "{want}: {shown}");
        }
    }
}

#[test]
fn a_crowd_has_no_room_for_lifelines_and_is_named() {
    let mut crowd = facts();
    crowd.snapshot = Arc::new(fixtures::crowd());
    crowd.live = Arc::clone(&crowd.snapshot);
    let shown = shown(&crowd, &[], PROJECTOR);
    assert!(shown.contains("W3   ─"), "{shown}");
}
