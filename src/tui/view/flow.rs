//! Jobs on their way: producer → queue → worker → done, and back on a kill. At low rates each is seen to travel; at
//! high rates a leg is a bar whose height is the rate. Where nothing moves (paused, the past, no motion wanted) each
//! leg shows the last job that took it.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::{Pen, columns};
use crate::lab::{Elapsed, Flows, Leg, Snapshot, TimeScale};
use crate::tui::theme::Theme;
use crate::tui::words;
use journey::{Traveller, travellers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

mod journey;
mod lanes;

pub(super) use journey::ends;

/// Jobs a second on one leg from which on they are a bar.
const CROWDED: u32 = 7;

/// What a leg of the way shows.
struct Track<'t> {
    travellers: Vec<&'t Traveller>,
    per_s: u32,
    scale: TimeScale,
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>, visible: &std::ops::Range<usize>) {
    let travellers = travellers(scene.model, scene.facts);
    if area.height == 1 {
        return strip(buf, area, scene, &travellers);
    }
    let title = Title::new(scene, "Jobs on their way").line();
    let inner = edge.draw(buf, area, &title, scene.theme.frame);
    lanes::draw(buf, inner, scene, &travellers, visible);
}

/// All workers as one, on one line.
fn strip(buf: &mut Buffer, area: Rect, scene: Scene<'_>, travellers: &[Traveller]) {
    let Scene { snapshot, theme, .. } = scene;
    let held = snapshot.books.tray + snapshot.books.hand;
    let stations = [
        " producer ".to_owned(),
        queue(snapshot),
        format!(" workers {} ", words::count(5, held)),
        format!(" ✔ {} ", words::count(6, snapshot.books.done)),
    ];
    let taken: u16 = stations.iter().map(|text| columns(text)).sum();
    let leg = area.width.saturating_sub(taken) / 3;
    let mut pen = Pen::new(buf, area, 0);
    let tracks = [
        track(travellers, snapshot, |leg| leg == Leg::ToQueue),
        track(travellers, snapshot, |leg| {
            matches!(leg, Leg::ToWorker(_) | Leg::Back(_))
        }),
        track(travellers, snapshot, |leg| matches!(leg, Leg::Done(_) | Leg::Lost(_))),
    ];
    for (station, track) in stations.iter().zip(&tracks) {
        pen.put(station, theme.text);
        track.draw(&mut pen, leg, Named::WithWorker, theme);
    }
    pen.put(&stations[3], theme.good);
}

/// The queue as a station of the way.
fn queue(snapshot: &Snapshot) -> String {
    format!(" queue {} ", words::figure_in(6, snapshot.queue.ready))
}

/// What takes one of these legs, and how many a second.
fn track<'t>(travellers: &'t [Traveller], snapshot: &Snapshot, is_it: impl Fn(Leg) -> bool) -> Track<'t> {
    let travellers: Vec<&Traveller> = travellers.iter().filter(|t| is_it(t.leg)).collect();
    let nobody = crate::lab::WorkerId(0);
    let all = [
        Leg::ToQueue,
        Leg::ToWorker(nobody),
        Leg::Done(nobody),
        Leg::Back(nobody),
        Leg::Lost(None),
    ];
    let per_s = all
        .into_iter()
        .filter(|leg| is_it(*leg))
        .map(|leg| rate(snapshot.travel.per_s, leg))
        .sum();
    Track {
        travellers,
        per_s,
        scale: snapshot.settings.scale,
    }
}

/// How many a second take a leg of this kind, whoever's it is.
const fn rate(flows: Flows, leg: Leg) -> u32 {
    match leg {
        Leg::ToQueue => flows.to_queue,
        Leg::ToWorker(_) => flows.to_workers,
        Leg::Done(_) => flows.done,
        Leg::Back(_) => flows.back,
        Leg::Lost(_) => flows.lost,
    }
}

/// Whether a traveller has its worker's name beside its number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    WithWorker,
    Alone,
}

