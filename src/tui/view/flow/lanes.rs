//! A lane for each worker: from the queue to its tray, what it holds, and out of its hand.

use super::super::Scene;
use super::super::pen::{Pen, columns};
use super::journey::Traveller;
use super::{Named, Track, in_the_lab, queue, rate, track};
use crate::lab::{Leg, Snapshot, WorkerRow, WorkerState};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::Range;

/// Columns for what a worker holds.
const HOLDS: u16 = 25;
/// Columns for how many it has done.
const DONE: u16 = 9;
/// Moves a second up to which all of the last second are among those that are told one by one.
const ALL_TOLD: u32 = 40;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, travellers: &[Traveller], visible: &Range<usize>) {
    let Scene { snapshot, theme, .. } = scene;
    let queue = queue(snapshot);
    let legs = area.width.saturating_sub(10 + columns(&queue) + 1 + HOLDS + DONE);
    let leg = legs / 3;
    let left = 10 + leg + columns(&queue);
    let mut pen = Pen::new(buf, area, 0);
    pen.put(" producer ", theme.text);
    track(travellers, snapshot, |leg| leg == Leg::ToQueue).draw(&mut pen, leg, Named::Alone, theme);
    pen.put(&queue, theme.text);
    for (line, text) in (1..area.height).zip(speeds(snapshot)) {
        Pen::new(buf, area, line).skip(1).left(&text, left - 1, theme.dim);
    }
    let last = area.height.saturating_sub(1);
    for (line, row) in (0..area.height).zip(visible.clone()) {
        let Some(worker) = snapshot.workers.get(row) else { break };
        let mut pen = Pen::new(buf, area, line);
        let fork = match line {
            0 if last == 0 => "─",
            0 => "┬",
            line if line == last => "└",
            _ => "├",
        };
        pen.skip(left).put(fork, theme.dim);
        of_worker(
            travellers,
            worker,
            snapshot,
            |leg| matches!(leg, Leg::ToWorker(id) | Leg::Back(id) if id == worker.id),
        )
        .draw(&mut pen, leg, Named::Alone, theme);
        holds(&mut pen, worker, scene);
        of_worker(
            travellers,
            worker,
            snapshot,
            |leg| matches!(leg, Leg::Done(id) | Leg::Lost(Some(id)) if id == worker.id),
        )
        .draw(&mut pen, leg, Named::Alone, theme);
        pen.put(&format!(" ✔ {}", words::count(5, worker.done)), theme.good);
    }
}

/// What the whole flow is in a second.
fn speeds(snapshot: &Snapshot) -> [String; 3] {
    let flows = snapshot.travel.per_s;
    let lab = |per_s| in_the_lab(per_s, snapshot.settings.scale);
    let against = match (flows.back, flows.lost) {
        (0, 0) => String::new(),
        (back, 0) => format!("{}/s going back", lab(back)),
        (back, lost) => format!("{}/s going back, {}/s lost", lab(back), lab(lost)),
    };
    [
        format!(
            "{}/s published, {}/s handed out",
            lab(flows.to_queue),
            lab(flows.to_workers)
        ),
        format!("{}/s done", lab(flows.done)),
        against,
    ]
}

/// What takes a worker's own leg; of a crowd its share is worked out from those that are told one by one.
fn of_worker<'t>(
    travellers: &'t [Traveller],
    worker: &WorkerRow,
    snapshot: &Snapshot,
    is_it: impl Fn(Leg) -> bool,
) -> Track<'t> {
    let moves = &snapshot.travel.moves;
    let own = moves.iter().filter(|m| is_it(m.leg));
    let kind = own.clone().next_back().map(|m| m.leg);
    let all = kind.map_or(0, |leg| rate(snapshot.travel.per_s, leg));
    let alike = |leg: Leg| kind.is_some_and(|kind| std::mem::discriminant(&kind) == std::mem::discriminant(&leg));
    let per_s = if all <= ALL_TOLD {
        let second = snapshot.at.0.saturating_sub(1_000_000);
        own.filter(|m| m.at.0 >= second).count()
    } else {
        let told = moves.iter().filter(|m| alike(m.leg)).count().max(1);
        own.count() * usize::try_from(all).unwrap_or(usize::MAX) / told
    };
    Track {
        travellers: travellers
            .iter()
            .filter(|t| t.worker() == Some(worker.id) && is_it(t.leg))
            .collect(),
        per_s: u32::try_from(per_s).unwrap_or(u32::MAX),
        scale: snapshot.settings.scale,
    }
}

fn holds(pen: &mut Pen<'_>, worker: &WorkerRow, scene: Scene<'_>) {
    let theme = scene.theme;
    let (name, style, idle) = match worker.state {
        WorkerState::ChannelClosed(_) | WorkerState::Gone(..) => (format!(" ✖ {}", worker.id), theme.alarm, "gone"),
        _ => (format!(" {}", worker.id), theme.title, "idle"),
    };
    let hand = worker.hand.map_or(idle.to_owned(), |hand| hand.job.to_string());
    let tray = if worker.tray_len == 0 {
        String::new()
    } else {
        format!("tray {} ▸ ", words::count(5, worker.tray_len))
    };
    let width = columns(&name);
    pen.put(&name, style).skip(1).put(&tray, theme.tray);
    let rest = HOLDS.saturating_sub(width + 1 + columns(&tray));
    pen.left(&hand, rest.saturating_sub(1), theme.hand).skip(1);
}
