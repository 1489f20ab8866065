//! The edge of a part of the screen, with its title: a box where there is room, a rule where lines are scarce.

use super::Scene;
use super::pen::Pen;
use crate::tui::model::Setting;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};
use std::borrow::Cow;

/// How parts of the screen are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Four sides: costs two lines.
    Box,
    /// A line with the title above: costs one.
    Rule,
}

impl Edge {
    /// Lines that the edge takes.
    pub(super) const fn lines(self) -> u16 {
        match self {
            Self::Box => 2,
            Self::Rule => 1,
        }
    }

    /// Draws the edge and returns what it leaves.
    pub(super) fn draw(self, buf: &mut Buffer, area: Rect, title: &Line<'_>, style: Style) -> Rect {
        match self {
            Self::Box => {
                let block = Block::bordered().border_style(style);
                let inner = block.inner(area);
                block.render(area.intersection(buf.area), buf);
                // The title stands in the frame and shall not look like it.
                let place = Rect {
                    x: area.x + 1,
                    width: inner.width,
                    ..area
                };
                Pen::new(buf, place, 0).wipe(title.width());
                write(&mut Pen::new(buf, place, 0), title);
                inner
            }
            Self::Rule => {
                let mut pen = Pen::new(buf, area, 0);
                pen.repeat("─", 1, style);
                write(&mut pen, title);
                let rest = pen.room();
                pen.repeat("─", rest, style);
                Rect {
                    y: area.y.saturating_add(1),
                    height: area.height.saturating_sub(1),
                    ..area
                }
            }
        }
    }
}

fn write(pen: &mut Pen<'_>, title: &Line<'_>) {
    for span in &title.spans {
        pen.put(&span.content, span.style);
    }
}

/// A title made of a name and settings, parted by dots; a setting that changed just now is marked.
pub(super) struct Title<'a> {
    scene: Scene<'a>,
    line: Line<'a>,
}

impl<'a> Title<'a> {
    pub(super) fn new(scene: Scene<'a>, name: impl Into<Cow<'a, str>>) -> Self {
        let mut line = Line::from(" ");
        line.push_span(Span::styled(name, scene.theme.title));
        Self { scene, line }
    }

    /// Adds a setting.
    pub(super) fn setting(mut self, what: Setting, text: impl Into<Cow<'a, str>>) -> Self {
        self.line.push_span(Span::styled(" · ", self.scene.theme.dim));
        self.line.push_span(Span::styled(text, setting_style(self.scene, what)));
        self
    }

    /// Adds what is not a setting.
    pub(super) fn plain(mut self, text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        self.line.push_span(Span::styled(" · ", self.scene.theme.dim));
        self.line.push_span(Span::styled(text, style));
        self
    }

    /// Adds the first of these that fits into so many columns of title, if one does.
    pub(super) fn fitting<const N: usize>(self, texts: [String; N], columns: u16, style: Style) -> Self {
        let room = usize::from(columns).saturating_sub(self.line.width() + 4);
        match texts.into_iter().find(|text| Span::raw(text).width() <= room) {
            Some(text) => self.plain(text, style),
            None => self,
        }
    }

    pub(super) fn line(mut self) -> Line<'a> {
        self.line.push_span(Span::raw(" "));
        self.line
    }
}

/// The style of a setting: marked for a moment after it changed.
pub(super) fn setting_style(scene: Scene<'_>, what: Setting) -> Style {
    if scene.model.flashes(what) {
        scene.theme.flash
    } else {
        scene.theme.text
    }
}
