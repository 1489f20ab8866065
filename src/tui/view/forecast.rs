//! The forecast beside what really happens: a line of its own below the log, or a table where there is room.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::Pen;
use crate::lab::{Forecast, Foresight, Prospect, WorkerId};
use crate::tui::model::View;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines that the log keeps beside a table.
const LOG: u16 = 8;
/// Lines of the table besides its workers: heads, what is to come, why it is another run.
const BESIDES: u16 = 3;

/// What the log leaves: nothing while no forecast is shown.
pub(super) fn share(area: Rect, scene: Scene<'_>) -> (Rect, Rect) {
    let on = scene.model.foresee.shown == Foresight::On && scene.model.view == View::Lab && !scene.facts.is_past();
    let workers = u16::try_from(scene.snapshot.workers.len()).unwrap_or(u16::MAX);
    let table = workers.saturating_add(BESIDES + Edge::Box.lines());
    let height = match area.height {
        _ if !on => 0,
        height if height >= table.saturating_add(LOG) => table,
        height => u16::from(height > 1),
    };
    let log = Rect {
        height: area.height - height,
        ..area
    };
    let foreseen = Rect {
        y: log.bottom(),
        height,
        ..area
    };
    (log, foreseen)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Option<Edge>, scene: Scene<'_>) {
    match area.height {
        0 => {}
        1 => line(&mut Pen::new(buf, area, 0), scene),
        _ => table(buf, area, edge.unwrap_or(Edge::Rule), scene),
    }
}

fn line(pen: &mut Pen<'_>, scene: Scene<'_>) {
    let theme = scene.theme;
    pen.skip(1).put("forecast", theme.title).put("/really  ", theme.dim);
    let prospect = match scene.facts.forecast.as_deref() {
        Some(Forecast::Of(prospect)) => prospect,
        other => {
            let text = without(other);
            let room = pen.room();
            pen.fit(&text, room, theme.dim);
            return;
        }
    };
    if let Some(why) = parted(prospect, scene) {
        pen.put("! ", theme.warn).put(&why, theme.warn).put("  ", theme.text);
    }
    for (worker, foreseen) in &prospect.done {
        let text = format!("{worker} {foreseen}");
        let real = real(*worker, scene).map_or("?".to_owned(), |real| real.to_string());
        pen.put(&text, theme.figure).put(&format!("/{real}  "), theme.dim);
    }
    let ends = prospect
        .ends
        .map_or("no end in an hour".to_owned(), |ends| format!("all done {ends}"));
    let wait = prospect
        .wait_p95
        .map_or(String::new(), |wait| format!("  wait p95 {wait}"));
    let room = pen.room();
    pen.fit(&format!("{ends}{wait}"), room, theme.text);
}

fn table(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    let theme = scene.theme;
    let title = Title::new(scene, "Forecast").plain("these settings from the start, simulated", theme.dim);
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let prospect = match scene.facts.forecast.as_deref() {
        Some(Forecast::Of(prospect)) => prospect,
        other => {
            Pen::new(buf, inner, 0).skip(1).put(&without(other), theme.dim);
            return;
        }
    };
    let mut pen = Pen::new(buf, inner, 0);
    pen.skip(1).left("worker", 8, theme.dim);
    pen.right("foreseen", 10, theme.dim).right("really", 10, theme.dim);
    let mut y = 1;
    for (worker, foreseen) in &prospect.done {
        let mut pen = Pen::new(buf, inner, y);
        pen.skip(1).left(&worker.to_string(), 8, theme.text);
        pen.right(&format!("{foreseen} done"), 10, theme.figure);
        let real = real(*worker, scene).map_or("?".to_owned(), |real| format!("{real} done"));
        pen.right(&real, 10, theme.text);
        y += 1;
    }
    let mut pen = Pen::new(buf, inner, y);
    let room = pen.skip(1).room();
    pen.fit(&to_come(prospect), room, theme.text);
    if let Some(why) = parted(prospect, scene) {
        let mut pen = Pen::new(buf, inner, y + 1);
        let room = pen.skip(1).room();
        pen.fit(
            &format!("! {why}: not this run, but what it could have been"),
            room,
            theme.warn,
        );
    }
}

fn without(forecast: Option<&Forecast>) -> String {
    match forecast {
        Some(Forecast::TooMany(jobs)) => format!("{jobs} jobs are too many to simulate beside the run"),
        _ => "simulating …".to_owned(),
    }
}

fn real(worker: WorkerId, scene: Scene<'_>) -> Option<u32> {
    let row = scene.snapshot.workers.iter().find(|row| row.id == worker)?;
    Some(row.done)
}

/// Why what happens is another run than the one foreseen.
fn parted(prospect: &Prospect, scene: Scene<'_>) -> Option<String> {
    let why = scene.model.foresee.parted;
    let parted = why.map(|(at, why)| format!("since {at}, {}", why.words()));
    // A job at most may be on its way at the moment that was looked at.
    let off = prospect.on_time.abs_diff(prospect.published) > 1;
    parted.or_else(|| off.then(|| "the jobs did not come at the rate".to_owned()))
}

fn to_come(prospect: &Prospect) -> String {
    let ends = match prospect.ends {
        Some(ends) => format!("all {} done at {ends}", prospect.published),
        None => format!("the {} are not done within an hour", prospect.published),
    };
    match prospect.wait_p95 {
        Some(wait) => format!("{ends}, wait p95 {wait}"),
        None => ends,
    }
}

#[cfg(test)]
mod tests;
