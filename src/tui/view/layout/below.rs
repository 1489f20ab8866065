//! What stands below the workers: the log, and on larger screens the sums, the rules in force, and all keys and signs.

use ratatui::layout::Rect;

/// From this width on, the rules in force stand beside the log, where that has the lines for them.
const WITH_RULES: u16 = 110;
/// Lines the rules need.
const RULES_LINES: u16 = 13;
/// From this width on, sums stand between log and rules.
const WITH_SUMS: u16 = 170;
/// Lines the sums need besides one for each worker.
const SUMS_LINES: u16 = 18;
/// The narrowest and the widest of these columns.
const COLUMN: (u16, u16) = (48, 96);
/// Lines of the rules where the keys stand below them.
const RULES_ALONE: u16 = 14;
/// Lines of the log where the rules stand below it.
const LOG_ALONE: u16 = 24;
/// Lines below the rules from which on the keys are worth an edge.
const KEYS_LINES: u16 = 10;

/// Where they are.
pub(super) struct Below {
    pub(super) log: Rect,
    pub(super) sums: Option<Rect>,
    pub(super) rules: Option<Rect>,
    /// In the order in which they go on.
    pub(super) keys: Vec<Rect>,
}

pub(super) fn parts(area: Rect, workers: usize) -> Below {
    let mut below = Below {
        log: area,
        sums: None,
        rules: None,
        keys: Vec::new(),
    };
    if area.width < WITH_RULES {
        return piled(below);
    }
    if area.height < RULES_LINES {
        return below;
    }
    let column = if area.width < WITH_SUMS {
        (area.width * 2 / 5).min(60)
    } else {
        (area.width * 8 / 25).clamp(COLUMN.0, COLUMN.1)
    };
    let (log, right) = super::halves(area, area.width - column);
    below.log = log;
    let lines = SUMS_LINES + u16::try_from(workers).unwrap_or(u16::MAX).min(20);
    if area.width >= WITH_SUMS {
        let (log, middle) = super::halves(log, log.width - column);
        let (sums, keys) = stacked(middle, lines);
        below.log = log;
        below.sums = Some(sums);
        below.keys.extend(keys);
    }
    let (rules, keys) = stacked(right, RULES_ALONE);
    below.rules = Some(rules);
    below.keys.extend(keys);
    below
}

/// On a screen that is high and not wide, the rules and the keys stand below the log.
fn piled(mut below: Below) -> Below {
    let (log, rest) = stacked(below.log, LOG_ALONE);
    let Some(rest) = rest.filter(|rest| rest.height >= RULES_LINES) else {
        return below;
    };
    let (rules, keys) = stacked(rest, RULES_ALONE);
    below.log = log;
    below.rules = Some(rules);
    below.keys.extend(keys);
    below
}

/// One above the other, where the lower one gets enough.
fn stacked(area: Rect, upper: u16) -> (Rect, Option<Rect>) {
    if area.height < upper + KEYS_LINES {
        return (area, None);
    }
    let lower = Rect {
        y: area.y + upper,
        height: area.height - upper,
        ..area
    };
    (Rect { height: upper, ..area }, Some(lower))
}
