//! Where all jobs are now, as one bar: each place has its share, and room for its name however small the share is.

use super::super::Scene;
use super::super::pen::{Pen, columns};
use crate::lab::{Filter, Page};
use crate::tui::messages::words;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The places, along the way of a job.
const PLACES: [Filter; 6] = [
    Filter::Ready,
    Filter::Tray,
    Filter::Hand,
    Filter::Done,
    Filter::DeadLettered,
    Filter::Lost,
];

pub(super) fn draw(buf: &mut Buffer, area: Rect, page: &Page, scene: Scene<'_>) {
    let parts: Vec<(Filter, u32, String)> = PLACES
        .into_iter()
        .map(|place| (place, page.counts[place.slot()]))
        .filter(|(_, count)| *count > 0)
        .map(|(place, count)| (place, count, format!(" {} {} ", place.title(), words::thousands(count))))
        .collect();
    let widths = shares(&parts, area.width.saturating_sub(2));
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1);
    for ((place, _, label), width) in parts.iter().zip(widths) {
        let style = scene.theme.on_block(block(*place, scene.theme));
        let inner = width.saturating_sub(1);
        pen.put(label, style);
        pen.repeat(" ", inner.saturating_sub(columns(label)), style).skip(1);
    }
}

/// Each gets its label; what is left goes by number.
fn shares(parts: &[(Filter, u32, String)], width: u16) -> Vec<u16> {
    let labels: u16 = parts.iter().map(|(_, _, label)| columns(label) + 1).sum();
    let all: u64 = parts.iter().map(|(_, count, _)| u64::from(*count)).sum();
    let spare = u64::from(width.saturating_sub(labels));
    let widen = |(_, count, label): &(Filter, u32, String)| {
        let more = spare * u64::from(*count) / all.max(1);
        columns(label) + 1 + u16::try_from(more).unwrap_or(0)
    };
    parts.iter().map(widen).collect()
}

fn block(place: Filter, theme: &Theme) -> Style {
    match place {
        Filter::Ready => theme.ready,
        Filter::Tray => theme.tray,
        Filter::Hand => theme.hand,
        Filter::Done => theme.good,
        Filter::Lost => theme.alarm,
        _ => theme.warn,
    }
}
