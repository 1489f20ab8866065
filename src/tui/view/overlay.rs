//! A window above the lab view: cleared, framed, in the middle.

use super::Scene;
use super::panel::Edge;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

/// The place of a window of the given inner size; the footer's line stays free.
pub(super) fn place(area: Rect, columns: u16, lines: u16) -> Rect {
    let width = (columns + 2).min(area.width);
    let height = (lines + 2).min(area.height.saturating_sub(1));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height.saturating_sub(1) - height) / 2,
        width,
        height,
    }
}

/// Clears and frames it; returns its inside.
pub(super) fn open(buf: &mut Buffer, place: Rect, title: &str, scene: Scene<'_>) -> Rect {
    Clear.render(place, buf);
    let title = Line::from(Span::styled(format!(" {title} "), scene.theme.selected));
    Edge::Box.draw(buf, place, &title, scene.theme.selected)
}