impl Track<'_> {
    fn draw(&self, pen: &mut Pen<'_>, width: u16, named: Named, theme: &Theme) {
        // What goes against the stream is shown at any rate: it is what a kill is about.
        if self.per_s >= CROWDED && !self.travellers.iter().any(|t| t.is_upstream()) {
            return bar(pen, width, (self.per_s, self.scale), theme);
        }
        let line = width.saturating_sub(1);
        let mut cells: Vec<(String, Style)> = vec![("─".to_owned(), theme.dim); usize::from(line)];
        let (against, along): (Vec<_>, Vec<_>) = self.travellers.iter().partition(|t| t.is_upstream());
        for traveller in against.into_iter().chain(along) {
            place(&mut cells, traveller, named, theme);
        }
        for (sign, style) in &cells {
            pen.put(sign, *style);
        }
        if width > 0 {
            pen.put("▶", theme.dim);
        }
    }
}

/// Puts a traveller on the line, with its number where that is free; in a crowd those behind are hidden.
fn place(cells: &mut [(String, Style)], traveller: &Traveller, named: Named, theme: &Theme) {
    let (sign, style) = look(traveller, theme);
    let number = traveller.job.0.to_string();
    let worker = traveller.worker().filter(|_| named == Named::WithWorker);
    let full = worker.map_or(format!("{sign}{number}"), |id| format!("{sign}{number}▸{id}"));
    for text in [full, format!("{sign}{number}"), sign.to_owned()] {
        let length = text.chars().count();
        let Some(room) = cells.len().checked_sub(length) else {
            continue;
        };
        let at = usize::from(traveller.progress.min(1000)) * room / 1000;
        let at = if traveller.is_upstream() { room - at } else { at };
        if cells[at..at + length].iter().all(|(sign, _)| sign == "─") {
            for (cell, c) in cells[at..].iter_mut().zip(text.chars()) {
                *cell = (c.to_string(), style);
            }
            return;
        }
    }
}

const fn look(traveller: &Traveller, theme: &Theme) -> (&'static str, Style) {
    match traveller.leg {
        Leg::ToQueue => ("●", theme.ready),
        Leg::ToWorker(_) => ("●", theme.tray),
        Leg::Done(_) => ("●", theme.good),
        Leg::Back(_) => ("↻", theme.warn),
        Leg::Lost(_) => ("✖", theme.alarm),
    }
}

/// What comes in a second of the lab clock, as the producer's rate is given, of what came in a real one.
fn in_the_lab(per_s: u32, scale: TimeScale) -> String {
    let tenths = u64::from(per_s) * 10_000 / u64::from(scale.0.max(1));
    let whole = u32::try_from(tenths / 10).unwrap_or(u32::MAX);
    if whole < 1000 {
        format!("{whole}.{}", tenths % 10)
    } else {
        words::count(5, whole)
    }
}

/// As high as the rate is, with the rate inside.
fn bar(pen: &mut Pen<'_>, width: u16, (per_s, scale): (u32, TimeScale), theme: &Theme) {
    let height = match per_s {
        ..20 => "▂",
        20..100 => "▃",
        100..1_000 => "▅",
        1_000.. => "▇",
    };
    let text = format!(" {}/s ", in_the_lab(per_s, scale));
    let line = width.saturating_sub(columns(&text) + 1);
    pen.repeat(height, line / 2, theme.hand)
        .put(&text, theme.figure)
        .repeat(height, line - line / 2, theme.hand)
        .put("▶", theme.hand);
}

/// The moment until which something moves, if something does: real time of the lab.
pub(super) fn moving_until(model: &crate::tui::model::Model, facts: &crate::tui::facts::Facts) -> Option<Elapsed> {
    model.travel_now(facts)?;
    let travel = &facts.snapshot.travel;
    let calm = |leg: Leg| rate(travel.per_s, leg) < CROWDED || matches!(leg, Leg::Back(_) | Leg::Lost(_));
    let moves = ends(&travel.moves);
    moves.iter().filter(|(m, _)| calm(m.leg)).map(|(_, end)| *end).max()
}
