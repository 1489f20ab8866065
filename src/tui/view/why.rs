//! The insights: what is true now, the gravest first; one of them opened, with its rule, what to try and where it is
//! written; below, what was true earlier in this run. Where there is room, the log and the rules in force besides.

use super::panel::{Edge, Title};
use super::pen::{Pen, columns, wrap};
use super::{Scene, reasons, rules};
use crate::lab::{Insight, LabTime, Severity};
use crate::tui::theme::Theme;
use crate::tui::why;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// From this width on the opened insight stands beside the list.
const BESIDE: u16 = 110;
/// From this width on the rules in force stand beside the log.
const WITH_RULES: u16 = 150;
/// Lines below which the belief is left out.
const ROOMY: u16 = 18;
/// Columns of a line's name in the opened insight.
const NAME: u16 = 12;
/// Columns of an insight's title in the list.
const TITLE: u16 = 32;
/// Lines that a log needs to be worth its title.
const LOG: u16 = 4;

/// A named line of the opened insight; long texts take several.
struct Part {
    name: &'static str,
    key: String,
    text: String,
    style: Style,
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let opened = why::opened(&scene.model.why, scene.snapshot);
    let parts = opened.map_or(Vec::new(), |row| parts(row, area.height >= ROOMY, scene));
    if area.width >= BESIDE {
        beside(buf, area, &parts, scene);
    } else {
        below(buf, area, &parts, scene);
    }
}

/// List and opened insight side by side, the log below.
fn beside(buf: &mut Buffer, area: Rect, parts: &[Part], scene: Scene<'_>) {
    let left = area.width / 2;
    let right = area.width - left;
    let needed = list_lines(scene).max(lines_of(parts, right - 2) + 1) + Edge::Box.lines();
    let top = needed.clamp(12, (area.height * 2 / 3).max(12)).min(area.height);
    let upper = Rect { height: top, ..area };
    list(buf, Rect { width: left, ..upper }, Edge::Box, scene);
    let card_area = Rect {
        x: area.x + left,
        width: right,
        ..upper
    };
    card(buf, card_area, Edge::Box, parts, scene);
    let rest = Rect {
        y: area.y + top,
        height: area.height - top,
        ..area
    };
    if rest.height < LOG {
        return;
    }
    let beside = if area.width >= WITH_RULES { right } else { 0 };
    log(
        buf,
        Rect {
            width: area.width - beside,
            ..rest
        },
        Edge::Box,
        scene,
    );
    if beside > 0 {
        let place = Rect {
            x: area.x + left,
            width: beside,
            ..rest
        };
        rules::draw(buf, place, Edge::Box, scene);
    }
}

/// List, opened insight and, where lines are left, the log.
fn below(buf: &mut Buffer, area: Rect, parts: &[Part], scene: Scene<'_>) {
    let edge = Edge::Rule;
    let card_lines = (lines_of(parts, area.width) + edge.lines()).min(area.height.saturating_sub(3));
    let room = area.height - card_lines;
    let wanted = list_lines(scene) + edge.lines();
    let list_height = if wanted + edge.lines() + LOG <= room { wanted } else { room };
    let mut y = area.y;
    let mut take = |height: u16| {
        let part = Rect { y, height, ..area };
        y += height;
        part
    };
    list(buf, take(list_height), edge, scene);
    card(buf, take(card_lines), edge, parts, scene);
    if room > list_height {
        log(buf, take(room - list_height), edge, scene);
    }
}

fn log(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let title = Title::new(scene, "Who got it, and why").line();
    let inner = edge.draw(buf, area, &title, scene.theme.frame);
    reasons::log(buf, inner, scene);
}

/// A line of the list.
enum Line {
    /// An insight: its place in the whole list.
    Item(usize),
    /// The title of those that were true earlier.
    Earlier,
}

