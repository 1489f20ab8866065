//! What is to be compared: the ready-made pairs, and each setting of both sides with what differs marked.

use super::super::Scene;
use super::super::panel::{Edge, Title};
use super::super::pen::{Pen, columns};
use crate::lab::{Preset, Side};
use crate::tui::compare::{Knob, Reach};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a line's mark and name.
const NAME: u16 = 14;
/// Columns of a side's value at least, and at most.
const VALUE: (u16, u16) = (20, 34);

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let wide = area.height >= 30;
    let gap = u16::from(wide);
    let title =
        Title::new(scene, "Compare").plain("the same jobs under two settings at the same time", scene.theme.dim);
    let inner = Edge::Rule.draw(buf, area, &title.line(), scene.theme.frame);
    let mut line = gap;
    for (number, preset) in (1..).zip(Preset::ALL) {
        pair(&mut Pen::new(buf, inner, line), number, preset, scene);
        line += 1 + gap;
    }
    line += 1;
    heads(&mut Pen::new(buf, inner, line), inner.width, scene);
    line += 1;
    for knob in Knob::ALL {
        if knob == Knob::Workers {
            let dim = scene.theme.dim;
            line += gap;
            Pen::new(buf, inner, line).skip(2).put("both sides", dim);
            line += 1;
        }
        setting(&mut Pen::new(buf, inner, line), knob, inner.width, scene);
        line += 1;
    }
    if wide {
        hint(buf, inner, line + 1, scene);
    }
}

fn pair(pen: &mut Pen<'_>, number: u16, preset: Preset, scene: Scene<'_>) {
    let theme = scene.theme;
    let chosen = scene.model.compare.preset == Some(preset);
    pen.put(if chosen { " ▸ " } else { "   " }, theme.selected);
    pen.put(&number.to_string(), theme.key).skip(1);
    pen.left(preset.title(), 28, if chosen { theme.selected } else { theme.text });
    let room = pen.room();
    pen.fit(preset.scene(), room, theme.dim);
}

/// Columns of one side's values.
fn value_width(width: u16) -> u16 {
    (width.saturating_sub(NAME + 6) / 2).clamp(VALUE.0, VALUE.1)
}

fn heads(pen: &mut Pen<'_>, width: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let value = value_width(width);
    pen.skip(NAME);
    for (side, key, between) in [(Side::A, "e", 5), (Side::B, "f", 0)] {
        let name = format!("side {}  ", side.letter());
        pen.put(&name, theme.title)
            .put(key, theme.key)
            .put(" changes", theme.dim);
        pen.skip(value.saturating_sub(columns(&name) + 9) + between);
    }
}

fn setting(pen: &mut Pen<'_>, knob: Knob, width: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let state = &scene.model.compare;
    let marked = state.knob == knob;
    pen.put(if marked { " ▸ " } else { "   " }, theme.selected);
    pen.left(knob.title(), NAME - 3, if marked { theme.selected } else { theme.text });
    let [a, b] = Side::ALL.map(|side| knob.value(&state.plan, side));
    match knob.reach() {
        Reach::Both => {
            let room = pen.room();
            pen.fit(&a, room, theme.text);
        }
        Reach::Side => {
            let differs = a != b;
            let style = if differs { theme.figure } else { theme.dim };
            let value = value_width(width);
            pen.left(&a, value, style);
            pen.left(if differs { "  ≠  " } else { "" }, 5, theme.warn);
            pen.left(&b, value, style);
        }
    }
}

fn hint(buf: &mut Buffer, area: Rect, line: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    Pen::new(buf, area, line).skip(3).put("Enter", theme.key).put(
        " begins: both clocks start together, and the same jobs, number by number, go to both sides.",
        theme.dim,
    );
    Pen::new(buf, area, line + 1).skip(3).put(
        "Predict it first: which side is done sooner, and by how much?",
        theme.text,
    );
}
