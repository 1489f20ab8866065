//! The comparison of two settings.

use super::Scene;
use super::pen::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let title = scene.model.view.title();
    Pen::new(buf, area, 0).put(title, scene.theme.title);
}
