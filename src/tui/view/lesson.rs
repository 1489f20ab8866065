//! A lesson: the lab while it runs, and the text of the stage below it or, on a wide screen, beside it. Without a lesson,
//! or when it is asked for, the list of all.

mod list;
mod panel;
mod place;
mod stage;

#[cfg(test)]
mod tests;

use super::hit::{Target, worker_at};
use super::layout::Areas;
use super::{Scene, books, producer, queue, reasons, timeline, workers};
use crate::tui::facts::Facts;
use crate::tui::lesson;
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use place::{Place, Stacked};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The whole view between header and footer.
pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    if let Some(marked) = lesson::list(scene.model, scene.facts) {
        return list::draw(buf, area, scene, marked);
    }
    match place::of(area, scene.model, scene.snapshot) {
        Place::Beside(areas, panel) => {
            super::room(buf, &areas, scene);
            panel::draw(buf, panel, scene);
        }
        Place::Below(parts) => below(buf, &parts, scene),
    }
}

/// The lab in few lines, the lesson below.
fn below(buf: &mut Buffer, parts: &Stacked, scene: Scene<'_>) {
    if let Some(area) = parts.producer {
        producer::draw(buf, area, parts.edge, scene);
    }
    queue::draw(buf, parts.queue, parts.edge, scene);
    let visible = parts.visible_workers(scene.model, scene.snapshot);
    workers::draw(buf, parts.workers, (parts.edge, 1), scene, &visible);
    if let Some(area) = parts.timeline {
        timeline::draw(buf, area, (parts.edge, 1), scene, &visible);
    }
    if let Some(area) = parts.log {
        reasons::draw(buf, area, None, scene);
    }
    if let Some(area) = parts.books {
        books::draw(buf, area, scene);
    }
    panel::draw(buf, parts.panel, scene);
}

/// The lab's parts, where the lesson stands beside them.
pub(super) fn areas(body: Rect, model: &Model, facts: &Facts) -> Option<Areas> {
    if lesson::list(model, facts).is_some() {
        return None;
    }
    match place::of(body, model, &facts.snapshot) {
        Place::Beside(areas, _) => Some(*areas),
        Place::Below(_) => None,
    }
}

/// What a click in the body means: a line of the list, an answer, a worker.
pub(super) fn target(body: Rect, at: Position, model: &Model, facts: &Facts) -> Option<Target> {
    if let Some(marked) = lesson::list(model, facts) {
        return list::target(body, at, marked, facts).map(Target::Press);
    }
    let snapshot = &facts.snapshot;
    let (panel, worker) = match place::of(body, model, snapshot) {
        Place::Beside(areas, panel) => {
            let visible = areas.visible_workers(model, snapshot);
            let tables = [areas.workers, areas.timeline];
            (
                panel,
                worker_at(tables, (areas.edge, areas.row_lines), visible, at, snapshot),
            )
        }
        Place::Below(parts) => {
            let visible = parts.visible_workers(model, snapshot);
            let tables = [parts.workers, parts.timeline.unwrap_or_default()];
            (parts.panel, worker_at(tables, (parts.edge, 1), visible, at, snapshot))
        }
    };
    let pressed = panel::press(panel, at, model, facts).map(Target::Press);
    pressed.or(worker.map(Target::Worker))
}

/// How far the stage's text can be scrolled on a screen of this size.
pub(in crate::tui) fn scroll_limit(model: &Model, facts: &Facts) -> u16 {
    let body = super::body(super::rewind::share(model.size, model).0);
    let panel = match place::of(body, model, &facts.snapshot) {
        Place::Beside(_, panel) => panel,
        Place::Below(parts) => parts.panel,
    };
    // What is counted has no colour.
    let theme = Theme::plain();
    let scene = Scene {
        model,
        facts,
        snapshot: &facts.snapshot,
        theme: &theme,
    };
    panel::scroll_limit(panel, scene)
}
