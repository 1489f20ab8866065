//! What a worker holds: the job in its hand with its dots, and the tray of jobs it has not begun.

use super::Scene;
use super::pen::{Pen, columns};
use crate::lab::{Hand, WorkerRow, WorkerState};
use crate::tui::words;
use ratatui::style::Style;
use std::fmt::Write as _;

/// From this width on the tray shows numbers of jobs, not only blocks.
const NUMBERS: u16 = 18;

/// The job in hand: `#163 ●●◐○○`; a long job's dots are counted instead: `#163 12/30 ●○○`.
pub(super) fn hand(pen: &mut Pen<'_>, hand: Hand, width: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let mut name = hand.job.to_string();
    if hand.redelivered {
        name.push('↻');
    }
    let used = columns(&name).saturating_add(1).min(width);
    pen.left(
        &name,
        used,
        if hand.redelivered {
            theme.block_again
        } else {
            theme.text
        },
    );
    let room = width - used;
    let room = room.saturating_sub(1);
    let done = progress(hand, hand.dots);
    if hand.dots <= u32::from(room) {
        dots(pen, hand, hand.dots, scene);
        pen.skip(width - used - u16::try_from(hand.dots).unwrap_or(0));
        return;
    }
    let text = format!("{}/{} ", done, hand.dots);
    let text_width = columns(&text).min(room);
    pen.left(&text, text_width, theme.hand);
    dots(pen, hand, u32::from(room - text_width), scene);
    pen.skip(1);
}

/// Whole dots done when the job is drawn with that many.
fn progress(hand: Hand, dots: u32) -> u32 {
    u32::try_from(u64::from(dots) * u64::from(hand.progress.min(1000)) / 1000).unwrap_or(dots)
}

fn dots(pen: &mut Pen<'_>, hand: Hand, dots: u32, scene: Scene<'_>) {
    let done = progress(hand, dots);
    let style = scene.theme.hand;
    for dot in 0..dots {
        let sign = match dot.cmp(&done) {
            std::cmp::Ordering::Less => "●",
            std::cmp::Ordering::Equal => "◐",
            std::cmp::Ordering::Greater => "○",
        };
        pen.put(sign, style);
    }
}

/// The tray: how many, then a block each, or their numbers where there is room.
pub(super) fn tray(pen: &mut Pen<'_>, worker: &WorkerRow, width: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let words = match worker.state {
        WorkerState::Cancelled => Some((["cancelled", "cancel."], theme.warn)),
        WorkerState::Doomed => Some((["will crash", "crashes"], theme.alarm)),
        _ => words::habit(worker.habit).map(|(sign, word)| ([word, sign], theme.warn)),
    };
    if let Some((words, style)) = words {
        let texts = words.map(|word| {
            if worker.tray_len == 0 {
                word.to_owned()
            } else if worker.state == WorkerState::Consuming {
                format!("{}, {word}", worker.tray_len)
            } else {
                format!("{} {word}", worker.tray_len)
            }
        });
        return instead(pen, &texts, width, style);
    }
    if worker.tray_len == 0 {
        pen.left("·", width, theme.dim);
        return;
    }
    let count = words::count(5, worker.tray_len);
    let used = (columns(&count) + 1).min(width);
    pen.left(&count, used, theme.figure);
    let room = (width - used).saturating_sub(1);
    let text = if width >= NUMBERS {
        numbers(worker, room)
    } else {
        blocks(worker.tray_len, room)
    };
    pen.left(&text, room, theme.tray).skip(1);
}

/// A block for each job; `»` when there are more than fit.
fn blocks(count: u32, room: u16) -> String {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let room = usize::from(room);
    if count <= room {
        "▪".repeat(count)
    } else {
        let mut text = "▪".repeat(room.saturating_sub(1));
        text.push('»');
        text
    }
}

/// `#170 #173 #176 +9`.
fn numbers(worker: &WorkerRow, room: u16) -> String {
    let mut text = String::new();
    for (shown, job) in worker.tray.iter().enumerate() {
        let before = text.len();
        let _ = write!(text, "{job} ");
        let rest = usize::try_from(worker.tray_len)
            .unwrap_or(usize::MAX)
            .saturating_sub(shown + 1);
        let reserve = if rest == 0 { 0 } else { 7 };
        if columns(&text) > (room + 1).saturating_sub(reserve) {
            text.truncate(before);
            let _ = write!(text, "+{}", rest + 1);
            return text;
        }
    }
    let rest = usize::try_from(worker.tray_len)
        .unwrap_or(usize::MAX)
        .saturating_sub(worker.tray.len());
    if rest > 0 {
        let _ = write!(text, "+{rest}");
    }
    text
}

/// A state instead of hand and tray: the longest text that fits.
pub(super) fn instead(pen: &mut Pen<'_>, texts: &[String], width: u16, style: Style) {
    let fitting = texts.iter().find(|text| columns(text) <= width);
    if let Some(text) = fitting.or(texts.last()) {
        pen.left(text, width, style);
    }
}
