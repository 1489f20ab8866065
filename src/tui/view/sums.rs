//! Where all jobs are, who did them, and what the broker's end would leave: the books as pictures, for a large screen.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::Pen;
use crate::lab::{Delivery, QueueKind, WorkerRow};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns for a name, and for a count.
const NAME: u16 = 11;
const COUNT: u16 = 9;

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let title = Title::new(scene, "Where the jobs are").line();
    let inner = edge.draw(buf, area, &title, scene.theme.frame);
    let next = places(buf, inner, scene);
    let next = shares(buf, inner, next + 1, scene);
    at_stake(buf, inner, next + 1, scene);
}

/// Each fate with a bar, all by the same measure.
fn places(buf: &mut Buffer, area: Rect, scene: Scene<'_>) -> u16 {
    let (books, theme) = (&scene.snapshot.books, scene.theme);
    let fates: [(&str, u32, Style); 9] = [
        ("published", books.published, theme.figure),
        ("done", books.done, theme.good),
        ("waiting", books.waiting, theme.ready),
        ("in trays", books.tray, theme.tray),
        ("in hands", books.hand, theme.hand),
        ("lost", books.lost, theme.alarm),
        ("returned", books.returned, theme.alarm),
        ("dead-letter", books.dead, theme.warn),
        ("done twice", books.twice, theme.block_twice),
    ];
    let most = books.published.max(1);
    let room = area.width.saturating_sub(NAME + COUNT + 4);
    for (line, (name, count, style)) in (0..).zip(fates) {
        let mut pen = Pen::new(buf, area, line);
        let quiet = if count == 0 { theme.dim } else { theme.figure };
        pen.skip(1).left(name, NAME, theme.dim);
        pen.right(&words::count(COUNT - 1, count), COUNT, quiet).skip(1);
        pen.repeat("▇", part(count, most, room), style);
    }
    9
}

/// A count's columns: at least one for anything.
fn part(count: u32, most: u32, room: u16) -> u16 {
    let columns = u64::from(count) * u64::from(room) / u64::from(most.max(1));
    u16::try_from(columns.max(u64::from(count.min(1))))
        .unwrap_or(room)
        .min(room)
}

/// What each worker did of all the work, beside its part of all the speed: fair dispatch brings them together.
fn shares(buf: &mut Buffer, area: Rect, first: u16, scene: Scene<'_>) -> u16 {
    let (workers, theme) = (&scene.snapshot.workers, scene.theme);
    let done: u64 = workers.iter().map(|w| u64::from(w.done)).sum();
    let speed: u64 = workers.iter().map(|w| u64::from(w.speed.0)).sum();
    let mut pen = Pen::new(buf, area, first);
    pen.skip(1).put("share of jobs done, ▏part of all speed", theme.title);
    let room = area.width.saturating_sub(22);
    let rows = workers.iter().take(20);
    for (line, worker) in (first + 1..).zip(rows.clone()) {
        let did = per_mille(u64::from(worker.done), done);
        let could = per_mille(u64::from(worker.speed.0), speed);
        share(&mut Pen::new(buf, area, line), worker, (did, could), room, scene);
    }
    first + 1 + u16::try_from(rows.count()).unwrap_or(u16::MAX)
}

fn per_mille(part: u64, all: u64) -> u16 {
    u16::try_from(part * 1000 / all.max(1)).unwrap_or(1000)
}

fn share(pen: &mut Pen<'_>, worker: &WorkerRow, (did, could): (u16, u16), room: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let columns = |per_mille: u16| u16::try_from(u32::from(per_mille) * u32::from(room) / 1000).unwrap_or(room);
    let (filled, mark) = (columns(did), columns(could).min(room.saturating_sub(1)));
    pen.skip(1).left(&worker.id.to_string(), 6, theme.text);
    pen.right(&format!("{}%", (did + 5) / 10), 4, theme.figure).skip(1);
    for column in 0..room {
        let (sign, style) = match (column < filled, column == mark) {
            (_, true) => ("▏", theme.warn),
            (true, false) => ("▇", theme.hand),
            (false, false) => (" ", theme.text),
        };
        pen.put(sign, style);
    }
    pen.right(&format!("▏{}%", (could + 5) / 10), 7, theme.dim);
}

/// Durable queue × persistent message: how many jobs an end of the broker would leave now.
fn at_stake(buf: &mut Buffer, area: Rect, first: u16, scene: Scene<'_>) {
    let (stakes, theme) = (&scene.snapshot.at_stake, scene.theme);
    let half = area.width.saturating_sub(18) / 2;
    Pen::new(buf, area, first)
        .skip(1)
        .put("if the broker ended now", theme.title);
    let mut pen = Pen::new(buf, area, first + 1);
    pen.skip(17);
    for messages in Delivery::ALL {
        pen.left(&messages.to_string(), half, theme.dim);
    }
    for (line, queue) in (first + 2..).zip(QueueKind::ALL) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(1).left(&format!("{queue} queue"), 16, theme.dim);
        for messages in Delivery::ALL {
            let count = stakes[queue.slot()][messages.slot()];
            let survives = scene.snapshot.settings.outlives(queue, messages);
            let (text, style) = match (count, survives) {
                (0, _) => ("· none".to_owned(), theme.dim),
                (n, true) => (format!("✓ {n} would stay"), theme.good),
                (n, false) => (format!("✖ {n} would be lost"), theme.alarm),
            };
            pen.left(&text, half, style);
        }
    }
}
