//! A comparison under way: two timelines under one clock, the verdict, the numbers.

use super::super::Scene;
use super::super::panel::{Edge, Title};
use super::super::pen::{Pen, columns};
use super::super::timeline::{self, Span};
use super::super::workers::widest_name;
use super::{numbers, verdict};
use crate::lab::{Contest, Contestant, LabSpan, Phase, Side, WorkerRow};
use crate::tui::compare::Knob;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns behind a timeline: jobs done, and the share of all work.
const TALLY: u16 = 21;
/// Lines that are always there: title, a head for each side, the axis, the heads and six rows of numbers.
const FIXED: u16 = 1 + 2 + 1 + 7;

/// How the lines are given out.
struct Lines {
    /// Workers of each side.
    rows: u16,
    verdict: u16,
    gap: u16,
}

impl Lines {
    fn new(area: Rect, workers: u16) -> Self {
        let gap = u16::from(area.height >= FIXED + 2 * workers + 8);
        // Where lines are scarce the workers come first, and the numbers are cut short.
        let (verdict, fixed) = if area.height < 20 {
            (0, FIXED - 1)
        } else {
            (4, FIXED + 4)
        };
        let room = area.height.saturating_sub(fixed + 3 * gap);
        Self {
            rows: workers.min(room / 2).max(2),
            verdict,
            gap,
        }
    }
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, contest: &Contest) {
    let theme = scene.theme;
    let inner = Edge::Rule.draw(buf, area, &title(scene, contest).line(), theme.frame);
    let crews = contest.sides.each_ref().map(|side| side.snapshot.workers.len());
    let workers = u16::try_from(crews[0].max(crews[1])).unwrap_or(u16::MAX);
    let lines = Lines::new(area, workers);
    let names = contest.sides.each_ref().map(|side| widest_name(&side.snapshot.workers));
    let name = names[0].max(names[1]) + 3;
    let span = Span::new(
        contest.now(),
        contest.side(Side::A).measures.ideal,
        contest.side(Side::A).snapshot.cell_us,
        inner.width.saturating_sub(name + TALLY),
    );
    let mut line = 0;
    for side in Side::ALL {
        head(&mut Pen::new(buf, inner, line), scene, contest, side);
        line += 1;
        let all = &contest.side(side).snapshot.workers;
        let shown = usize::from(lines.rows);
        for (row, worker) in all.iter().enumerate().take(shown) {
            let mut pen = Pen::new(buf, inner, line);
            // The last line speaks for those that do not fit.
            if row + 1 == shown && all.len() > shown {
                let rest = all.len() - row;
                pen.skip(1).put(&format!("… and {rest} more workers"), theme.dim);
            } else {
                track(&mut pen, scene, contest.side(side), (worker, row), (name, span));
            }
            line += 1;
        }
        line += lines.gap;
    }
    timeline::axis_from_start(Pen::new(buf, inner, line).skip(name), span, scene);
    line += 1 + lines.gap;
    let below = Rect {
        y: inner.y + line,
        height: inner.height.saturating_sub(line),
        ..inner
    };
    let used = verdict::draw(buf, below, scene, contest);
    let used = if lines.gap > 0 {
        used.max(2) + 1
    } else {
        used.max(lines.verdict)
    };
    let rest = Rect {
        y: below.y + used,
        height: below.height.saturating_sub(used),
        ..below
    };
    numbers::draw(buf, rest, scene, contest);
}

fn title<'a>(scene: Scene<'a>, contest: &Contest) -> Title<'a> {
    let theme = scene.theme;
    let plan = &contest.plan;
    let settings = &plan.sides[0];
    let sign = match contest.phase {
        Phase::Preparing => "‖",
        Phase::Running => "▶",
        _ => "■",
    };
    Title::new(scene, "Compare")
        .plain(format!("{sign} {} {}", contest.now(), plan.scale()), theme.figure)
        .plain(format!("{} jobs: {}", plan.jobs, settings.workload.sizes), theme.text)
        .plain(Knob::Feed.value(plan, Side::A), theme.text)
        .plain(settings.seed.to_string(), theme.dim)
}

