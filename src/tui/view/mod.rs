//! Model × snapshot × theme → frame. Pure: nothing is locked, asked or changed; only what is visible is drawn.

mod books;
mod broker_menu;
mod code;
mod compare;
mod footer;
mod header;
mod help;
mod hit;
mod kill_menu;
mod layout;
mod matrix;
mod messages;
mod overlay;
mod panel;
mod pen;
mod producer;
mod queue;
mod reasons;
mod remove;
mod rules;
mod timeline;
mod too_small;
mod tray;
mod why;
mod wire;
mod workers;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use footer::buttons as footer_buttons;
pub(super) use code::{has_room_for_both as code_has_room_for_both, lines as code_lines};
pub(super) use help::scroll_limit as help_scroll_limit;
pub(super) use hit::{Target, target};

use super::action::Action;
use super::availability::why_not;
use super::facts::Facts;
use super::model::{Model, Overlay, View};
use super::theme::Theme;
use crate::lab::Snapshot;
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
    draw(frame.buffer_mut(), area, scene);
}

fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Some(areas) = layout::areas(area, scene.snapshot) else {
        return too_small::draw(buf, area, scene.theme);
    };
    match scene.model.view {
        View::Lab => lab(buf, &areas, scene),
        other => further(buf, area, other, scene),
    }
    match scene.model.overlay {
        Overlay::Closed | Overlay::Palette(_) | Overlay::Find => {}
        Overlay::Kill(_, row) => kill_menu::draw(buf, area, scene, row),
        Overlay::Broker(row) => broker_menu::draw(buf, area, scene, row),
        Overlay::Remove(_) => remove::draw(buf, area, scene),
        Overlay::Help(top) => help::draw(buf, area, scene, top),
        Overlay::Matrix => matrix::draw(buf, area, scene),
    }
}

/// A view between the lab's own header and footer.
fn further(buf: &mut Buffer, area: Rect, view: View, scene: Scene<'_>) {
    let line = |y| Rect { y, height: 1, ..area };
    let body = Rect {
        y: area.y + 1,
        height: area.height - 2,
        ..area
    };
    header::draw(buf, line(area.y), scene);
    match view {
        View::Lab => {}
        View::Messages => messages::draw(buf, body, scene),
        View::Compare => compare::draw(buf, body, scene),
        View::Wire => wire::draw(buf, body, scene),
        View::Code => code::draw(buf, body, scene),
        View::Why => why::draw(buf, body, scene),
    }
    footer::draw(buf, line(area.bottom() - 1), scene);
}

fn lab(buf: &mut Buffer, areas: &Areas, scene: Scene<'_>) {
    header::draw(buf, areas.header, scene);
    producer::draw(buf, areas.producer, areas.edge, scene);
    queue::draw(buf, areas.queue, areas.edge, scene);
    let visible = areas.visible_workers(scene.model, scene.snapshot);
    workers::draw(buf, areas.workers, areas.edge, scene, &visible);
    timeline::draw(buf, areas.timeline, areas.edge, scene, &visible);
    reasons::draw(buf, areas.reasons, areas.log_edge, scene);
    if let Some(area) = areas.rules {
        rules::draw(buf, area, areas.edge, scene);
    }
    books::draw(buf, areas.books, scene);
    footer::draw(buf, areas.footer, scene);
}
