//! Presenter mode: the three numbers that matter now, in digits for the back row, and the key that was pressed.

use super::Scene;
use super::digits;
use super::pen::{Pen, columns};
use crate::lab::{AckMode, Entry, Figure, LabTime, Snapshot};
use crate::tui::theme::Theme;
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// How long after an end its consequences are what matters, in lab microseconds.
const AFTERMATH_US: u64 = 20_000_000;
/// The most digits of a number.
const SIGNS: u16 = 5;

/// A number with what it counts.
struct Number {
    text: String,
    label: &'static str,
    style: Style,
}

/// The three numbers that matter now.
fn numbers(snapshot: &Snapshot, theme: &Theme) -> [Number; 3] {
    let count = |n: u32, label, loud: Style| Number {
        text: words::count(SIGNS, n),
        label,
        style: if n == 0 { theme.text } else { loud },
    };
    let figure = |figure: Figure, label, style| Number {
        text: words::figure_in(SIGNS, figure),
        label,
        style,
    };
    let (books, queue) = (&snapshot.books, &snapshot.queue);
    let lost = count(books.lost, "lost for ever", theme.alarm);
    if snapshot.settings.ack == AckMode::Automatic {
        let trays = count(books.tray, "in trays", theme.tray);
        return [trays, figure(queue.unacked, "unacked: auto-ack", theme.unacked), lost];
    }
    if after_an_end(snapshot) {
        let again = count(queue.redelivered, "redelivered", theme.block_again);
        return [again, count(books.twice, "done twice", theme.block_twice), lost];
    }
    let ready = figure(queue.ready, "ready in the queue", theme.ready);
    let unacked = figure(queue.unacked, "unacked in workers", theme.unacked);
    match &snapshot.workers[..] {
        [one, two] if books.lost == 0 && one.done + two.done > 0 => {
            let share = Number {
                text: format!("{}:{}", words::count(3, one.done), words::count(3, two.done)),
                label: "done by the two",
                style: theme.hand,
            };
            [ready, unacked, share]
        }
        _ => [ready, unacked, lost],
    }
}

/// Whether a worker or the broker ended not long ago, or jobs went back or were lost.
fn after_an_end(snapshot: &Snapshot) -> bool {
    let fresh = |at: LabTime| at.0.saturating_add(AFTERMATH_US) >= snapshot.clock.now.0;
    let newest = snapshot.log.iter().rev().take_while(|(at, _)| fresh(*at));
    newest.into_iter().any(|(_, entry)| {
        matches!(
            entry,
            Entry::Killed(..) | Entry::WentBack { .. } | Entry::Lost { .. } | Entry::Twice { .. } | Entry::Broker(_)
        )
    })
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let numbers = numbers(scene.snapshot, scene.theme);
    let third = area.width / 3;
    for (number, place) in numbers.iter().zip(0..) {
        let part = Rect {
            x: area.x + place * third,
            width: third,
            ..area
        };
        one(buf, part, number, scene.theme);
    }
}

/// As large as the place allows, in the middle of it, and below it what is counted.
fn one(buf: &mut Buffer, area: Rect, number: &Number, theme: &Theme) {
    let tall = ((area.height.saturating_sub(1)) / digits::DIGIT.1).max(1);
    let widths = (1..=2 * tall).rev();
    let fitting = widths
        .into_iter()
        .find(|wide| digits::width(&number.text, *wide) + 2 <= area.width);
    let wide = fitting.unwrap_or(1);
    let left = area.width.saturating_sub(digits::width(&number.text, wide)) / 2;
    let top = area.height.saturating_sub(digits::DIGIT.1 * tall + 1) / 2;
    for row in 0..digits::DIGIT.1 {
        let text = digits::line(&number.text, usize::from(row), wide);
        for line in 0..tall {
            Pen::new(buf, area, top + row * tall + line)
                .skip(left)
                .put(&text, number.style);
        }
    }
    let left = area.width.saturating_sub(columns(number.label)) / 2;
    Pen::new(buf, area, top + digits::DIGIT.1 * tall)
        .skip(left)
        .put(number.label, theme.title);
}

/// The key pressed last and what it means, at the right end of a line.
pub(super) fn echo(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Some(echo) = &scene.model.room.echo else { return };
    let key = format!(" {} ", echo.key);
    let meaning = if echo.meaning.is_empty() {
        String::new()
    } else {
        format!(" {} ", echo.meaning)
    };
    let width = (columns(&key) + columns(&meaning)).min(area.width);
    let place = Rect {
        x: area.right() - width,
        width,
        ..area
    };
    let mut pen = Pen::new(buf, place, 0);
    pen.wipe(usize::from(width));
    pen.put(&key, scene.theme.alarm_block);
    let room = pen.room();
    pen.fit(&meaning, room, scene.theme.message);
}