/// `A prefetch 0   ▇▇▇▇▇▇····  40/40 at 100.0 s   idle 40 %  fairness 0.69`.
fn head(pen: &mut Pen<'_>, scene: Scene<'_>, contest: &Contest, side: Side) {
    let theme = scene.theme;
    let contestant = contest.side(side);
    let measures = &contestant.measures;
    let settled = contest.is_settled(side);
    let won = contest.verdict().is_some_and(|verdict| verdict.winner == Some(side));
    let name = format!("{} {}", side.letter(), contest.plan.name(side));
    let width = pen.room();
    pen.put(if won { "✓" } else { " " }, theme.good);
    pen.left(&name, (width / 4).clamp(20, 44), theme.title);
    let bar = (width / 6).min(40);
    let (done, jobs) = (measures.done, contest.plan.jobs.max(1));
    let full = u32::from(bar) * done.min(jobs) / jobs;
    let full = u16::try_from(full).unwrap_or(bar);
    pen.repeat("▆", full, theme.hand).repeat("·", bar - full, theme.dim);
    let count = format!(" {done}/{jobs}");
    pen.left(&count, columns(&count).max(7), theme.figure);
    if measures.lost > 0 {
        pen.skip(1)
            .put(&format!(" ✖ lost {} ", measures.lost), theme.alarm_block);
    } else if settled {
        let at = measures.makespan.unwrap_or_default();
        pen.put(&format!(" in {at}"), theme.good);
    }
    if let Some(state) = ill(contestant) {
        pen.skip(2).put(&state, theme.alarm);
        return;
    }
    let room = pen.room().saturating_sub(3);
    if let Some(text) = tail(contestant).iter().find(|text| columns(text) <= room) {
        pen.skip(2 + room - columns(text)).put(text, theme.dim);
    }
}

/// The same in several lengths, the longest first.
fn tail(contestant: &Contestant) -> [String; 3] {
    let measures = &contestant.measures;
    let idle = measures
        .idle
        .map_or(String::new(), |idle| format!("idle {} %", idle.percent()));
    let fairness = measures
        .fairness
        .map_or(String::new(), |jain| format!("fairness {jain}"));
    [format!("{idle}  {fairness}"), idle, String::new()]
}

/// The broker is away.
fn ill(contestant: &Contestant) -> Option<String> {
    match &contestant.snapshot.broker.state {
        crate::lab::BrokerState::Up => None,
        crate::lab::BrokerState::Ended => Some("✖ the broker is down".to_owned()),
        crate::lab::BrokerState::Away(why) => Some(format!("✖ broker away: {why}")),
    }
}

/// A worker's name, its timeline from the start, and what it did.
fn track(
    pen: &mut Pen<'_>,
    scene: Scene<'_>,
    contestant: &Contestant,
    (worker, row): (&WorkerRow, usize),
    (name, span): (u16, Span),
) {
    let theme = scene.theme;
    pen.skip(2).left(&worker.id.to_string(), name - 2, theme.text);
    let block = if row.is_multiple_of(2) {
        theme.block
    } else {
        theme.block_odd
    };
    let room = pen.room();
    timeline::from_start(pen, worker, span, block, scene);
    let drawn = room - pen.room();
    pen.skip((room.saturating_sub(TALLY)).saturating_sub(drawn));
    let share = contestant.measures.workers.iter().find(|w| w.worker == worker.id);
    let Some(share) = share else { return };
    pen.right(&share.done.to_string(), 5, theme.figure)
        .put(" done", theme.dim);
    if let Some(part) = share.share {
        pen.put("  work", theme.dim)
            .right(&format!("{} %", part.percent()), 5, theme.text);
    }
}

/// For the numbers: a span, or a dash.
pub(super) fn span_or_dash(span: Option<LabSpan>) -> String {
    span.map_or("—".to_owned(), |span| span.to_string())
}
