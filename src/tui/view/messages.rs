//! The list of jobs, and the journey of the selected one: beside the list where there is room, else in its place.

mod find;
mod journey;
mod path;
mod rows;
mod spent;
mod strip;
mod tabs;

pub(super) use find::draw as draw_find;

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::{Pen, wrap};
use crate::lab::{Page, Sort, Whereabouts};
use crate::tui::action::Action;
use crate::tui::facts::Facts;
use crate::tui::messages::{Deed, Focus, Mark, words};
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// From this width on the journey stands beside the list.
const BESIDE: u16 = 116;
/// From this width and height on one more line shows where all jobs are.
const WITH_STRIP: (u16, u16) = (116, 36);
/// From this height of the screen on, parts have boxes.
const BOXES: u16 = 30;
/// From this width of the list on, its title has room for hints.
const HINTS: u16 = 78;
/// How long an answer may take before the screen says so, in microseconds.
const LONG_US: u64 = 1_000_000;

/// The parts of the view.
struct Parts {
    edge: Edge,
    tabs: Rect,
    strip: Option<Rect>,
    list: Rect,
    /// Where a journey stands while the list is there too.
    beside: Option<Rect>,
    /// The list and what is beside it.
    whole: Rect,
}

fn parts(body: Rect) -> Parts {
    let tabs = Rect {
        height: tabs::lines(body.width),
        ..body
    };
    let with_strip = body.width >= WITH_STRIP.0 && body.height + 2 >= WITH_STRIP.1;
    let strip = with_strip.then_some(Rect {
        y: tabs.bottom(),
        height: 1,
        ..body
    });
    let used = tabs.height + u16::from(with_strip);
    let whole = Rect {
        y: body.y + used,
        height: body.height.saturating_sub(used),
        ..body
    };
    let list_width = (whole.width * 9 / 20).max(rows::SPARE);
    let (list, beside) = if body.width >= BESIDE {
        let list = Rect {
            width: list_width,
            ..whole
        };
        let beside = Rect {
            x: list.right(),
            width: whole.width - list_width,
            ..whole
        };
        (list, Some(beside))
    } else {
        (whole, None)
    };
    Parts {
        edge: if body.height + 2 >= BOXES {
            Edge::Box
        } else {
            Edge::Rule
        },
        tabs,
        strip,
        list,
        beside,
        whole,
    }
}

/// The view's part of a screen.
fn body(screen: Rect) -> Rect {
    Rect {
        y: screen.y + 1,
        height: screen.height.saturating_sub(2),
        ..screen
    }
}

impl Parts {
    /// Where the rows are, below the edge and the heads of the columns.
    fn rows(&self) -> Rect {
        let inner = inside(self.edge, self.list);
        Rect {
            y: inner.y + 1,
            height: inner.height.saturating_sub(1),
            ..inner
        }
    }

    fn journey(&self) -> Rect {
        self.beside.unwrap_or(self.whole)
    }
}

/// What an edge leaves.
fn inside(edge: Edge, area: Rect) -> Rect {
    let side = match edge {
        Edge::Box => 1,
        Edge::Rule => 0,
    };
    Rect {
        x: area.x + side,
        y: area.y + 1,
        width: area.width.saturating_sub(2 * side),
        height: area.height.saturating_sub(edge.lines()),
    }
}

/// Rows that the list shows on a screen of this size.
pub(in crate::tui) fn lines(screen: Rect) -> u16 {
    parts(body(screen)).rows().height.max(1)
}

/// Whether a journey stands beside the list on a screen of this size.
pub(in crate::tui) fn journey_is_beside(screen: Rect) -> bool {
    screen.width >= BESIDE
}

/// How far the journey can be scrolled back.
pub(in crate::tui) fn journey_scroll_limit(model: &Model, facts: &Facts) -> u16 {
    let parts = parts(body(model.size));
    let area = inside(parts.edge, parts.journey());
    journey::scroll_limit(area, model, facts, &Theme::plain())
}

