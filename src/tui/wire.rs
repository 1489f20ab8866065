//! The AMQP methods as they pass: what its keys do.

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, at, ch, line};
use super::model::{Model, View};
use super::rewind::{self, Footage, Tense};
use super::update::Effect;
use crate::lab::{Elapsed, Frame, Frames, Party, Way};
use crossterm::event::KeyCode;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Lines that a page key moves.
const PAGE: usize = 10;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// The list as it was when it was held, so that it can be read however fast frames pass; `None`: it follows.
    held: Option<Held>,
    /// Whose frames are shown; `None`: everyone's.
    pub(super) party: Option<Party>,
    /// Which of them.
    pub(super) sort: Sort,
    /// Whether the fields of the marked frame are shown.
    pub(super) fields: Fields,
    /// What passed until then was cleared away.
    cleared: Elapsed,
}

/// A list held to be read.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    frames: Arc<Frames>,
    /// The number of the marked frame.
    marked: u64,
}

/// The fields of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fields {
    #[default]
    Shut,
    Open,
}

/// What a method is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// All but signs of life, which would drown the rest.
    #[default]
    Methods,
    /// Deliveries, and what becomes of them.
    Deliveries,
    /// Publications, and what becomes of them.
    Publishing,
    /// Connections, channels, queues, consumers: what must be there first, and how it ends.
    Setup,
    /// Signs of life.
    Heartbeats,
    /// Whatever.
    Everything,
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Hold the list, or follow.
    Hold,
    /// Follow the newest.
    Follow,
    /// Mark another frame.
    Move(Move),
    /// Open or shut the fields.
    Fields,
    /// The next party.
    NextParty,
    /// The next sort.
    NextSort,
    /// An empty list.
    Clear,
    /// One step back.
    Back,
}

/// Where the mark goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Move {
    Older,
    Newer,
    PageOlder,
    PageNewer,
    Oldest,
}

const WIRE: Context = Context::View(View::Wire);

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(WIRE, &[at(KeyCode::Enter)], Action::Wire(Deed::Fields), "Enter", "the fields of the marked frame, and what it is for").foot(1, "fields"),
    line(WIRE, &[ch('v')], Action::Wire(Deed::Hold), "v", "hold the list to read it, or follow the newest").foot(0, "hold/follow"),
    line(WIRE, &[at(KeyCode::Up)], Action::Wire(Deed::Move(Move::Older)), "↑", "mark the frame before; holds the list"),
    line(WIRE, &[at(KeyCode::Down), ch('j')], Action::Wire(Deed::Move(Move::Newer)), "↓", "mark the frame after"),
    line(WIRE, &[at(KeyCode::PageUp)], Action::Wire(Deed::Move(Move::PageOlder)), "PgUp", "ten frames back"),
    line(WIRE, &[at(KeyCode::PageDown)], Action::Wire(Deed::Move(Move::PageNewer)), "PgDn", "ten frames on"),
    line(WIRE, &[at(KeyCode::Home)], Action::Wire(Deed::Move(Move::Oldest)), "Home", "the oldest frame that is kept"),
    line(WIRE, &[at(KeyCode::End)], Action::Wire(Deed::Follow), "End", "follow the newest"),
    line(WIRE, &[ch('w')], Action::Wire(Deed::NextParty), "w", "whose frames: everyone's, the producer's, W1's, …").foot(2, "whose"),
    line(WIRE, &[ch('f')], Action::Wire(Deed::NextSort), "f", "which: all methods, deliveries, publishing, setup, heartbeats, everything").foot(3, "which"),
    line(WIRE, &[ch('c')], Action::Wire(Deed::Clear), "c", "clear the list").foot(4, "clear"),
    line(WIRE, &[at(KeyCode::Esc)], Action::Wire(Deed::Back), "Esc", "back: shut the fields, follow, show all, leave"),
];

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {
        Deed::Hold => hold(&mut model.wire, facts),
        Deed::Follow => model.wire.held = None,
        Deed::Move(to) => mark(&mut model.wire, facts, to),
        Deed::Fields => open(&mut model.wire, facts),
        Deed::NextParty => model.wire.party = next_party(model.wire.party, facts),
        Deed::NextSort => model.wire.sort = model.wire.sort.next(),
        Deed::Clear => clear(&mut model.wire, facts),
        Deed::Back => back(model),
    }
    None
}

impl State {
    /// The frames in sight, oldest first.
    pub(super) fn shown<'f>(&'f self, facts: &'f Facts) -> Vec<&'f Arc<Frame>> {
        let until = if facts.is_past() {
            facts.snapshot.at
        } else {
            Elapsed(u64::MAX)
        };
        let wanted = |frame: &&Arc<Frame>| {
            frame.at > self.cleared
                && frame.at <= until
                && self.party.is_none_or(|party| frame.party == party)
                && self.sort.has(Sort::of(frame))
        };
        self.frames(facts).list.iter().filter(wanted).collect()
    }

