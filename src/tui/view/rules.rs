//! What the settings mean: one rule each, beside the log where the screen is wide; below them as many signs as fit.

use super::Scene;
use super::help::SIGNS;
use super::panel::{Edge, Title};
use super::pen::{Pen, wrap};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns for a rule's name.
const NAME: u16 = 11;

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let theme = scene.theme;
    let title = Title::new(scene, "What holds now").line();
    let inner = edge.draw(buf, area, &title, theme.frame);
    let mut line = 0;
    for (name, rule) in words::rules(&scene.snapshot.settings) {
        Pen::new(buf, inner, line).skip(1).put(name, theme.title);
        for text in wrap(&rule, inner.width.saturating_sub(NAME + 2)) {
            Pen::new(buf, inner, line).skip(NAME + 1).put(&text, theme.text);
            line += 1;
        }
    }
    for (line, (sign, text)) in (line + 1..inner.height).zip(SIGNS) {
        let mut pen = Pen::new(buf, inner, line);
        pen.skip(1).left(sign, NAME, theme.key);
        let room = pen.room();
        pen.fit(text, room, theme.dim);
    }
}
