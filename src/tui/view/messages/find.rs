//! The question for a job's number.

use super::super::pen::Pen;
use super::super::{Scene, overlay};
use crate::tui::messages::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(in crate::tui::view) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let theme = scene.theme;
    let inner = overlay::open(buf, overlay::place(area, 44, 2), "Find a job", scene);
    let mut pen = Pen::new(buf, inner, 0);
    pen.skip(1)
        .put("number  #", theme.text)
        .put(&scene.model.typed, theme.figure);
    pen.put("▏", theme.selected);
    let published = scene.snapshot.books.published;
    let text = match published {
        0 => "no job is published yet".to_owned(),
        n => format!("from 1 to {}; Enter finds it", words::thousands(n)),
    };
    Pen::new(buf, inner, 1).skip(1).put(&text, theme.dim);
}
