//! The question before a worker is removed.

use super::pen::{Pen, wrap};
use super::{Scene, overlay};
use crate::tui::holding::Holding;
use crate::tui::names;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene {
        model, snapshot, theme, ..
    } = scene;
    let Some(worker) = model.target(snapshot) else {
        return;
    };
    let inner = overlay::open(
        buf,
        overlay::place(area, 52, 4),
        &format!("Remove {}?", names::of(worker)),
        scene,
    );
    let fate = Holding::of(worker).broken();
    let text = format!("Its connection is closed and its row goes; {fate}. x removes it, Esc keeps it.");
    for (line, text) in (0..).zip(wrap(&text, inner.width.saturating_sub(2))) {
        Pen::new(buf, inner, line).skip(1).put(&text, theme.text);
    }
}
