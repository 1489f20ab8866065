//! The bar of the past, below all else like a player's: where one is, how far back and forward one can go, and what
//! happened last. Nobody may take the past for the present, so it fills its line, and has words for what colour says.

use super::Scene;
use super::layout::SMALLEST;
use super::pen::{Pen, columns};
use crate::lab::{Elapsed, Sight};
use crate::tui::model::Model;
use crate::tui::rewind::words::{event, grouped, moment};
use crate::tui::rewind::{Ending, Footage, Tense};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The narrowest and the widest track between the two times.
const TRACK: (u16, u16) = (8, 60);
/// Columns below which the bar says the least.
const NARROW: u16 = 70;
/// Columns that an event's words want before the track grows.
const WORDS: u16 = 30;

/// The screen without the bar, and the bar's line. On the smallest screens it takes the footer's place, until there is
/// something to say.
pub(super) fn share(area: Rect, model: &Model) -> (Rect, Option<Rect>) {
    if model.rewind.tense() == Tense::Present || area.height < SMALLEST.1 {
        return (area, None);
    }
    let bar = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    if area.height > SMALLEST.1 {
        let rest = Rect {
            height: area.height - 1,
            ..area
        };
        return (rest, Some(bar));
    }
    (area, Some(bar).filter(|_| model.message.is_none()))
}

pub(super) fn draw(buf: &mut Buffer, bar: Rect, scene: Scene<'_>) {
    let style = scene.theme.flash;
    buf.set_style(bar, style);
    let mut pen = Pen::new(buf, bar, 0);
    pen.wipe(usize::from(bar.width));
    pen.repeat(" ", bar.width, style);
    let mut pen = Pen::new(buf, bar, 0);
    let (first, last) = extent(scene);
    let at = scene.model.rewind.moment().unwrap_or(last);
    pen.put(&format!(" {} {}  ", sign(scene.model), moment(at)), style);
    let (from, to) = ends(first, last, scene.model, bar.width);
    let count = count(&scene.facts.sight, bar.width);
    let told = told(scene);
    let fixed = columns(&from) + columns(&to) + columns(&count) + 4;
    let room = pen.room().saturating_sub(fixed);
    let words = columns(&told).min(WORDS.max(room / 2));
    let track = room.saturating_sub(words).clamp(TRACK.0, TRACK.1);
    pen.put(&from, style).put("├", style);
    let place = place(first, last, at, track);
    pen.repeat("━", place, style).put("●", style);
    pen.repeat("─", track.saturating_sub(place + 1), style);
    pen.put("┤", style).put(&to, style).put(&count, style);
    let room = pen.room().saturating_sub(1);
    pen.fit(&told, room, style);
}

/// Whether it moves, and what it is.
fn sign(model: &Model) -> String {
    let sign = model
        .rewind
        .playing()
        .map_or("◀".to_owned(), |speed| format!("▶ {speed}"));
    match model.rewind.footage() {
        Footage::Live => format!("{sign} the past"),
        Footage::Recording(_) => format!("{sign} recording"),
    }
}

/// What stands at the two ends of the track.
fn ends(first: Elapsed, last: Elapsed, model: &Model, width: u16) -> (String, String) {
    if width < NARROW {
        return (String::new(), format!("{} ", short(last)));
    }
    (short(first), format!("{} {}  ", moment(last), end(model)))
}

/// What is at the right end of the track.
const fn end(model: &Model) -> &'static str {
    match model.rewind.footage() {
        Footage::Live => "now",
        Footage::Recording(Ending::Whole) => "end",
        Footage::Recording(Ending::CutOff) => "cut off",
    }
}

/// The oldest and the newest moment that one can go to.
fn extent(scene: Scene<'_>) -> (Elapsed, Elapsed) {
    let first = scene.facts.sight.extent.first.at;
    (first, scene.facts.live.at.max(first))
}

/// A moment to the second.
fn short(at: Elapsed) -> String {
    let text = moment(Elapsed(at.0 / 1_000_000 * 1_000_000));
    text.trim_end_matches(".0").to_owned()
}

/// Which of all events was the last one before the moment.
fn count(sight: &Sight, width: u16) -> String {
    let (events, all) = (grouped(sight.point.events), grouped(sight.extent.last.events));
    match width {
        0..90 => format!("{events}: "),
        90..110 => format!("{events} of {all}: "),
        _ => format!("event {events} of {all}: "),
    }
}

fn told(scene: Scene<'_>) -> String {
    match (&scene.facts.sight.event, scene.model.rewind.moment()) {
        (Some(last), Some(_)) => event(last),
        (None, Some(_)) => "nothing yet".to_owned(),
        (_, None) => "the end".to_owned(),
    }
}

/// The column of the moment on a track of that many.
fn place(first: Elapsed, last: Elapsed, at: Elapsed, track: u16) -> u16 {
    let (all, gone) = (last.0 - first.0, at.0.clamp(first.0, last.0) - first.0);
    let cells = u64::from(track.saturating_sub(1));
    let cell = gone.saturating_mul(cells).checked_div(all).unwrap_or(cells);
    u16::try_from(cell).unwrap_or(u16::MAX)
}
