//! The client code for what is on screen: with line numbers, and the lines marked that the last key changed.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::Pen;
use crate::code::{Case, Language, Mark, Marked, Role, marked, program};
use crate::tui::code::case;
use crate::tui::facts::Facts;
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

mod paint;

/// From this width on, both programs stand side by side.
const BOTH: u16 = 160;
/// Columns of a line's number and its mark.
const GUTTER: u16 = 6;
/// Lines of a screen that no program has: header, edges, hint, footer.
const AROUND: u16 = 5;
/// From this height on, or with both side by side, boxes.
const BOXES: u16 = 30;
/// What changes a line here.
const HINT: &str = " p prefetch · a ack · d durable · m messages · c confirms · + − speed · [ ] rate";

/// Whether both programs fit.
pub(in crate::tui) fn has_room_for_both(screen: Rect) -> bool {
    screen.width >= BOTH
}

/// How far the longest program in sight can be scrolled.
pub(in crate::tui) fn scroll_limit(model: &Model, facts: &Facts) -> u16 {
    let case = case(model, facts);
    let page = model.size.height.saturating_sub(AROUND);
    longest(model.code.language, &case).saturating_sub(page)
}

/// Lines of the longer one of both programs.
fn longest(language: Language, case: &Case) -> u16 {
    let count = |role| program(language, role, case).lines().count();
    let lines = count(Role::Worker).max(count(Role::Producer));
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// One program to be drawn.
#[derive(Clone, Copy)]
struct Page {
    language: Language,
    role: Role,
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let case = case(scene.model, scene.facts);
    let hint = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    let area = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    for (place, page) in pages(area, scene.model, &case) {
        draw_page(buf, place, scene, page, &case);
    }
    Pen::new(buf, hint, 0).put(HINT, scene.theme.dim);
}

/// Which programs, and where.
fn pages(area: Rect, model: &Model, case: &Case) -> Vec<(Rect, Page)> {
    let language = model.code.language;
    let page = |language, role| Page { language, role };
    // The methods stand below where both leave room for them.
    let longest = longest(language, case) + Edge::Box.lines();
    if model.code.role.is_some() || area.width < BOTH {
        return vec![(area, page(language, model.code.role.unwrap_or(Role::Worker)))];
    }
    let both = |area, language| {
        let (left, right) = halves(area);
        [
            (left, page(language, Role::Worker)),
            (right, page(language, Role::Producer)),
        ]
    };
    let upper = Rect {
        height: area.height / 2,
        ..area
    };
    if longest > upper.height || language == Language::Methods {
        return both(area, language).into();
    }
    let lower = Rect {
        y: upper.bottom(),
        height: area.height - upper.height,
        ..area
    };
    [both(upper, language), both(lower, Language::Methods)].concat()
}

fn halves(area: Rect) -> (Rect, Rect) {
    let width = area.width / 2;
    let left = Rect { width, ..area };
    let right = Rect {
        x: area.x + width,
        width: area.width - width,
        ..area
    };
    (left, right)
}

fn draw_page(buf: &mut Buffer, area: Rect, scene: Scene<'_>, page: Page, case: &Case) {
    let theme = scene.theme;
    let now = program(page.language, page.role, case);
    let before = match scene.model.code.before(case) {
        Some(before) if !scene.facts.is_past() => program(page.language, page.role, &before),
        _ => now.clone(),
    };
    let lines = marked(&before, &now);
    let boxed = area.height >= BOXES || scene.model.size.width >= BOTH;
    let edge = if boxed { Edge::Box } else { Edge::Rule };
    let height = usize::from(area.height.saturating_sub(edge.lines()));
    let last = lines.len().saturating_sub(height);
    let top = usize::from(scene.model.code.top).min(last);
    let top = changes(&lines).map_or(top, |changes| into_sight(top, height, changes).min(last));
    let below = lines.len().saturating_sub(top + height);
    let inner = edge.draw(buf, area, &title(scene, page, below).line(), theme.frame);
    let numbers = lines.iter().scan(0, |number, (mark, _)| {
        *number += u16::from(*mark != Mark::Gone);
        Some(*number)
    });
    let rows = lines.iter().zip(numbers).skip(top).take(height);
    for (y, ((mark, text), number)) in (0..).zip(rows) {
        draw_line(
            &mut Pen::new(buf, inner, y),
            theme,
            page.language,
            (*mark, text),
            number,
        );
    }
}

/// From the first line that changed to the last.
fn changes(lines: &[Marked<'_>]) -> Option<(usize, usize)> {
    let changed = |(mark, _): &Marked<'_>| *mark != Mark::Same;
    Some((lines.iter().position(changed)?, lines.iter().rposition(changed)?))
}

/// The first line in sight, so that all that changed is, or as much of it as fits.
fn into_sight(top: usize, height: usize, (first, last): (usize, usize)) -> usize {
    if first < top || last - first >= height {
        first.saturating_sub(1)
    } else if last >= top + height {
        last + 1 - height
    } else {
        top
    }
}

fn title(scene: Scene<'_>, page: Page, below: usize) -> Title<'_> {
    let theme = scene.theme;
    let mut title = Title::new(scene, page.role.title()).plain(page.language.title(), theme.text);
    if let (Role::Worker, Some(worker)) = (page.role, scene.model.selected_worker(scene.snapshot)) {
        title = title.plain(format!("as {}", worker.id), theme.figure);
    }
    if below > 0 {
        title = title.plain(format!("{below} more: PgDn"), theme.key);
    }
    title
}

fn draw_line(pen: &mut Pen<'_>, theme: &Theme, language: Language, (mark, text): (Mark, &str), number: u16) {
    match mark {
        Mark::Same => {
            pen.right(&number.to_string(), GUTTER - 3, theme.dim).skip(3);
            paint::line(pen, theme, language, text);
        }
        Mark::New => {
            pen.right(&number.to_string(), GUTTER - 3, theme.figure)
                .put(" + ", theme.good)
                .put(text, theme.flash);
        }
        Mark::Gone => {
            pen.skip(GUTTER - 3).put(" − ", theme.alarm).put(text, theme.disabled);
        }
    }
}