    /// All that is known, in sight or not.
    pub(super) fn frames<'f>(&'f self, facts: &'f Facts) -> &'f Frames {
        self.held.as_ref().map_or(&facts.frames, |held| &held.frames)
    }

    /// Which of the frames in sight is marked: the one last marked, or the nearest before it. While it follows: none.
    pub(super) fn marked(&self, shown: &[&Arc<Frame>]) -> Option<usize> {
        let held = self.held.as_ref()?;
        let after = shown.partition_point(|frame| frame.number <= held.marked);
        (!shown.is_empty()).then(|| after.saturating_sub(1))
    }

    /// Whether the newest is followed.
    pub(super) fn follows(&self) -> bool {
        self.held.is_none()
    }
}

impl Sort {
    pub(super) const ALL: [Self; 6] = [
        Self::Methods,
        Self::Deliveries,
        Self::Publishing,
        Self::Setup,
        Self::Heartbeats,
        Self::Everything,
    ];

    fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Methods => "all methods",
            Self::Everything => "all methods and heartbeats",
            Self::Deliveries => "deliver, ack, reject",
            Self::Publishing => "publish, confirm, return",
            Self::Setup => "connection, channel, queue, consumer",
            Self::Heartbeats => "heartbeats",
        }
    }

    /// Whether frames of that sort are shown.
    fn has(self, sort: Self) -> bool {
        match self {
            Self::Methods => sort != Self::Heartbeats,
            Self::Everything => true,
            _ => self == sort,
        }
    }

    pub(super) fn of(frame: &Frame) -> Self {
        match (&*frame.method, frame.way) {
            ("heartbeat", _) => Self::Heartbeats,
            ("basic.ack" | "basic.nack", Way::FromBroker) | ("basic.publish" | "basic.return", _) => Self::Publishing,
            ("basic.deliver" | "basic.ack" | "basic.nack" | "basic.reject", _) => Self::Deliveries,
            (get, _) if get.starts_with("basic.get") || get.starts_with("basic.recover") => Self::Deliveries,
            (tx, _) if tx.starts_with("tx.") || tx.starts_with("confirm.") => Self::Publishing,
            _ => Self::Setup,
        }
    }
}

fn hold(state: &mut State, facts: &Facts) {
    state.held = match state.held.take() {
        Some(_) => None,
        None => newest(state, facts),
    };
}

fn newest(state: &State, facts: &Facts) -> Option<Held> {
    let marked = state.shown(facts).last()?.number;
    Some(Held {
        frames: Arc::clone(&facts.frames),
        marked,
    })
}

fn mark(state: &mut State, facts: &Facts, to: Move) {
    let follows = state.follows();
    if follows {
        state.held = newest(state, facts);
    }
    let shown = state.shown(facts);
    let Some(marked) = state.marked(&shown) else { return };
    let place = match to {
        // The first press marks the newest.
        Move::Older if follows => marked,
        Move::Older => marked.saturating_sub(1),
        Move::Newer => marked + 1,
        Move::PageOlder => marked.saturating_sub(PAGE),
        Move::PageNewer => marked + PAGE,
        Move::Oldest => 0,
    };
    let number = shown[place.min(shown.len() - 1)].number;
    if let Some(held) = &mut state.held {
        held.marked = number;
    }
}

/// Opened on the newest frame, the fields stay with it.
fn open(state: &mut State, facts: &Facts) {
    state.fields = match state.fields {
        Fields::Open => Fields::Shut,
        Fields::Shut => Fields::Open,
    };
    if state.fields == Fields::Open && state.follows() {
        state.held = newest(state, facts);
    }
}

fn next_party(party: Option<Party>, facts: &Facts) -> Option<Party> {
    let workers = facts.snapshot.workers.iter().map(|worker| Party::Worker(worker.id));
    let mut all = std::iter::once(Party::Producer).chain(workers);
    match party {
        None => all.next(),
        Some(party) => all.find(|other| *other > party),
    }
}

fn clear(state: &mut State, facts: &Facts) {
    state.cleared = facts.frames.list.last().map_or(state.cleared, |frame| frame.at);
    state.held = None;
}

fn back(model: &mut Model) {
    let looks_back = model.rewind.tense() == Tense::Past && model.rewind.footage() == Footage::Live;
    let state = &mut model.wire;
    if state.fields == Fields::Open {
        state.fields = Fields::Shut;
    } else if looks_back {
        rewind::leave(model);
    } else if state.held.take().is_none() {
        if state.party.is_some() || state.sort != Sort::Methods {
            (state.party, state.sort) = (None, Sort::Methods);
        } else {
            model.view = View::Lab;
        }
    }
}
