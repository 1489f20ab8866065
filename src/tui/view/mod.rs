//! Model × snapshot × theme → frame. Pure: nothing is locked, asked or changed; only what is visible is drawn.

mod books;
mod broker_menu;
mod code;
mod compare;
mod digits;
mod door;
mod flow;
mod footer;
mod forecast;
mod header;
mod help;
mod hit;
pub(super) mod join;
mod kill_menu;
mod laser;
mod layout;
mod lesson;
mod matrix;
mod messages;
mod overlay;
mod palette;
mod panel;
mod pen;
mod presenter;
mod producer;
mod queue;
mod reasons;
mod remove;
mod rewind;
mod rules;
mod sums;
mod timeline;
mod too_small;
mod tray;
mod why;
mod wire;
mod workers;

#[cfg(test)]
mod tests;

pub(super) use code::{has_room_for_both as code_has_room_for_both, scroll_limit as code_scroll_limit};
#[cfg(test)]
pub(super) use footer::buttons as footer_buttons;
pub(super) use help::scroll_limit as help_scroll_limit;
pub(super) use hit::{Target, target};
pub(super) use lesson::scroll_limit as lesson_scroll_limit;
pub(super) use messages::{journey_is_beside, journey_scroll_limit, lines as message_lines};

use super::action::Action;
use super::availability::why_not;
use super::facts::Facts;
use super::model::{Model, Overlay, View};
use super::room::Spot;
use super::theme::Theme;
use crate::lab::{Elapsed, Snapshot};
use layout::Areas;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// All that a part of the screen is drawn from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    model: &'a Model,
    /// All that is known.
    facts: &'a Facts,
    /// The picture that is shown, of the present or of the past.
    snapshot: &'a Snapshot,
    theme: &'a Theme,
}

impl Scene<'_> {
    /// Why an action can't be done now.
    fn refuses(&self, action: Action) -> Option<String> {
        why_not(action, self.model, self.snapshot).map(Into::into)
    }
}

/// Draws the whole screen.
pub(super) fn render(frame: &mut Frame<'_>, model: &Model, facts: &Facts, theme: &Theme) {
    let area = frame.area();
    let snapshot = &facts.snapshot;
    let scene = Scene {
        model,
        facts,
        snapshot,
        theme,
    };
    let (area, bar) = rewind::share(area, model);
    draw(frame.buffer_mut(), area, scene);
    if let Some(bar) = bar {
        rewind::draw(frame.buffer_mut(), bar, scene);
    }
    theme.finish(frame.buffer_mut());
}

/// The parts of the Lab view that are on the screen, from above.
pub(super) fn spots(model: &Model, snapshot: &Snapshot) -> Vec<(Spot, Rect)> {
    layout::areas(model.size, model, snapshot).map_or(Vec::new(), |areas| laser::spots(&areas))
}

/// Until when something is seen to move, in the lab's real time; `None`: nothing moves.
pub(super) fn moving_until(model: &Model, facts: &Facts) -> Option<Elapsed> {
    let areas = match model.view {
        View::Lesson => lesson::areas(body(model.size), model, facts),
        _ => layout::areas(model.size, model, &facts.snapshot),
    };
    let shown = areas?.flow.is_some();
    flow::moving_until(model, facts).filter(|_| shown)
}

fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Some(areas) = layout::areas(area, scene.model, scene.snapshot) else {
        return too_small::draw(buf, area, scene.theme);
    };
    match scene.model.view {
        View::Lab => lab(buf, &areas, scene),
        other => further(buf, area, other, scene),
    }
    presenter::echo(buf, areas.books, scene);
    match scene.model.overlay {
        Overlay::Closed => {}
        Overlay::Find => messages::draw_find(buf, area, scene),
        Overlay::Palette(row) => palette::draw(buf, area, scene, row),
        Overlay::Kill(_, row) => kill_menu::draw(buf, area, scene, row),
        Overlay::Broker(row) => broker_menu::draw(buf, area, scene, row),
        Overlay::Remove(_) => remove::draw(buf, area, scene),
        Overlay::Help(top) => help::draw(buf, area, scene, top),
        Overlay::Matrix => matrix::draw(buf, area, scene),
        Overlay::Door => door::draw(buf, area, scene),
    }
}

/// A view between the lab's own header and footer.
fn further(buf: &mut Buffer, area: Rect, view: View, scene: Scene<'_>) {
    let line = |y| Rect { y, height: 1, ..area };
    let body = body(area);
    header::draw(buf, line(area.y), scene);
    match view {
        View::Lab => {}
        View::Messages => messages::draw(buf, body, scene),
        View::Compare => compare::draw(buf, body, scene),
        View::Wire => wire::draw(buf, body, scene),
        View::Code => code::draw(buf, body, scene),
        View::Why => why::draw(buf, body, scene),
        View::Lesson => lesson::draw(buf, body, scene),
    }
    footer::draw(buf, line(area.bottom() - 1), scene);
}

/// What header and footer leave.
const fn body(area: Rect) -> Rect {
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        ..area
    }
}

fn lab(buf: &mut Buffer, areas: &Areas, scene: Scene<'_>) {
    header::draw(buf, areas.header, scene);
    room(buf, areas, scene);
    footer::draw(buf, areas.footer, scene);
}

/// The lab between header and footer.
fn room(buf: &mut Buffer, areas: &Areas, scene: Scene<'_>) {
    if let Some(area) = areas.figures {
        presenter::draw(buf, area, scene);
    }
    if areas.producer.height > 0 {
        producer::draw(buf, areas.producer, areas.edge, scene);
        queue::draw(buf, areas.queue, areas.edge, scene);
    }
    let visible = areas.visible_workers(scene.model, scene.snapshot);
    if let Some(area) = areas.flow {
        flow::draw(buf, area, areas.edge, scene, &visible);
    }
    workers::draw(buf, areas.workers, (areas.edge, areas.row_lines), scene, &visible);
    timeline::draw(buf, areas.timeline, (areas.edge, areas.row_lines), scene, &visible);
    let (log, foreseen) = forecast::share(areas.reasons, scene);
    reasons::draw(buf, log, areas.log_edge, scene);
    forecast::draw(buf, foreseen, areas.log_edge, scene);
    below(buf, areas, scene);
    books::draw(buf, areas.books, scene);
    laser::draw(buf, areas, scene);
}

/// What a larger screen shows beside the log.
fn below(buf: &mut Buffer, areas: &Areas, scene: Scene<'_>) {
    if let Some(area) = areas.sums {
        sums::draw(buf, area, areas.edge, scene);
    }
    if let Some(area) = areas.rules {
        rules::draw(buf, area, areas.edge, scene);
    }
    help::panels(buf, &areas.keys, areas.edge, scene);
}
