//! Where a job's time went: in the queue, on the wire, in trays, in hands, waiting for its ack to arrive.

use super::super::Scene;
use super::super::pen::Pen;
use crate::lab::{Journey, LabTime, StepKind};
use crate::tui::messages::words;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of the words and of the span.
const WORDS: u16 = 26;
const SPAN: u16 = 9;
/// Lines: a blank one, a heading, a line for each kind of waiting, the sum.
const LINES: u16 = 9;

/// One kind of waiting.
struct Share {
    words: &'static str,
    us: u64,
    style: Style,
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, journey: &Journey, now: LabTime, scene: Scene<'_>) {
    if area.height < LINES || journey.steps.is_empty() {
        return;
    }
    let theme = scene.theme;
    let shares = shares(journey, now, theme);
    let all: u64 = shares.iter().map(|share| share.us).sum();
    Pen::new(buf, area, 1)
        .skip(1)
        .put(words::WHERE_THE_TIME_WENT, theme.title);
    for (line, share) in (2..).zip(&shares) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(1).left(share.words, WORDS, theme.text);
        pen.right(&words::span(share.us), SPAN, theme.figure).skip(1);
        let room = u64::from(pen.room().saturating_sub(6));
        let bar = u16::try_from(share.us.saturating_mul(room) / all.max(1)).unwrap_or(0);
        pen.repeat("▇", bar.max(u16::from(share.us > 0)), share.style);
        let percent = share.us.saturating_mul(100) / all.max(1);
        pen.skip(1).put(&format!("{percent}%"), theme.dim);
    }
    let last = 2 + u16::try_from(shares.len()).unwrap_or(0);
    let mut pen = Pen::new(buf, area, last);
    pen.skip(1)
        .left("in all", WORDS, theme.dim)
        .right(&words::span(all), SPAN, theme.figure);
}

/// All kinds, in the order in which they first came.
fn shares(journey: &Journey, now: LabTime, theme: &Theme) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    let ends = journey.steps.iter().skip(1).map(|next| next.lab).chain([now]);
    for (step, end) in journey.steps.iter().zip(ends) {
        let Some(words) = words::meanwhile(&step.what) else {
            continue;
        };
        let us = end.0.saturating_sub(step.lab.0);
        match shares.iter_mut().find(|share| share.words == words) {
            Some(share) => share.us += us,
            None => shares.push(Share {
                words,
                us,
                style: style(&step.what, theme),
            }),
        }
    }
    shares
}

const fn style(step: &StepKind, theme: &Theme) -> Style {
    match step {
        StepKind::Delivered(..) => theme.tray,
        StepKind::Begun(_) => theme.hand,
        StepKind::Finished(..) | StepKind::Forgot(_) => theme.unacked,
        StepKind::Dispatched(..) | StepKind::Rejected(..) => theme.dim,
        _ => theme.ready,
    }
}
