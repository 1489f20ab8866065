//! The AMQP methods as they pass: who, which way, which method, what of it matters; and the fields of one of them.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::{Pen, wrap};
use crate::lab::{BrokerState, Frame, Party, TapState};
use crate::tui::rewind::Footage;
use crate::tui::wire::{Fields, Sort};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::sync::Arc;

mod fields;
mod lanes;
mod meaning;

use lanes::Lanes;

/// From this width on, the fields stand beside the list, always.
const BESIDE: u16 = 150;
/// Columns of the fields there.
const FIELDS_WIDTH: u16 = 62;
/// From this height on, boxes.
const BOXES: u16 = 30;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let state = &scene.model.wire;
    let shown = state.shown(scene.facts);
    let marked = state.marked(&shown);
    let (list, fields) = parts(area, state.fields);
    let edge = if area.height >= BOXES { Edge::Box } else { Edge::Rule };
    let inner = edge.draw(buf, list, &title(scene, shown.len()), scene.theme.frame);
    match silence(scene, &shown) {
        Some(why) => say(buf, inner, &why, scene.theme.dim),
        None => rows(buf, inner, scene, &shown, marked),
    }
    if let Some(area) = fields {
        let frame = marked.and_then(|at| shown.get(at)).or(shown.last());
        fields::draw(buf, area, edge, scene, frame.map(|frame| &***frame));
    }
}

/// The list, and the fields where they are shown.
fn parts(area: Rect, fields: Fields) -> (Rect, Option<Rect>) {
    if area.width >= BESIDE {
        let list = Rect {
            width: area.width - FIELDS_WIDTH,
            ..area
        };
        let fields = Rect {
            x: list.right(),
            width: FIELDS_WIDTH,
            ..area
        };
        return (list, Some(fields));
    }
    if fields == Fields::Shut {
        return (area, None);
    }
    let height = (area.height * 6 / 10).min(20);
    let list = Rect {
        height: area.height - height,
        ..area
    };
    let fields = Rect {
        y: list.bottom(),
        height,
        ..area
    };
    (list, Some(fields))
}

fn title(scene: Scene<'_>, count: usize) -> ratatui::text::Line<'_> {
    let (state, theme) = (&scene.model.wire, scene.theme);
    let frames = state.frames(scene.facts);
    let whose = match state.party {
        None => "everyone".to_owned(),
        Some(Party::Producer) => "the producer".to_owned(),
        Some(Party::Worker(id)) => id.to_string(),
    };
    let chosen = |is| if is { theme.figure } else { theme.text };
    let mut title = Title::new(scene, "Wire")
        .plain(whose, chosen(state.party.is_some()))
        .plain(state.sort.title(), chosen(state.sort != Sort::default()));
    if scene.facts.is_past() {
        title = title.plain("the past", theme.message);
    }
    if !state.follows() {
        title = title.plain(" held: v follows ", theme.message);
    }
    title = title.plain(format!("{count} frames"), theme.text);
    if frames.dropped > 0 {
        title = title.plain(format!("{} older let go", frames.dropped), theme.warn);
    }
    if frames.missed > 0 {
        title = title.plain(format!("{} bytes too fast", frames.missed), theme.alarm);
    }
    title.line()
}

/// Why there is nothing to see.
fn silence(scene: Scene<'_>, shown: &[&Arc<Frame>]) -> Option<String> {
    let frames = scene.model.wire.frames(scene.facts);
    match &frames.state {
        TapState::Deaf(why) => Some(format!(
            "Nothing can be heard here: {why}. With amqp:// or the lab's own broker all methods are seen."
        )),
        TapState::Off if scene.model.rewind.footage() != Footage::Live => {
            Some("A recording keeps what happened, and not what passed the wire.".to_owned())
        }
        _ if shown.is_empty() && scene.facts.is_past() => Some(
            "Nothing of this moment was kept: the tap listens while this view is shown. Open Wire before you go back."
                .to_owned(),
        ),
        TapState::Off => Some("The tap is being opened.".to_owned()),
        TapState::On if !shown.is_empty() => None,
        TapState::On if frames.list.is_empty() && scene.snapshot.broker.state == BrokerState::Ended => {
            Some("The broker is down: nothing passes until it is started.".to_owned())
        }
        TapState::On if frames.list.is_empty() => {
            Some("The tap is open, and nothing has passed yet. It listens while this view is shown.".to_owned())
        }
        TapState::On => Some(format!(
            "Nothing of this kind among the {} frames that are kept. Esc shows all.",
            frames.list.len()
        )),
    }
}

fn say(buf: &mut Buffer, area: Rect, text: &str, style: Style) {
    for (line, text) in (1..).zip(wrap(text, area.width.saturating_sub(4))) {
        Pen::new(buf, area, line).skip(2).put(&text, style);
    }
}

fn rows(buf: &mut Buffer, area: Rect, scene: Scene<'_>, shown: &[&Arc<Frame>], marked: Option<usize>) {
    let room = usize::from(area.height.saturating_sub(1));
    // What is marked stands in the middle; what is followed, at the end.
    let first = marked.map_or(usize::MAX, |marked| marked.saturating_sub(room / 2));
    let first = first.min(shown.len().saturating_sub(room));
    let visible = &shown[first..(first + room).min(shown.len())];
    let lanes = Lanes::new(area.width, scene.snapshot, visible);
    lanes.head(&mut Pen::new(buf, area, 0), scene.theme);
    for (line, frame) in (1..).zip(visible) {
        let is_marked = marked
            .and_then(|at| shown.get(at))
            .is_some_and(|at| at.number == frame.number);
        lanes.row(&mut Pen::new(buf, area, line), scene.theme, frame, is_marked);
    }
}
