//! Why: what is true of the settings now, then the newest decisions and consequences, one sentence each.
//! What matters stays in sight for a while even when ordinary dispatches rush by.

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::{Pen, columns};
use super::why;
use crate::lab::{BrokerCommand, Entry, Insight, KillKind, LabTime, Severity, Snapshot};
use crate::tui::model::View;
use crate::tui::names;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// How long a line that matters is kept in sight, in lab microseconds.
const KEPT_US: u64 = 15_000_000;

/// What is said while the newest lines are out of sight.
const OLDER: &str = "older lines: Esc follows the newest";

/// Where there is more of it.
const HINT: &str = "  (F7: why)";

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Option<Edge>, scene: Scene<'_>) {
    let Scene { model, theme, .. } = scene;
    let mut title = Title::new(scene, "Why");
    if model.log_back > 0 {
        title = title.plain(OLDER, theme.warn);
    }
    let mut inner = edge.map_or(area, |edge| edge.draw(buf, area, &title.line(), theme.frame));
    if edge.is_none() && model.log_back > 0 {
        // Without an edge there is no title to say so: the last line does.
        inner.height = inner.height.saturating_sub(1);
        Pen::new(buf, area, inner.height).skip(1).put(OLDER, theme.warn);
    }
    let insights = insights(buf, inner, scene);
    let rest = Rect {
        y: inner.y + insights,
        height: inner.height - insights,
        ..inner
    };
    log(buf, rest, scene);
}

/// The lines of the log alone.
pub(super) fn log(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    for (line, &row) in (0..).zip(&lines(scene, usize::from(area.height))) {
        let Some((at, entry)) = scene.snapshot.log.get(row) else {
            continue;
        };
        entry_line(&mut Pen::new(buf, area, line), *at, entry, scene);
    }
}

/// The insights come first and take at most half of the lines. Returns how many they took.
fn insights(buf: &mut Buffer, area: Rect, scene: Scene<'_>) -> u16 {
    let insights = pressing(scene.snapshot);
    let room = area.height.div_ceil(2).min(4);
    let shown = u16::try_from(insights.len()).unwrap_or(u16::MAX).min(room);
    let hidden = insights.len() - usize::from(shown);
    for (line, insight) in (0..shown).zip(insights) {
        let (sign, style) = why::look(insight, scene.theme);
        let mut pen = Pen::new(buf, area, line);
        pen.skip(1).put(sign, style).put(" ", style);
        let more = if line + 1 == shown && hidden > 0 {
            format!("  (+{hidden} more)")
        } else {
            String::new()
        };
        let room = pen.room();
        let insight = insight.to_string();
        let text = format!("{}{more}", names::named(&insight, scene.snapshot));
        pen.fit(&text, room, style);
        if line == 0 && scene.model.view == View::Lab && room >= columns(&text) + columns(HINT) {
            pen.put(HINT, scene.theme.dim);
        }
    }
    shown
}

/// What the lab view tells: all but what is merely worth knowing; if there is no such thing, the first of those.
fn pressing(snapshot: &Snapshot) -> Vec<&Insight> {
    let all = || snapshot.insights.iter().map(|p| &p.insight);
    let pressing: Vec<&Insight> = all().filter(|i| i.severity() <= Severity::Risk).collect();
    if pressing.is_empty() {
        return all().take(1).collect();
    }
    pressing
}

/// Which lines of the log are shown, oldest first.
fn lines(scene: Scene<'_>, room: usize) -> Vec<usize> {
    let log = &scene.snapshot.log;
    let back = usize::from(scene.model.log_back);
    if back > 0 {
        let end = log.len().saturating_sub(back).max(room.min(log.len()));
        return (end.saturating_sub(room)..end).collect();
    }
    let now = scene.snapshot.clock.now.0;
    let fresh = |at: LabTime| at.0.saturating_add(KEPT_US) >= now;
    // Of several turns of the same key only the last one tells how things are now.
    let latest = |row: &usize| {
        let change = |row: usize| match &log[row].1 {
            Entry::Changed(change) => Some(std::mem::discriminant(change)),
            _ => None,
        };
        change(*row).is_none_or(|this| (*row + 1..log.len()).all(|later| change(later) != Some(this)))
    };
    let newest = (0..log.len()).rev().filter(latest);
    let kept = newest
        .clone()
        .filter(|&i| matters(&log[i].1) && fresh(log[i].0))
        .take(room.saturating_sub(1));
    let mut shown: Vec<usize> = kept.collect();
    for row in newest {
        if shown.len() >= room {
            break;
        }
        if !shown.contains(&row) {
            shown.push(row);
        }
    }
    shown.sort_unstable();
    shown
}

/// Anything but a job handed out in the ordinary way.
const fn matters(entry: &Entry) -> bool {
    !matches!(entry, Entry::Dispatched { .. } | Entry::Burst(_))
}

fn entry_line(pen: &mut Pen<'_>, at: LabTime, entry: &Entry, scene: Scene<'_>) {
    let (sign, style) = look(entry, scene.theme);
    pen.skip(1);
    if pen.room() > 90 {
        pen.put(&at.to_string(), scene.theme.dim).skip(1);
    }
    pen.left(sign, 2, style);
    let room = pen.room();
    pen.fit(&names::named(&entry.to_string(), scene.snapshot), room, style);
}

/// A sign for the kind of line, so that colour is not needed to tell.
const fn look(entry: &Entry, theme: &Theme) -> (&'static str, Style) {
    match entry {
        Entry::Dispatched { .. } => (" ", theme.text),
        Entry::WentBack { .. } | Entry::StillThere { .. } => ("↻", theme.warn),
        Entry::Twice { .. } => ("²", theme.block_twice),
        Entry::DeadLettered { .. } | Entry::Buried { .. } => ("†", theme.warn),
        Entry::AckedInVain(..) | Entry::GaveUp(_) | Entry::Killed(_, KillKind::HalfOpen) => ("¦", theme.alarm),
        Entry::Lost { .. }
        | Entry::Returned(_)
        | Entry::Killed(..)
        | Entry::Broke(..)
        | Entry::Broker(BrokerCommand::Kill | BrokerCommand::Stop)
        | Entry::BrokerAway(_)
        | Entry::BrokerStartFailed(_)
        | Entry::BrokerEndFailed(_) => ("✖", theme.alarm),
        Entry::Doomed(_) | Entry::Declined(_) => ("!", theme.warn),
        Entry::Revived(_) | Entry::Added(..) | Entry::GuestCame(..) | Entry::BrokerBack => ("▲", theme.good),
        Entry::Removed(_) => ("■", theme.warn),
        Entry::Changed(_) | Entry::Broker(BrokerCommand::Start) => ("»", theme.key),
        Entry::Burst(_) | Entry::Sample(_) => ("+", theme.text),
        Entry::Reset => ("»", theme.good),
    }
}
