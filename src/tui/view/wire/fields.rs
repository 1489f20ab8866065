//! One frame opened: what it is for, and each field by its name.

use super::lanes::seconds;
use super::meaning::meaning;
use crate::lab::{Frame, Party, Way};
use crate::tui::view::Scene;
use crate::tui::view::panel::{Edge, Title};
use crate::tui::view::pen::{Pen, columns, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// Lines of one value at most.
const LINES: usize = 4;
/// From this width on, short fields stand in two columns.
const TWO: u16 = 70;

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>, frame: Option<&Frame>) {
    let theme = scene.theme;
    let name = frame.map_or("Fields", |frame| &*frame.method);
    let title = Title::new(scene, name);
    let title = match frame {
        Some(frame) => title.plain(format!("at {} s", seconds(frame.at)), theme.dim),
        None => title,
    };
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let Some(frame) = frame else { return };
    let width = inner.width.saturating_sub(2);
    let mut line = 0;
    let mut put = |text: &str, style| {
        Pen::new(buf, inner, line).skip(1).put(text, style);
        line += 1;
    };
    put(&place(frame), theme.dim);
    for text in wrap(meaning(frame), width) {
        put(&text, theme.text);
    }
    if !frame.fields.is_empty() {
        put("", theme.dim);
    }
    let names = frame.fields.iter().map(|(name, _)| columns(name)).max().unwrap_or(0) + 2;
    let half = width / 2;
    let is_short = |(_, value): &&(Arc<str>, Arc<str>)| names + columns(value) < half;
    let (short, long): (Vec<_>, Vec<_>) = frame.fields.iter().partition(|field| width >= TWO && is_short(field));
    for (at, (name, value)) in (0..).zip(&short) {
        let place = Rect {
            x: inner.x + (at % 2) * half,
            ..inner
        };
        let mut pen = Pen::new(buf, place, line + at / 2);
        pen.skip(1).left(name, names, theme.dim).put(shown(value), theme.figure);
    }
    line += u16::try_from(short.len().div_ceil(2)).unwrap_or(u16::MAX);
    for (name, value) in long {
        let rest = width.saturating_sub(names).max(1);
        for (at, part) in pieces(value, usize::from(rest)).into_iter().take(LINES).enumerate() {
            let mut pen = Pen::new(buf, inner, line);
            pen.skip(1).left(if at == 0 { name } else { "" }, names, theme.dim);
            pen.put(&part, theme.figure);
            line += 1;
        }
    }
}

/// Where it passed.
fn place(frame: &Frame) -> String {
    let who = match frame.party {
        Party::Producer => "the producer".to_owned(),
        Party::Worker(id) => id.to_string(),
    };
    let way = match frame.way {
        Way::ToBroker => format!("{who} → broker"),
        Way::FromBroker => format!("broker → {who}"),
    };
    match frame.channel {
        0 => format!("{way} · the connection itself · {} bytes", frame.size),
        channel => format!("{way} · channel {channel} · {} bytes", frame.size),
    }
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "(empty)" } else { value }
}

/// A value in lines of that many characters; values have no words to break between.
fn pieces(value: &str, width: usize) -> Vec<String> {
    let signs: Vec<char> = shown(value).chars().collect();
    signs.chunks(width.max(1)).map(|part| part.iter().collect()).collect()
}
