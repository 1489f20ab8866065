//! The steps of a journey below each other: when, how long after the one before, what, and why. Where there is room,
//! what the job waited for stands between them.

use super::super::Scene;
use super::super::pen::{Pen, columns, wrap};
use super::journey::sign_style;
use crate::lab::{Journey, LabTime, Step, StepKind};
use crate::tui::messages::{Focus, words};
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns: when, how long after.
const TIME: u16 = 10;
const GAP: u16 = 9;
/// Columns before the words: a margin, time, gap, sign and the blanks around it.
const BEFORE: u16 = 1 + TIME + GAP + 3;
/// A journey of more steps than this is never wrapped.
const MANY: usize = 400;

/// How much room each step takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// With what was waited for in between, and reasons in full.
    Full,
    /// With reasons in full.
    Wrapped,
    /// A line each.
    Lines,
}

/// A line of the path.
#[derive(Clone, Debug, Default)]
struct Line {
    time: String,
    gap: String,
    sign: &'static str,
    style: Style,
    words: String,
    reason: String,
}

/// The path in the form that fits.
pub(super) struct Path {
    lines: Vec<Line>,
    height: u16,
}

impl Path {
    pub(super) fn of(journey: &Journey, now: LabTime, area: Rect, focus: Focus, theme: &Theme) -> Self {
        let height = area.height;
        let width = area.width.saturating_sub(BEFORE + 1);
        let make = |form| lines(journey, now, width, form, theme);
        let fits = |lines: &Vec<Line>| lines.len() <= usize::from(height);
        let wrapped = journey.steps.len() <= MANY;
        // Where it must be scrolled anyway, nothing is left out.
        let last = if wrapped && focus == Focus::Journey {
            Form::Wrapped
        } else {
            Form::Lines
        };
        let forms: &[Form] = if wrapped { &[Form::Full, Form::Wrapped] } else { &[] };
        let lines = forms.iter().map(|form| make(*form)).find(fits);
        Self {
            lines: lines.unwrap_or_else(|| make(last)),
            height,
        }
    }

    /// How many lines can be scrolled back.
    pub(super) fn limit(&self) -> u16 {
        let lines = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        lines.saturating_sub(self.height)
    }

    /// Lines that it takes on the screen.
    pub(super) fn shown(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).min(self.height)
    }

    pub(super) fn draw(&self, buf: &mut Buffer, area: Rect, back: u16, scene: Scene<'_>) {
        let theme = scene.theme;
        let top = self.limit().saturating_sub(back.min(self.limit()));
        let shown = self.lines.iter().skip(usize::from(top));
        for (line, what) in (0..area.height).zip(shown) {
            let mut pen = Pen::new(buf, area, line);
            what.draw(&mut pen, theme);
        }
        if area.height > 0 {
            let below = self.limit() - top;
            hint(&mut Pen::new(buf, area, 0), top, "↑", theme);
            hint(&mut Pen::new(buf, area, area.height - 1), below, "↓", theme);
        }
    }
}

/// That more is above or below.
fn hint(pen: &mut Pen<'_>, more: u16, sign: &str, theme: &Theme) {
    if more > 0 {
        let text = format!(" {sign} {} more ", words::thousands(more));
        let room = pen.room();
        pen.skip(room.saturating_sub(columns(&text))).put(&text, theme.key);
    }
}

impl Line {
    fn draw(&self, pen: &mut Pen<'_>, theme: &Theme) {
        pen.skip(1)
            .left(&self.time, TIME, theme.dim)
            .right(&self.gap, GAP, theme.text)
            .skip(1);
        pen.put(self.sign, self.style).skip(1);
        let mark = if self.time.is_empty() { theme.dim } else { theme.text };
        pen.put(&self.words, mark);
        if !self.reason.is_empty() {
            let blank = if self.words.is_empty() { 0 } else { 2 };
            pen.skip(blank);
            let room = pen.room();
            pen.fit(&self.reason, room, theme.dim);
        }
    }
}

fn lines(journey: &Journey, now: LabTime, width: u16, form: Form, theme: &Theme) -> Vec<Line> {
    let mut lines = Vec::with_capacity(journey.steps.len() * 2);
    if journey.cut_off {
        lines.push(Line {
            words: words::CUT_OFF.to_owned(),
            ..Line::default()
        });
    }
    let mut before: Option<&Step> = None;
    for step in &journey.steps {
        let gap = before.map(|before| words::span(step.lab.0.saturating_sub(before.lab.0)));
        let mut gap = gap.map_or(String::new(), |gap| format!("+{gap}"));
        if let (Form::Full, Some(text)) = (form, before.and_then(|before| words::meanwhile(&before.what))) {
            lines.push(between(std::mem::take(&mut gap), text, theme));
        }
        lines.extend(told(step, gap, width, form, theme));
        before = Some(step);
    }
    if let Some((last, text)) = before.and_then(|last| Some((last, words::meanwhile(&last.what)?))) {
        lines.push(Line {
            time: "now".to_owned(),
            gap: format!("+{}", words::span(now.0.saturating_sub(last.lab.0))),
            sign: "┆",
            style: theme.dim,
            words: text.to_owned(),
            reason: String::new(),
        });
    }
    lines
}

fn between(gap: String, text: &str, theme: &Theme) -> Line {
    Line {
        gap,
        sign: "│",
        style: theme.dim,
        reason: text.to_owned(),
        ..Line::default()
    }
}

/// A step, and its reason below it where it is too long.
fn told(step: &Step, gap: String, width: u16, form: Form, theme: &Theme) -> Vec<Line> {
    let sign = sign(&step.what);
    let words = step.what.to_string();
    let reason = step.what.reason();
    let fits = columns(&words) + 2 + columns(&reason) <= width;
    let wraps = !fits && form != Form::Lines;
    let rest = if wraps { wrap(&reason, width) } else { Vec::new() };
    let first = Line {
        time: stamp(step.lab),
        gap,
        sign,
        style: sign_style(sign, theme),
        words,
        reason: if wraps { String::new() } else { reason },
    };
    let below = rest.into_iter().map(|reason| Line {
        sign: " ",
        reason,
        ..Line::default()
    });
    [first].into_iter().chain(below).collect()
}

const fn sign(step: &StepKind) -> &'static str {
    match step {
        StepKind::Published(..) => "○",
        StepKind::Confirmed | StepKind::Acked(_) => "✓",
        StepKind::Nacked | StepKind::Returned | StepKind::Rejected(..) | StepKind::Lost(..) => "✖",
        StepKind::Dispatched(..) => "→",
        StepKind::Delivered(..) => "▪",
        StepKind::Begun(_) => "●",
        StepKind::Finished(..) => "✔",
        StepKind::Forgot(_) => "!",
        StepKind::WentBack(..) | StepKind::StillThere => "↻",
        StepKind::DeadLettered(_) | StepKind::Buried(_) => "▾",
    }
}

/// `00:12.345`.
fn stamp(at: LabTime) -> String {
    format!("{at}.{:03}", at.0 % 1_000_000 / 1_000)
}
