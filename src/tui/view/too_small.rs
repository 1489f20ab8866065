//! What is said where the lab view does not fit.

use super::layout::SMALLEST;
use super::pen::{Pen, wrap};
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(buf: &mut Buffer, area: Rect, theme: &Theme) {
    let (columns, lines) = SMALLEST;
    let text = format!(
        "dispatch-lab needs {columns}×{lines}; this is {}×{}. Make the window larger or the font smaller. q leaves.",
        area.width, area.height
    );
    let lines = wrap(&text, area.width);
    for (line, text) in (0..).zip(&lines) {
        Pen::new(buf, area, line).put(text, theme.text);
    }
}
