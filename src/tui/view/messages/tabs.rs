//! The filters as tabs, each with its digit and how many jobs pass it; each stays in its place, whatever the numbers.

use super::super::Scene;
use super::super::pen::Pen;
use crate::lab::{Filter, Page};
use crate::tui::messages::words;
use crate::tui::words::count;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// From this width on all tabs stand on one line.
const ONE_LINE: u16 = 190;
/// Columns for a count.
const COUNT: u16 = 4;

/// Lines that the tabs take.
pub(super) const fn lines(width: u16) -> u16 {
    if width >= ONE_LINE { 1 } else { 2 }
}

/// Tabs on a line.
fn per_line(area: Rect) -> usize {
    Filter::ALL.len() / usize::from(lines(area.width))
}

fn place(area: Rect, slot: usize) -> Rect {
    let each = per_line(area);
    let width = area.width / u16::try_from(each).unwrap_or(1);
    let nth = |n: usize| u16::try_from(n).unwrap_or(0);
    Rect {
        x: area.x + nth(slot % each) * width,
        y: area.y + nth(slot / each),
        width,
        height: 1,
    }
}

/// The tab there.
pub(super) fn at(area: Rect, at: Position) -> Option<Filter> {
    let hit = |filter: &Filter| place(area, filter.slot()).contains(at);
    Filter::ALL.into_iter().find(hit)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, page: Option<&Page>, scene: Scene<'_>) {
    let theme = scene.theme;
    for filter in Filter::ALL {
        let chosen = scene.model.messages.filter == filter;
        let passing = page.map(|page| page.counts[filter.slot()]);
        let place = place(area, filter.slot());
        let room = usize::from(place.width.saturating_sub(3 + COUNT));
        let (style, number) = match (chosen, passing, filter) {
            (true, ..) => (theme.selected, theme.selected),
            (false, None | Some(0), _) => (theme.dim, theme.dim),
            (false, _, Filter::Lost | Filter::DeadLettered | Filter::Twice) => (theme.warn, theme.warn),
            (false, ..) => (theme.text, theme.figure),
        };
        let mut pen = Pen::new(buf, place, 0);
        pen.put(if chosen { "▸" } else { " " }, style);
        pen.put(&filter.slot().to_string(), theme.key).skip(1);
        pen.put(words::tab(filter, room), style).skip(1);
        if let Some(passing) = passing {
            let room = pen.room().min(COUNT);
            pen.put(&count(room, passing), number);
        }
    }
}
