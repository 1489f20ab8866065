//! The text of the stage: lines that are wrapped to the panel, some of which can be clicked.

use super::stage;
use crate::tui::action::Action;
use crate::tui::facts::Facts;
use crate::tui::lesson::{Stage, count};
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use crate::tui::view::Scene;
use crate::tui::view::panel::{Edge, Title};
use crate::tui::view::pen::{Pen, columns, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// A line of the panel.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Columns before it.
    indent: u16,
    /// A sign in the indent.
    sign: String,
    sign_style: Style,
    text: String,
    style: Style,
    /// Whether it stands in the middle.
    centred: bool,
    /// What a click on it does.
    press: Option<Action>,
}

/// The lines of a panel that is so wide.
#[derive(Debug)]
pub(super) struct Text {
    width: u16,
    pub(super) lines: Vec<Line>,
}

impl Text {
    fn new(width: u16) -> Self {
        Self {
            width,
            lines: Vec::new(),
        }
    }

    /// A paragraph.
    pub(super) fn put(&mut self, text: &str, style: Style) -> &mut Self {
        self.item(("", style), text, style, None)
    }

    /// A paragraph with a sign before its first line.
    pub(super) fn item(
        &mut self,
        (sign, sign_style): (&str, Style),
        text: &str,
        style: Style,
        press: Option<Action>,
    ) -> &mut Self {
        let indent = if sign.is_empty() { 1 } else { 2 + columns(sign) };
        let width = self.width.saturating_sub(indent + 1).max(1);
        for (number, text) in wrap(text, width).into_iter().enumerate() {
            self.lines.push(Line {
                indent,
                sign: if number == 0 { sign.to_owned() } else { String::new() },
                sign_style,
                text,
                style,
                centred: false,
                press,
            });
        }
        self
    }

    /// Lines in the middle, each as wide as the widest.
    pub(super) fn block(&mut self, text: &str, style: Style) -> &mut Self {
        let lines = wrap(text, self.width.saturating_sub(8).max(1));
        let widest = lines.iter().map(|line| columns(line)).max().unwrap_or(0) + 4;
        let blank = String::new();
        for text in std::iter::once(&blank).chain(&lines).chain([&blank]) {
            let room = usize::from(widest);
            self.lines.push(Line {
                text: format!("{text:^room$}"),
                style,
                centred: true,
                ..Line::default()
            });
        }
        self
    }

    pub(super) fn blank(&mut self) -> &mut Self {
        self.lines.push(Line::default());
        self
    }

    /// Without blank lines: there is no room for them.
    fn close_up(&mut self) {
        self.lines.retain(|line| !line.text.is_empty());
    }

    pub(super) fn len(&self) -> u16 {
        count(&self.lines)
    }

    /// Takes the lines of another text to its beginning.
    pub(super) fn put_before(&mut self, mut before: Vec<Line>) {
        before.append(&mut self.lines);
        self.lines = before;
    }
}

/// Columns of the sign before a hint.
const HINT: u16 = 3;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let theme = scene.theme;
    let edge = edge(area);
    let (title, stage) = stage::title(scene, area.width);
    let title = Title::new(scene, title).plain(stage, theme.dim);
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let (text, hint) = content(inner, scene);
    let (shown, place) = share(inner, &text, hint.as_deref());
    let top = scene.model.lesson.top.min(text.len().saturating_sub(shown.height));
    for (y, line) in (0..shown.height).zip(text.lines.iter().skip(usize::from(top))) {
        write(&mut Pen::new(buf, shown, y), line);
    }
    let below = text.len().saturating_sub(top + shown.height);
    let more = format!(" ▼ {below} more: PgDn ");
    let mut pen = Pen::new(buf, place, 0);
    let left = match below {
        0 => pen.room(),
        _ => pen.room().saturating_sub(columns(&more) + 1),
    };
    if let Some(hint) = hint {
        let room = left.saturating_sub(HINT);
        pen.skip(1)
            .put("▸ ", theme.selected)
            .fit(&hint, columns(&hint).min(room), theme.selected);
    }
    let mut pen = Pen::new(buf, place, 0);
    pen.skip(left).put(&more, theme.message);
}

fn write(pen: &mut Pen<'_>, line: &Line) {
    if line.centred {
        let space = pen.room().saturating_sub(columns(&line.text)) / 2;
        pen.skip(space).put(&line.text, line.style);
        return;
    }
    pen.skip(1)
        .left(&line.sign, line.indent.saturating_sub(1), line.sign_style);
    pen.put(&line.text, line.style);
}

/// What a click there means.
pub(super) fn press(area: Rect, at: Position, model: &Model, facts: &Facts) -> Option<Action> {
    let theme = Theme::plain();
    let scene = Scene {
        model,
        facts,
        snapshot: &facts.snapshot,
        theme: &theme,
    };
    let inner = inner(area);
    let (text, hint) = content(inner, scene);
    let (shown, _) = share(inner, &text, hint.as_deref());
    if !shown.contains(at) {
        return None;
    }
    let top = model.lesson.top.min(text.len().saturating_sub(shown.height));
    text.lines.get(usize::from(top + at.y - shown.y))?.press
}

/// How far the text can be scrolled.
pub(super) fn scroll_limit(area: Rect, scene: Scene<'_>) -> u16 {
    let inner = inner(area);
    let (text, hint) = content(inner, scene);
    let (shown, _) = share(inner, &text, hint.as_deref());
    text.len().saturating_sub(shown.height)
}

/// The text of the stage; its pages before it where there is room for them.
fn content(inner: Rect, scene: Scene<'_>) -> (Text, Option<String>) {
    let mut text = Text::new(inner.width);
    let mut hint = None;
    if let Some(lesson) = scene.facts.lessons.open.as_deref() {
        stage::write(&mut text, lesson, scene);
        hint = stage::hint(lesson, scene);
        let room = inner.height.saturating_sub(u16::from(hint.is_some()));
        if text.len() > room {
            text.close_up();
        }
        earlier(&mut text, room.saturating_sub(1), lesson, scene);
    }
    (text, hint)
}

/// Puts the paragraphs read before above the present one, as many as there is room for.
fn earlier(text: &mut Text, room: u16, lesson: &crate::scenario::Scenario, scene: Scene<'_>) {
    let (pages, now) = match scene.model.lesson.stage {
        Stage::Story(now) => (&lesson.prose.story, now),
        Stage::Reveal(now) => (&lesson.prose.reveal, now),
        // The story leads to the question.
        Stage::Ask(_) => (&lesson.prose.story, count(&lesson.prose.story)),
        _ => return,
    };
    for page in pages[..usize::from(now).min(pages.len())].iter().rev() {
        let mut before = Text::new(text.width);
        before.put(page, scene.theme.dim).blank();
        if text.len() + before.len() > room {
            return;
        }
        text.put_before(before.lines);
    }
}

/// The lines for the text, and the last one for what can be done; that one only where all else has room, or where
/// something is cut.
fn share(inner: Rect, text: &Text, hint: Option<&str>) -> (Rect, Rect) {
    let last = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1.min(inner.height),
        ..inner
    };
    let needs_last = hint.is_some() || text.len() > inner.height;
    let shown = Rect {
        height: inner.height.saturating_sub(u16::from(needs_last)),
        ..inner
    };
    (shown, last)
}

fn inner(area: Rect) -> Rect {
    let mut nowhere = Buffer::empty(Rect::default());
    edge(area).draw(&mut nowhere, area, &"".into(), Style::new())
}

/// Below the lab a line, beside it four sides.
const fn edge(area: Rect) -> Edge {
    if area.x > 0 { Edge::Box } else { Edge::Rule }
}
