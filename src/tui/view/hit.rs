//! What is under the mouse.

use super::panel::Edge;
use super::{broker_menu, footer, header, kill_menu, layout, lesson, messages, palette, rewind};
use crate::lab::{KillKind, Snapshot, WorkerId};
use crate::tui::action::Action;
use crate::tui::facts::Facts;
use crate::tui::keymap::BROKER_MENU;
use crate::tui::model::{Model, Overlay, View};
use crate::tui::room::Deed;
use ratatui::layout::{Position, Rect};
use std::ops::Range;

/// Something that can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Target {
    /// A worker's row, in the table or the timeline.
    Worker(WorkerId),
    /// A key in the footer, or a line of a menu.
    Press(Action),
}

/// What a click at `at` means.
pub(in crate::tui) fn target(area: Rect, at: Position, model: &Model, facts: &Facts) -> Option<Target> {
    let snapshot = &*facts.snapshot;
    let (area, _) = rewind::share(area, model);
    let areas = layout::areas(area, model, snapshot)?;
    if areas.footer.contains(at) {
        let buttons = footer::buttons(areas.footer, model, facts);
        let hit = buttons.iter().find(|b| (b.x..b.x + b.width).contains(&at.x));
        return hit.map(|b| Target::Press(b.binding.action));
    }
    if areas.header.contains(at) {
        return tab(areas.header, at, snapshot).map(Target::Press);
    }
    match model.overlay {
        Overlay::Closed if model.view == View::Messages => messages::target(area, at, model).map(Target::Press),
        Overlay::Closed if model.view == View::Lesson => lesson::target(super::body(area), at, model, facts),
        Overlay::Closed if model.view == View::Lab => worker(&areas, at, model, snapshot).map(Target::Worker),
        Overlay::Palette(marked) => {
            let rows = palette::rows(area);
            let line = menu_line(palette::place(area), palette::FIRST, at)?;
            let line = u16::try_from(line).ok().filter(|line| *line < rows)?;
            Some(Target::Press(Action::Room(Deed::Pick(
                palette::top(marked, rows) + line,
            ))))
        }
        Overlay::Kill(..) => {
            let line = menu_line(kill_menu::place(area), kill_menu::FIRST, at)?;
            let line = line / usize::from(kill_menu::lines_per_kind(area));
            KillKind::ALL.get(line).map(|kind| Target::Press(Action::Kill(*kind)))
        }
        Overlay::Broker(_) => {
            let line = menu_line(broker_menu::place(area), broker_menu::FIRST, at)?;
            BROKER_MENU.get(line).map(|line| Target::Press(line.action()))
        }
        _ => None,
    }
}

/// The view whose tab is there; where there are no tabs, the next one.
fn tab(header: Rect, at: Position, snapshot: &Snapshot) -> Option<Action> {
    match header::tabs(header, snapshot) {
        Some(tabs) => {
            let hit = tabs.iter().find(|tab| (tab.x..tab.x + tab.width).contains(&at.x));
            hit.map(|tab| Action::Show(tab.view))
        }
        None => header::title(header).contains(at).then_some(Action::NextView),
    }
}

fn worker(areas: &layout::Areas, at: Position, model: &Model, snapshot: &Snapshot) -> Option<WorkerId> {
    let visible = areas.visible_workers(model, snapshot);
    let tables = [areas.workers, areas.timeline];
    worker_at(tables, (areas.edge, areas.row_lines), visible, at, snapshot)
}

/// The worker whose row is there, in the table or among the timelines.
pub(super) fn worker_at(
    [table, timeline]: [Rect; 2],
    (edge, row_lines): (Edge, u16),
    visible: Range<usize>,
    at: Position,
    snapshot: &Snapshot,
) -> Option<WorkerId> {
    let top = |area: Rect, heads: u16| area.y + edge.lines().div_ceil(2) + heads;
    let line = if table.contains(at) {
        at.y.checked_sub(top(table, 1))
    } else if timeline.contains(at) {
        at.y.checked_sub(top(timeline, 0))
    } else {
        None
    }?;
    let row = visible.start + usize::from(line / row_lines);
    (row < visible.end).then(|| snapshot.workers.get(row).map(|w| w.id))?
}

fn menu_line(place: Rect, first: u16, at: Position) -> Option<usize> {
    if !place.contains(at) {
        return None;
    }
    at.y.checked_sub(place.y + 1 + first).map(usize::from)
}
