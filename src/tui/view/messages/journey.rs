//! One job's journey: a picture in one line, the steps below each other, and what it comes to.

use super::super::Scene;
use super::super::panel::{Edge, Title};
use super::super::pen::{Pen, columns, wrap};
use super::{frame, path, say, spent};
use crate::lab::{Journey, LabTime, StepKind};
use crate::tui::facts::Facts;
use crate::tui::messages::{Focus, words};
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Steps at the beginning that the picture keeps when it is cut.
const BEGINNING: usize = 3;
/// What parts the items of the picture.
const JOINT: &str = " ─ ";

/// A sign and a word.
type Item = (&'static str, String);

/// The parts inside the edge, from top to bottom.
struct Places {
    picture: Vec<Vec<Item>>,
    path: Rect,
    conclusion: Vec<String>,
}

fn places(area: Rect, journey: &Journey) -> Places {
    let width = area.width.saturating_sub(2);
    let most = if area.height >= 18 { 3 } else { 2 };
    let picture = picture(journey, width, most);
    let conclusion = wrap(&journey.conclusion(), width);
    let lines = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    // A blank line on either side of the steps, where there is room.
    let blank = u16::from(area.height >= 14);
    let above = lines(picture.len()) + blank;
    let below = lines(conclusion.len()) + blank;
    Places {
        path: Rect {
            y: area.y + above,
            height: area.height.saturating_sub(above + below),
            ..area
        },
        picture,
        conclusion,
    }
}

/// How far the steps can be scrolled back.
pub(super) fn scroll_limit(area: Rect, model: &Model, facts: &Facts, theme: &Theme) -> u16 {
    facts.sight.journey.as_ref().map_or(0, |journey| {
        let path = places(area, journey).path;
        let now = facts.snapshot.clock.now;
        path::Path::of(journey, now, path, model.messages.focus, theme).limit()
    })
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let style = frame(scene, Focus::Journey);
    let journey = scene.facts.sight.journey.as_ref();
    let Some(journey) = journey.filter(|_| scene.model.messages.job.is_some()) else {
        let inner = edge.draw(buf, area, &Title::new(scene, "Journey").line(), style);
        return say(buf, inner, words::NO_JOURNEY, scene.theme.dim);
    };
    let inner = edge.draw(
        buf,
        area,
        &title(journey, area.width.saturating_sub(2), scene).line(),
        style,
    );
    let places = places(inner, journey);
    for (line, items) in (0..).zip(&places.picture) {
        let mut pen = Pen::new(buf, inner, line);
        draw_items(&mut pen, items, scene.theme);
        if usize::from(line) + 1 < places.picture.len() {
            pen.put(" ─", scene.theme.dim);
        }
    }
    let now: LabTime = scene.snapshot.clock.now;
    let state = &scene.model.messages;
    let path = path::Path::of(journey, now, places.path, state.focus, scene.theme);
    path.draw(buf, places.path, state.back, scene);
    // The conclusion follows the last step; below it, where there is room, is where the time went.
    let drawn = places.path.y - inner.y + path.shown();
    let lines = u16::try_from(places.conclusion.len()).unwrap_or(u16::MAX);
    let first = (drawn + 1).min(inner.height.saturating_sub(lines));
    for (line, text) in (first..).zip(&places.conclusion) {
        Pen::new(buf, inner, line).skip(1).put(text, scene.theme.figure);
    }
    let used = first + lines;
    let rest = Rect {
        y: inner.y + used,
        height: inner.height.saturating_sub(used),
        ..inner
    };
    spent::draw(buf, rest, journey, now, scene);
}

/// The job, where it is, and what it is, as far as there is room.
fn title<'s>(journey: &Journey, room: u16, scene: Scene<'s>) -> Title<'s> {
    let theme = scene.theme;
    let name = format!("Journey of {}", journey.job);
    let mut room = room.saturating_sub(columns(&name) + 2);
    let mut title = Title::new(scene, name);
    let parts = journey.row.map(|row| {
        [
            (row.place.brief(), super::place_style(row.place, theme)),
            (words::delivery(row.delivery).to_owned(), theme.text),
            (format!("{} queue", words::queue(row.queue)), theme.text),
        ]
    });
    for (text, style) in parts.into_iter().flatten() {
        let needed = columns(&text) + 3;
        if needed <= room {
            room -= needed;
            title = title.plain(text, style);
        }
    }
    title
}

/// The steps in a word or two each, on at most so many lines; too many of them lose their middle.
fn picture(journey: &Journey, width: u16, most: usize) -> Vec<Vec<Item>> {
    let items: Vec<Item> = items(journey);
    let last = items.len().saturating_sub(BEGINNING).min(usize::from(width) * most / 4);
    for kept in (0..=last).rev() {
        let lines = flow(shortened(&items, kept), width);
        if lines.len() <= most || kept == 0 {
            return lines;
        }
    }
    Vec::new()
}

fn items(journey: &Journey) -> Vec<Item> {
    let mut items = Vec::new();
    let next = journey.steps.iter().skip(1).map(Some).chain([None]);
    for (step, next) in journey.steps.iter().zip(next) {
        match (&step.what, next.map(|next| &next.what)) {
            // Work and its ack are one item, and so are a refusal and the way back.
            (StepKind::Finished(_, 0 | 1), Some(StepKind::Acked(_)))
            | (StepKind::Rejected(..), Some(StepKind::WentBack(..))) => {}
            (what, _) => items.extend(words::brief(what)),
        }
    }
    if journey.cut_off {
        items.insert(0, ("…", "earlier".to_owned()));
    }
    items
}

/// The beginning, how many are left out, and so many of the end.
fn shortened(items: &[Item], kept: usize) -> Vec<Item> {
    let left_out = items.len().saturating_sub(BEGINNING + kept);
    if left_out < 2 {
        return items.to_vec();
    }
    let mut short = items[..BEGINNING].to_vec();
    short.push(("…", format!("{} more …", words::thousands(left_out as u64))));
    short.extend_from_slice(&items[items.len() - kept..]);
    short
}

fn flow(items: Vec<Item>, width: u16) -> Vec<Vec<Item>> {
    let mut lines: Vec<Vec<Item>> = vec![Vec::new()];
    let mut used = 0;
    for item in items {
        let needed = columns(&item.1) + 2 + columns(JOINT);
        if used + needed > width && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += needed;
        lines.last_mut().expect("there is always a line").push(item);
    }
    lines
}

fn draw_items(pen: &mut Pen<'_>, items: &[Item], theme: &Theme) {
    pen.skip(1);
    for (i, (sign, word)) in items.iter().enumerate() {
        if i > 0 {
            pen.put(JOINT, theme.dim);
        }
        pen.put(sign, sign_style(sign, theme)).skip(1).put(word, theme.text);
    }
}

/// The style of a step's sign.
pub(super) fn sign_style(sign: &str, theme: &Theme) -> Style {
    match sign {
        "✓" | "✔" => theme.good,
        "▪" => theme.tray,
        "●" => theme.hand,
        "✖" => theme.alarm,
        "↻" => theme.block_again,
        "!" | "▾" => theme.warn,
        "○" => theme.ready,
        _ => theme.dim,
    }
}