fn lines(scene: Scene<'_>) -> Vec<Line> {
    let (now, before) = (scene.snapshot.insights.len(), scene.snapshot.earlier.len());
    let mut lines: Vec<Line> = (0..now).map(Line::Item).collect();
    if before > 0 {
        lines.push(Line::Earlier);
    }
    lines.extend((now..now + before).map(Line::Item));
    lines
}

fn list_lines(scene: Scene<'_>) -> u16 {
    u16::try_from(lines(scene).len()).unwrap_or(u16::MAX).max(1)
}

fn list(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let theme = scene.theme;
    let title = Title::new(scene, "Why").plain(summary(scene), theme.dim);
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let lines = lines(scene);
    if lines.is_empty() {
        Pen::new(buf, inner, 0).skip(1).put("nothing to say yet", theme.dim);
        return;
    }
    let opened = why::opened(&scene.model.why, scene.snapshot);
    let at = lines.iter().position(|l| matches!(l, Line::Item(row) if Some(*row) == opened));
    // The opened one is in sight, with the line before it.
    let height = usize::from(inner.height);
    let first = at.map_or(0, |at| (at + 1).saturating_sub(height)).min(lines.len());
    for (y, line) in (0..inner.height).zip(&lines[first..]) {
        let mut pen = Pen::new(buf, inner, y);
        match line {
            Line::Earlier => {
                pen.skip(1).put("earlier in this run", theme.title);
            }
            Line::Item(row) => item(&mut pen, *row, Some(*row) == opened, scene),
        }
    }
}

fn summary(scene: Scene<'_>) -> String {
    let insights = &scene.snapshot.insights;
    let of = |severity| insights.iter().filter(|p| p.insight.severity() == severity).count();
    let verdicts = of(Severity::Verdict);
    match (insights.len() - verdicts, scene.snapshot.earlier.len()) {
        (now, 0) => format!("{now} true now"),
        (now, before) => format!("{now} true now, {before} earlier"),
    }
}

fn item(pen: &mut Pen<'_>, row: usize, opened: bool, scene: Scene<'_>) {
    let theme = scene.theme;
    let snapshot = scene.snapshot;
    let Some(insight) = why::list(snapshot).nth(row) else {
        return;
    };
    let before = row.checked_sub(snapshot.insights.len()).and_then(|i| snapshot.earlier.get(i));
    let (sign, loud) = look(&insight, theme);
    let style = if before.is_some() { theme.dim } else { loud };
    let when = match (before, snapshot.insights.get(row)) {
        (Some(e), _) if e.times > 1 => format!("×{} to {}", e.times, e.until),
        (Some(e), _) => format!("{}–{}", e.since, e.until),
        (None, Some(p)) => format!("since {}", p.since),
        (None, None) => String::new(),
    };
    pen.put(if opened { " ▸ " } else { "   " }, theme.selected);
    pen.left(sign, 2, style);
    let text = if opened { theme.selected } else { style };
    let width = columns(&when) + 1;
    let room = pen.room().saturating_sub(width);
    let title = room.min(TITLE);
    pen.left(insight.lesson().title, title, text);
    let rest = room - title;
    if rest >= 24 {
        pen.left(&insight.to_string(), rest - 1, theme.dim).skip(1);
    } else {
        pen.skip(rest);
    }
    pen.right(&when, width - 1, theme.dim);
}

/// A sign and a style for an insight, so that colour is not needed to tell how grave it is.
pub(super) const fn look(insight: &Insight, theme: &Theme) -> (&'static str, Style) {
    match (insight.severity(), insight) {
        (Severity::Loss, _) => ("✖", theme.alarm),
        (Severity::Stuck | Severity::NoEffect | Severity::Waste | Severity::Risk, _) => ("!", theme.warn),
        (Severity::Fact, _) => ("·", theme.text),
        (Severity::Verdict, Insight::Fair { .. } | Insight::NothingWrong { .. }) => ("✓", theme.good),
        (Severity::Verdict, _) => ("…", theme.dim),
    }
}