/// What a click means there.
pub(super) fn target(screen: Rect, at: Position, model: &Model) -> Option<Action> {
    let parts = parts(body(screen));
    if parts.tabs.contains(at) {
        return tabs::at(parts.tabs, at).map(|filter| Action::Messages(Deed::Show(filter)));
    }
    let hidden = model.messages.focus == Focus::Journey && parts.beside.is_none();
    let rows = parts.rows();
    (!hidden && rows.contains(at)).then(|| Action::Messages(Deed::Line(at.y - rows.y)))
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let parts = parts(area);
    let page = scene.facts.sight.page.as_ref();
    tabs::draw(buf, parts.tabs, page, scene);
    if let (Some(area), Some(page)) = (parts.strip, page) {
        strip::draw(buf, area, page, scene);
    }
    let focus = scene.model.messages.focus;
    if focus == Focus::List || parts.beside.is_some() {
        list(buf, &parts, page, scene);
    }
    if focus == Focus::Journey || parts.beside.is_some() {
        journey::draw(buf, parts.journey(), parts.edge, scene);
    }
}

fn list(buf: &mut Buffer, parts: &Parts, page: Option<&Page>, scene: Scene<'_>) {
    let theme = scene.theme;
    let frame = frame(scene, Focus::List);
    let lines = parts.rows().height;
    let shown = page.map(|page| (page, scene.model.messages.in_sight(page, lines)));
    let mut title = match page {
        Some(page) => Title::new(scene, total(page, scene)),
        None => Title::new(scene, "jobs"),
    };
    title = title.plain(words::order(scene.model.messages.sort), theme.text);
    if scene.facts.is_past() {
        title = title.plain(format!("as of {}", scene.snapshot.clock.now), theme.warn);
    }
    let state = &scene.model.messages;
    if state.mark != Mark::Top && state.sort == Sort::Newest && parts.list.width >= HINTS {
        title = title.plain(words::HOME_FOLLOWS, theme.dim);
    }
    if is_late(scene) {
        title = title.plain(words::STILL_LOOKING, theme.dim);
    }
    let inner = parts.edge.draw(buf, parts.list, &title.line(), frame);
    match shown {
        Some((page, rows)) if !rows.is_empty() => rows::draw(buf, inner, page, rows, scene),
        Some(_) => say(buf, inner, answered(scene).none(), theme.dim),
        None => say(buf, inner, words::NO_LIST_YET, theme.dim),
    }
}

/// The filter that the rows passed: the one before, until the answer comes.
fn answered(scene: Scene<'_>) -> crate::lab::Filter {
    let query = scene.facts.sight.gaze.page;
    query.map_or(scene.model.messages.filter, |query| query.filter)
}

fn total(page: &Page, scene: Scene<'_>) -> String {
    let filter = answered(scene);
    words::total(filter, page.counts[filter.slot()], page.counts[0])
}

fn is_late(scene: Scene<'_>) -> bool {
    let model = scene.model;
    let open = scene.facts.sight.gaze.page.map(|query| (query.filter, query.sort))
        != Some((model.messages.filter, model.messages.sort));
    open && model.now.0.saturating_sub(model.messages.asked.0) > LONG_US
}

/// The frame around what the keys move in stands out.
fn frame(scene: Scene<'_>, part: Focus) -> Style {
    if scene.model.messages.focus == part {
        scene.theme.text
    } else {
        scene.theme.frame
    }
}

/// A sentence in place of a part.
fn say(buf: &mut Buffer, area: Rect, text: &str, style: Style) {
    for (line, text) in (1..).zip(wrap(text, area.width.saturating_sub(4))) {
        Pen::new(buf, area, line).skip(2).put(&text, style);
    }
}

/// The style of a place.
fn place_style(place: Whereabouts, theme: &Theme) -> Style {
    match place {
        Whereabouts::Ready => theme.ready,
        Whereabouts::Tray(_) => theme.tray,
        Whereabouts::Hand(_) => theme.hand,
        Whereabouts::Done => theme.good,
        Whereabouts::Lost(_) => theme.alarm,
        Whereabouts::Returned | Whereabouts::DeadLettered => theme.warn,
    }
}
