//! The laser: a thick frame around one part of the Lab view.

use super::Scene;
use super::layout::Areas;
use super::pen::Pen;
use crate::tui::room::{Spot, Trace};
use crate::tui::theme::strokes::thick;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The parts that are on the screen, from above.
pub(super) fn spots(areas: &Areas) -> Vec<(Spot, Rect)> {
    let all = [
        (Spot::Figures, areas.figures),
        (Spot::Producer, Some(areas.producer)),
        (Spot::Queue, Some(areas.queue)),
        (Spot::Flow, areas.flow),
        (Spot::Workers, Some(areas.workers)),
        (Spot::Timeline, Some(areas.timeline)),
        (Spot::Log, Some(areas.reasons)),
        (Spot::Sums, areas.sums),
        (Spot::Rules, areas.rules),
        (Spot::Books, Some(areas.books)),
    ];
    let there = |(spot, area): (Spot, Option<Rect>)| area.filter(|area| area.height > 0).map(|area| (spot, area));
    all.into_iter().filter_map(there).collect()
}

pub(super) fn draw(buf: &mut Buffer, areas: &Areas, scene: Scene<'_>) {
    let room = &scene.model.room;
    if room.trace == Trace::Hidden {
        return;
    }
    let marked = room
        .laser
        .and_then(|spot| spots(areas).into_iter().find(|(s, _)| *s == spot));
    let Some((_, area)) = marked else { return };
    if area.height > 2 && is(buf, area.x, area.y, "┌") {
        frame(buf, area, scene.theme.laser);
    } else {
        bars(buf, area, scene.theme.laser);
    }
}

/// Thin lines become thick ones; titles stay.
fn frame(buf: &mut Buffer, area: Rect, style: Style) {
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    let sides = (area.top()..=bottom).flat_map(|y| [(area.x, y), (right, y)]);
    let rules = (area.left()..=right).flat_map(|x| [(x, area.y), (x, bottom)]);
    for place in sides.chain(rules) {
        if let Some(cell) = buf.cell_mut(place)
            && let Some(thick) = thick(cell.symbol())
        {
            cell.set_symbol(thick).set_style(style);
        }
    }
}

/// A part without a frame gets a bar at each end of its lines; where there is text, that of the right end is left out.
fn bars(buf: &mut Buffer, area: Rect, style: Style) {
    for line in 0..area.height {
        Pen::new(buf, area, line).put("▐", style);
        let last = area.right() - 1;
        if is(buf, last, area.y + line, " ") {
            Pen::new(buf, area, line).skip(area.width - 1).put("▌", style);
        }
    }
    for x in area.left()..area.right() {
        if is(buf, x, area.y, "─") {
            buf[(x, area.y)].set_symbol("━").set_style(style);
        }
    }
}

fn is(buf: &Buffer, x: u16, y: u16, symbol: &str) -> bool {
    buf.cell((x, y)).is_some_and(|cell| cell.symbol() == symbol)
}