fn card(buf: &mut Buffer, area: Rect, edge: Edge, parts: &[Part], scene: Scene<'_>) {
    let theme = scene.theme;
    let Some(insight) = why::opened(&scene.model.why, scene.snapshot).and_then(|row| why::list(scene.snapshot).nth(row))
    else {
        return;
    };
    let (_, style) = look(&insight, theme);
    let title = Title::new(scene, insight.lesson().title).plain(insight.severity().to_string(), style);
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let width = inner.width;
    let spare = inner.height > lines_of(parts, width);
    let mut y = 0;
    for (i, part) in parts.iter().enumerate() {
        let name = if i == 0 { 0 } else { NAME };
        let lead = columns(&part.key) + u16::from(!part.key.is_empty());
        Pen::new(buf, inner, y).skip(1).put(part.name, theme.dim);
        Pen::new(buf, inner, y).skip(1 + name).put(&part.key, theme.key);
        for text in wrap(&part.text, text_width(width, i, part)) {
            Pen::new(buf, inner, y).skip(1 + name + lead).put(&text, part.style);
            y += 1;
        }
        if i == 0 && spare {
            y += 1;
        }
    }
}

fn text_width(width: u16, row: usize, part: &Part) -> u16 {
    let name = if row == 0 { 0 } else { NAME };
    let lead = columns(&part.key) + u16::from(!part.key.is_empty());
    width.saturating_sub(2 + name + lead).max(10)
}

fn lines_of(parts: &[Part], width: u16) -> u16 {
    let lines = parts.iter().enumerate().map(|(i, p)| wrap(&p.text, text_width(width, i, p)).len());
    u16::try_from(lines.sum::<usize>()).unwrap_or(u16::MAX)
}

/// What is told of the opened insight, the sentence about this case first.
fn parts(row: usize, roomy: bool, scene: Scene<'_>) -> Vec<Part> {
    let (theme, snapshot) = (scene.theme, scene.snapshot);
    let Some(insight) = why::list(snapshot).nth(row) else {
        return Vec::new();
    };
    let lesson = insight.lesson();
    let remedy = insight.remedy(&snapshot.settings);
    let part = |name, key, text, style| Part { name, key, text, style };
    let mut parts = vec![part("", String::new(), insight.to_string(), theme.figure)];
    if roomy && !lesson.belief.is_empty() {
        let belief = format!("“{}”", lesson.belief);
        parts.push(part("many think", String::new(), belief, theme.dim));
    }
    parts.push(part("the rule", String::new(), lesson.rule.to_owned(), theme.text));
    let key = why::action(remedy).and_then(why::key).unwrap_or_default();
    parts.push(part("try", key, remedy.to_string(), theme.text));
    parts.push(part("see", String::new(), lesson.source.to_owned(), theme.dim));
    if roomy && let Some(text) = history(row, scene) {
        parts.push(part("when", String::new(), text, theme.dim));
    }
    parts
}

/// Since when it is so, and how often it was.
fn history(row: usize, scene: Scene<'_>) -> Option<String> {
    let snapshot = scene.snapshot;
    let length = |from: LabTime, to: LabTime| to.seconds().saturating_sub(from.seconds());
    if let Some(p) = snapshot.insights.get(row) {
        let now = snapshot.clock.now;
        let so_far = length(p.since, now);
        let gone = length(p.seen, now);
        let last = if gone > 0 { format!(", last seen {gone} s ago") } else { String::new() };
        return Some(format!("since {}, for {so_far} s{last}", p.since));
    }
    let e = snapshot.earlier.get(row - snapshot.insights.len())?;
    let last = format!("from {} to {}", e.since, e.until);
    Some(if e.times > 1 {
        format!("{} times, the last one {last}", e.times)
    } else {
        last
    })
}

#[cfg(test)]
mod tests;
