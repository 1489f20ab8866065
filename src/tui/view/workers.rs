//! The table of workers: who holds which job, who is idle and why, and what each has done, had again and lost.

use super::Scene;
use super::panel::{Edge, Title, setting_style};
use super::pen::{Pen, columns};
use super::tray;
use crate::lab::{Figure, Habit, Insight, Present, Sharing, Snapshot, WorkerId, WorkerRow, WorkerState};
use crate::tui::model::Setting;
use crate::tui::{names, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::ops::Range;

/// Mark and speed, and the gap behind them; the name stands between.
const LEAD: u16 = 12;
/// Columns of the speed, with the gap before it.
const SPEED: u16 = 6;
/// A guest's number and name are cut beyond these columns.
const LONGEST: u16 = 14;
/// Columns for a name at least.
const NAME: u16 = 3;

/// The columns whose width depends on the screen's.
#[derive(Clone, Copy)]
struct Columns {
    name: u16,
    hand: u16,
    tray: u16,
    /// Widths and heads of: unacked, done, redelivered, twice, lost.
    counts: [(u16, &'static str); 5],
    /// Width of the bar; `None`: not even the number fits.
    busy: Option<u16>,
}

impl Columns {
    fn new(width: u16, names: u16) -> Self {
        let name = names.max(NAME);
        let wide = [(7, "unacked"), (6, "done"), (6, "redel"), (6, "twice"), (6, "lost")];
        let usual = [(6, "unack"), (6, "done"), (6, "redel"), (6, "twice"), (5, "lost")];
        let narrow = [(6, "unack"), (5, "done"), (4, "red"), (4, "2×"), (5, "lost")];
        let (counts, busy) = match width {
            ..76 => (narrow, None),
            76..90 => (usual, Some(5)),
            90.. => (wide, Some((width / 12).min(12))),
        };
        let taken = LEAD + name + counts.iter().map(|(w, _)| w).sum::<u16>() + busy.map_or(0, |bar| bar + 6);
        let rest = width.saturating_sub(taken);
        let hand = (rest * 54 / 100).min(24);
        Self {
            name,
            hand,
            tray: rest - hand,
            counts,
            busy,
        }
    }
}

/// Columns that the longest name takes: numbers grow with each worker that ever was.
pub(super) fn widest_name(workers: &[WorkerRow]) -> u16 {
    let number = |w: &WorkerRow| columns(&w.id.to_string());
    // A guest has no speed that one knows: its name may stand in that column, too.
    let guest = |w: &WorkerRow| {
        w.guest
            .is_some()
            .then(|| columns(&names::of(w)).min(LONGEST).saturating_sub(SPEED))
    };
    workers
        .iter()
        .map(|w| number(w).max(guest(w).unwrap_or(0)))
        .max()
        .unwrap_or(0)
}

/// `row_lines` is how many lines each worker has: from the second on they tell more of it.
pub(super) fn draw(
    buf: &mut Buffer,
    area: Rect,
    (edge, row_lines): (Edge, u16),
    scene: Scene<'_>,
    visible: &Range<usize>,
) {
    let Scene { snapshot, theme, .. } = scene;
    let settings = &snapshot.settings;
    let all = snapshot.workers.len();
    let mut title = Title::new(scene, "Workers")
        .setting(Setting::Prefetch, settings.prefetch.to_string())
        .setting(Setting::Ack, settings.ack.to_string());
    if let Some(older) = older_limits(snapshot) {
        title = title.plain(older, theme.warn);
    }
    if let Some(line) = words::line(settings.line) {
        title = title.setting(Setting::Line, line);
    }
    if let Some(line) = &scene.facts.join_line {
        let short = line
            .trim_start_matches("dispatch-lab ")
            .trim_end_matches(" --name NAME");
        title = title.fitting(
            [short.to_owned(), "J: join".to_owned()],
            area.width.saturating_sub(2),
            theme.good,
        );
    }
    if visible.len() < all {
        title = title.plain(
            format!("{}–{} of {all}: ↑ ↓ for more", visible.start + 1, visible.end),
            theme.warn,
        );
    }
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let columns = Columns::new(inner.width, widest_name(&snapshot.workers));
    heads(&mut Pen::new(buf, inner, 0), columns, theme.dim);
    let selected = scene.model.selected_row(snapshot);
    let rows = snapshot
        .workers
        .iter()
        .enumerate()
        .skip(visible.start)
        .take(visible.len());
    for (line, (row, worker)) in (1..).step_by(usize::from(row_lines)).zip(rows) {
        for (more, text) in (1..row_lines).zip(more(worker, snapshot)) {
            let mut pen = Pen::new(buf, inner, line + more);
            pen.skip(LEAD + columns.name);
            let room = pen.room().saturating_sub(1);
            pen.fit(&text, room, theme.dim);
        }
        let mut pen = Pen::new(buf, inner, line);
        lead(&mut pen, worker, columns.name, row == selected, scene);
        held(&mut pen, worker, columns, scene);
        counts(&mut pen, worker, columns, scene);
        busy(&mut pen, worker, columns, scene);
    }
}

/// Who has another limit than that of the settings, since it subscribed before.
fn older_limits(snapshot: &Snapshot) -> Option<String> {
    let limit = snapshot.settings.prefetch;
    let told = |p: &Present| matches!(p.insight, Insight::QosForNewOnly { .. });
    snapshot.insights.iter().find(|p| told(p))?;
    let has = |w: &WorkerRow| {
        w.prefetch
            .filter(|has| *has != limit && words::state(&w.state, snapshot.at).is_none())
    };
    let mut older = snapshot.workers.iter().filter_map(|w| Some((w.id, has(w)?)));
    let (first, has) = older.next()?;
    Some(match older.count() {
        0 => format!("{first} still has {}", has.0),
        more => format!("{} still have another", more + 1),
    })
}

/// What a second and a third line tell of a worker.
fn more(worker: &WorkerRow, snapshot: &Snapshot) -> [String; 2] {
    let parts = |of: fn(&WorkerRow) -> u32| {
        let all: u64 = snapshot.workers.iter().map(|w| u64::from(of(w))).sum();
        (u64::from(of(worker)) * 100 + all / 2) / all.max(1)
    };
    let (did, could) = (parts(|w| w.done), parts(|w| w.speed.0));
    let jobs: Vec<String> = worker.tray.iter().map(ToString::to_string).collect();
    let tray = match (jobs.len(), worker.tray_len) {
        (0, _) => "tray: empty".to_owned(),
        (named, all) if all as usize > named => format!("tray: {} …", jobs.join(" ")),
        _ => format!("tray: {}", jobs.join(" ")),
    };
    [format!("{did}% of the jobs done, {could}% of all speed"), tray]
}

fn heads(pen: &mut Pen<'_>, columns: Columns, style: Style) {
    pen.put(" worker", style).skip(columns.name - NAME);
    pen.right("speed", 6, style).skip(2);
    pen.left("hand", columns.hand, style).left("tray", columns.tray, style);
    for (width, head) in columns.counts {
        pen.right(head, width, style);
    }
    if columns.busy.is_some() {
        pen.right("busy", 5, style);
    }
}

fn lead(pen: &mut Pen<'_>, worker: &WorkerRow, name: u16, selected: bool, scene: Scene<'_>) {
    let theme = scene.theme;
    pen.put(if selected { " ▸" } else { "  " }, theme.selected);
    let (sign, style) = match worker.state {
        WorkerState::Consuming => habit(worker, scene),
        WorkerState::Starting | WorkerState::Waiting => ("…", theme.warn),
        WorkerState::Cancelled => ("■", theme.warn),
        WorkerState::Frozen => ("❄", theme.warn),
        WorkerState::Silent(..) => ("¦", theme.alarm),
        WorkerState::Doomed => ("!", theme.alarm),
        WorkerState::ChannelClosed(_) | WorkerState::Gone(..) => ("✖", theme.alarm),
    };
    pen.put(sign, style);
    let style = if selected { theme.selected } else { theme.text };
    if worker.guest.is_some() {
        pen.skip(1).left(&names::of(worker), name + SPEED, style).skip(2);
        return;
    }
    pen.skip(1).left(&worker.id.to_string(), name, style);
    pen.right(
        &worker.speed.to_string(),
        6,
        setting_style(scene, Setting::Speed(worker.id)),
    )
    .skip(2);
}

/// What its program does wrong.
fn habit(worker: &WorkerRow, scene: Scene<'_>) -> (&'static str, Style) {
    let setting = Setting::Habit(worker.id);
    match words::habit(worker.habit) {
        Some((sign, _)) if scene.model.flashes(setting) => (sign, scene.theme.flash),
        Some((sign, _)) => (sign, scene.theme.warn),
        None => (" ", scene.theme.text),
    }
}

/// Hand and tray, or the one sentence that stands in their place.
fn held(pen: &mut Pen<'_>, worker: &WorkerRow, columns: Columns, scene: Scene<'_>) {
    let theme = scene.theme;
    let both = columns.hand + columns.tray;
    if let Some(texts) = words::state(&worker.state, scene.snapshot.at) {
        let texts = match worker.waiting {
            0 => texts,
            n => texts.map(|text| format!("{text}, {n} wait")),
        };
        let style = match worker.state {
            WorkerState::Starting | WorkerState::Waiting => theme.warn,
            _ => theme.alarm,
        };
        let width = if shows_unacked(worker, scene) {
            both
        } else {
            both + columns.counts[0].0
        };
        return tray::instead(pen, &texts, width, style);
    }
    match (&worker.state, worker.hand) {
        (WorkerState::Frozen, hand) => {
            let holds = worker.tray_len + u32::from(hand.is_some());
            tray::instead(pen, &[format!("❄ frozen, holds {holds}")], both, theme.warn);
        }
        (_, Some(hand)) => {
            tray::hand(pen, hand, columns.hand, scene);
            tray::tray(pen, worker, columns.tray, scene);
        }
        (WorkerState::Cancelled, None) => {
            tray::instead(
                pen,
                &["■ cancelled, holds nothing".to_owned(), "■ cancelled".to_owned()],
                both,
                theme.warn,
            );
        }
        (_, None) => tray::instead(pen, &idle(worker, scene), both, theme.dim),
    }
}

/// Why a worker has nothing to do.
fn idle(worker: &WorkerRow, scene: Scene<'_>) -> [String; 2] {
    let snapshot = scene.snapshot;
    if worker.state == WorkerState::Doomed {
        return [
            "○ idle, will crash after its next job".to_owned(),
            "○ idle, crashes next job".to_owned(),
        ];
    }
    if worker.habit == Habit::Forgets && worker.unacked > 0 {
        return [
            format!("○ idle: {} done and never acked", worker.unacked),
            format!("○ idle: {} never acked", worker.unacked),
        ];
    }
    if snapshot.settings.sharing == Sharing::QueueEach && worker.waiting == 0 {
        return [
            "○ idle: its own queue is empty".to_owned(),
            "○ idle: queue is empty".to_owned(),
        ];
    }
    if let Some((holder, count)) = hoarder(worker.id, scene).filter(|_| snapshot.settings.sharing == Sharing::OneQueue)
    {
        return [
            format!("○ idle: {holder} holds {count} in its tray"),
            format!("○ idle: {holder} holds {count}"),
        ];
    }
    match snapshot.queue.ready {
        Figure::Exact(0) | Figure::Estimated(0) => [
            "○ idle: the queue is empty".to_owned(),
            "○ idle: queue is empty".to_owned(),
        ],
        Figure::Unknown => [
            "○ idle: what is queued is unknown".to_owned(),
            "○ idle: queue unknown".to_owned(),
        ],
        Figure::Exact(_) | Figure::Estimated(_) => [
            "○ idle: a job is on its way".to_owned(),
            "○ idle: job on its way".to_owned(),
        ],
    }
}

/// Who keeps jobs that this idle worker could do.
fn hoarder(idle: WorkerId, scene: Scene<'_>) -> Option<(WorkerId, u32)> {
    let noted = scene.snapshot.insights.iter().find_map(|p| match p.insight {
        Insight::Hoarding { worker, tray, idle: of } if of == idle => Some((worker, tray)),
        _ => None,
    });
    noted.or_else(|| {
        let others = scene.snapshot.workers.iter().filter(|w| w.id != idle);
        let fullest = others.max_by_key(|w| w.tray_len)?;
        (fullest.tray_len > 0).then_some((fullest.id, fullest.tray_len))
    })
}

fn counts(pen: &mut Pen<'_>, worker: &WorkerRow, columns: Columns, scene: Scene<'_>) {
    let theme = scene.theme;
    let quiet = |n: u32, loud: Style| if n == 0 { theme.dim } else { loud };
    let values = [
        (worker.unacked, quiet(worker.unacked, theme.unacked)),
        (worker.done, theme.text),
        (worker.redelivered, quiet(worker.redelivered, theme.warn)),
        (worker.twice, quiet(worker.twice, theme.block_twice)),
        (worker.lost, quiet(worker.lost, theme.alarm)),
    ];
    let reaches_in = !shows_unacked(worker, scene);
    for (column, ((value, style), (width, _))) in values.into_iter().zip(columns.counts).enumerate() {
        if column == 0 && reaches_in {
            continue; // The state's sentence reaches into this column.
        }
        pen.right(&words::count(width - 1, value), width, style);
    }
}

/// What a silenced worker has is what the broker waits for; of one that is gone the sentence tells.
fn shows_unacked(worker: &WorkerRow, scene: Scene<'_>) -> bool {
    let silent = matches!(worker.state, WorkerState::Silent(..));
    silent || words::state(&worker.state, scene.snapshot.at).is_none()
}

fn busy(pen: &mut Pen<'_>, worker: &WorkerRow, columns: Columns, scene: Scene<'_>) {
    let Some(width) = columns.busy else { return };
    let consuming = words::state(&worker.state, scene.snapshot.at).is_none() && worker.state != WorkerState::Frozen;
    let (Some(busy), true) = (worker.busy, consuming) else {
        pen.right("—", 5, scene.theme.dim);
        return;
    };
    pen.right(&format!("{}%", (u32::from(busy) + 5) / 10), 5, scene.theme.text)
        .skip(1);
    let columns = (u32::from(busy.min(1000)) * u32::from(width) + 500) / 1000;
    pen.repeat("▆", u16::try_from(columns).unwrap_or(width), scene.theme.hand);
}
