//! One person's desk: the job in the hand with its dots, what passed the wire, and what the keys do now.

use super::panel::Edge;
use super::pen::{Pen, columns, wrap};
use crate::lab::{AckMode, Again, Desk, DeskLine, DeskWish, Hands, Passed, Way};
use crate::tui::join::{JoinKey, KEYS, can};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Columns and lines that a desk needs.
const SMALLEST: (u16, u16) = (40, 12);
/// Lines of the hand, with its edge: more where there are more.
const HAND: (u16, u16) = (9, 12);
/// Columns between the dots where there is room.
const WIDE_DOT: u16 = 3;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, desk: &Desk, said: Option<&str>, theme: &Theme) {
    let area = frame.area();
    draw(frame.buffer_mut(), area, desk, said, theme);
    theme.finish(frame.buffer_mut());
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, desk: &Desk, said: Option<&str>, theme: &Theme) {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(buf, area, theme);
    }
    let hand = (area.height / 2).clamp(HAND.0, HAND.1).min(area.height - 3);
    let mut y = area.y;
    let mut take = |height: u16| {
        let part = Rect { y, height, ..area };
        y += height;
        part
    };
    header(buf, take(1), desk, theme);
    let middle = take(hand);
    let wire = area.height - 3 - hand;
    match &desk.line {
        DeskLine::Open => in_hand(buf, middle, desk, theme),
        other => away(buf, middle, desk, other, theme),
    }
    if wire > 1 {
        passed(buf, take(wire), desk, theme);
    } else {
        take(wire);
    }
    counts(buf, take(1), desk, theme);
    keys(buf, take(1), desk, said, theme);
}

fn too_small(buf: &mut Buffer, area: Rect, theme: &Theme) {
    let (width, height) = SMALLEST;
    let text = format!("your desk needs {width}×{height}; make the window larger. q leaves.");
    for (line, text) in (0..).zip(wrap(&text, area.width)) {
        Pen::new(buf, area, line).put(&text, theme.text);
    }
}

fn header(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    let who = &desk.who;
    let (state, style) = match &desk.line {
        DeskLine::Connecting => ("… connecting", theme.warn),
        DeskLine::Open => ("● consuming", theme.good),
        DeskLine::Unplugged(_) => ("✖ unplugged", theme.alarm),
        DeskLine::Lost(..) => ("✖ not connected", theme.alarm),
    };
    let ack = match who.ack {
        AckMode::Manual => "",
        AckMode::Automatic => "  auto-ack",
    };
    let limit = match who.prefetch.0 {
        0 => "no prefetch limit".to_owned(),
        n => format!("prefetch {n}"),
    };
    let right = format!("{limit}{ack}  ");
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1)
        .put(&who.name, theme.title)
        .skip(2)
        .put(state, style)
        .skip(2);
    let room = pen.room().saturating_sub(columns(&right) + 1);
    pen.left(&format!("{} at {}", who.queue, who.place), room, theme.dim);
    pen.skip(1).put(&right, theme.dim);
}

fn titled(name: &str, theme: &Theme) -> Line<'static> {
    Line::from(vec![
        Span::raw(" "),
        Span::styled(name.to_owned(), theme.title),
        Span::raw(" "),
    ])
}

fn in_hand(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    let inner = Edge::Box.draw(buf, area, &titled("In your hand", theme), theme.frame);
    let Some(job) = desk.hand() else {
        waiting(buf, inner, desk, theme);
        return;
    };
    let mut pen = Pen::new(buf, inner, 0);
    pen.skip(2).put(&job.name, theme.figure).skip(2);
    let room = pen.room().saturating_sub(1);
    pen.fit(&job.body, room, theme.dim);
    let behind = desk.held.len() - 1;
    dots(buf, inner, desk, theme);
    let mut line = 4;
    if job.redelivered {
        let mut pen = Pen::new(buf, inner, line);
        pen.skip(2)
            .put("↻ redelivered", theme.block_again)
            .put(": someone had this before you", theme.warn);
        line += 1;
    }
    let text = next_step(desk);
    line += put_wrapped(buf, inner, line, &text, theme.text);
    if behind > 0 {
        let tray: Vec<&str> = desk.held.iter().skip(1).map(|job| job.name.as_str()).collect();
        let text = format!("behind it in your tray, {behind}: {}", tray.join(" "));
        line += put_wrapped(buf, inner, line, &text, theme.tray);
    }
    if !desk.note.is_empty() {
        put_wrapped(buf, inner, line, &desk.note, theme.dim);
    }
}

fn put_wrapped(buf: &mut Buffer, area: Rect, from: u16, text: &str, style: Style) -> u16 {
    let lines = wrap(text, area.width.saturating_sub(4));
    for (line, text) in (from..).zip(&lines) {
        Pen::new(buf, area, line).skip(2).put(text, style);
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

fn waiting(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    Pen::new(buf, area, 1).skip(2).put("○ waiting for a job", theme.figure);
    let mut line = 3;
    if !desk.note.is_empty() {
        line += put_wrapped(buf, area, line, &desk.note, theme.text) + 1;
    }
    let text = "The queue serves its consumers in turn; whoever is full is left out until an ack comes.";
    put_wrapped(buf, area, line, text, theme.dim);
}

fn dots(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    let all = desk.hand().map_or(0, |job| job.dots);
    let done = desk.dots_done();
    let mut pen = Pen::new(buf, area, 2);
    pen.skip(2);
    let count = format!("  {done} of {all} dots");
    let room = pen.room().saturating_sub(columns(&count) + 1);
    let step = if u32::from(room / WIDE_DOT) >= all { WIDE_DOT } else { 1 };
    let shown = all.min(u32::from(room / step));
    for dot in 0..shown {
        let sign = match dot.cmp(&done) {
            std::cmp::Ordering::Less => "●",
            std::cmp::Ordering::Equal if desk.hands == Hands::ByClock => "◐",
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => "○",
        };
        pen.put(sign, theme.hand).skip(step - 1);
    }
    pen.put(&count, theme.dim);
}

fn next_step(desk: &Desk) -> String {
    match (desk.is_done(), desk.who.ack) {
        (_, AckMode::Automatic) => {
            "Auto-ack: the broker forgot this job when it sent it. Vanish now, and nobody will ever do it.".to_owned()
        }
        (true, AckMode::Manual) => {
            "Done! The broker does not know: a acks it. Vanish now, and it is done a second time.".to_owned()
        }
        (false, AckMode::Manual) => {
            "Space works, a dot each. Until your ack the broker keeps it as unacked, for someone else.".to_owned()
        }
    }
}

/// There is no connection: what that means.
fn away(buf: &mut Buffer, area: Rect, desk: &Desk, line: &DeskLine, theme: &Theme) {
    let (title, first, text) = match line {
        DeskLine::Connecting => (
            "Your line",
            format!("… connecting to {}", desk.who.place),
            "As soon as you consume, the queue counts you in.".to_owned(),
        ),
        DeskLine::Unplugged(held) => (
            "Your line",
            "✖ you pulled the plug".to_owned(),
            unplugged(held, desk.who.ack),
        ),
        DeskLine::Lost(why, again) => {
            let again = match again {
                Again::Soon => "It is tried again every two seconds; Enter: now.",
                Again::WhenAsked => "Enter tries again.",
            };
            ("Your line", "✖ not connected".to_owned(), format!("{why}. {again}"))
        }
        DeskLine::Open => return,
    };
    let calm = matches!(line, DeskLine::Connecting);
    let inner = Edge::Box.draw(
        buf,
        area,
        &titled(title, theme),
        if calm { theme.frame } else { theme.alarm },
    );
    let style = if calm { theme.warn } else { theme.alarm };
    Pen::new(buf, inner, 1).skip(2).put(&first, style);
    let used = put_wrapped(buf, inner, 3, &text, theme.text);
    if !desk.note.is_empty() {
        put_wrapped(buf, inner, 3 + used, &desk.note, theme.warn);
    }
}

fn unplugged(held: &[String], ack: AckMode) -> String {
    let enter = "Enter plugs you in again.";
    match (held, ack) {
        ([], _) => format!("Your socket was reset: no goodbye. You held nothing, so nothing goes back. {enter}"),
        (held, AckMode::Manual) => format!(
            "Your socket was reset: no goodbye, no ack. The broker puts {} back at its old place and hands it to \
             someone else, marked redelivered. {enter}",
            held.join(" ")
        ),
        (held, AckMode::Automatic) => format!(
            "Your socket was reset, and with auto-ack the broker has forgotten {}: nobody will ever do it. {enter}",
            held.join(" ")
        ),
    }
}

fn passed(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    let inner = Edge::Box.draw(buf, area, &titled("On the wire", theme), theme.frame);
    let room = usize::from(inner.height);
    let skipped = desk.passed.len().saturating_sub(room);
    for (line, passed) in (0..).zip(desk.passed.iter().skip(skipped)) {
        let mut pen = Pen::new(buf, inner, line);
        pen.skip(1);
        one(&mut pen, passed, theme);
    }
}

fn one(pen: &mut Pen<'_>, passed: &Passed, theme: &Theme) {
    let seconds = passed.at.duration().as_secs();
    pen.put(&format!("{:02}:{:02} ", seconds / 60, seconds % 60), theme.dim);
    let (arrow, style) = match passed.way {
        Way::ToBroker => ("→", theme.key),
        Way::FromBroker => ("←", theme.unacked),
    };
    pen.put(arrow, style).skip(1).left(passed.method, 15, theme.text);
    let room = pen.room();
    pen.fit(&passed.what, room, theme.dim);
}

fn counts(buf: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    let c = &desk.counts;
    let quiet = |n: u32, loud: Style| if n == 0 { theme.dim } else { loud };
    let sums = [
        (["done", "done"], c.done, theme.figure),
        (
            ["redelivered to you", "redelivered"],
            c.redelivered,
            quiet(c.redelivered, theme.warn),
        ),
        (["given back", "back"], c.given_back, quiet(c.given_back, theme.warn)),
        (["rejected", "rejected"], c.rejected, quiet(c.rejected, theme.warn)),
        (["dropped", "dropped"], c.dropped, quiet(c.dropped, theme.alarm)),
    ];
    let which = usize::from(area.width < 76);
    let mut pen = Pen::new(buf, area, 0);
    for (names, n, style) in sums {
        pen.skip(1)
            .put(names[which], theme.dim)
            .put(&format!(" {n}"), style)
            .skip(1);
    }
}

fn keys(buf: &mut Buffer, area: Rect, desk: &Desk, said: Option<&str>, theme: &Theme) {
    let mut pen = Pen::new(buf, area, 0);
    if let Some(said) = said {
        let room = pen.room();
        pen.fit(said, room, theme.message);
        return;
    }
    let width = |which: usize| -> u16 {
        let keys = KEYS.iter().filter(|key| is_shown(desk, key));
        keys.map(|key| columns(key.key) + columns(key.labels[which]) + 2).sum()
    };
    let which = usize::from(width(0) > area.width);
    for JoinKey { key, labels, wish, .. } in KEYS.into_iter().filter(|key| is_shown(desk, key)) {
        let label = labels[which];
        let (shown, text) = if wish.is_none_or(|wish| can(desk, wish)) {
            (theme.key, theme.text)
        } else {
            (theme.disabled, theme.disabled)
        };
        pen.skip(1).put(key, shown).skip(1).put(label, text);
    }
}

/// Enter is for whoever is not connected, and the keys of the work are for whoever is.
fn is_shown(desk: &Desk, key: &JoinKey) -> bool {
    match key.wish {
        None => true,
        Some(DeskWish::PlugIn) => desk.line != DeskLine::Open,
        Some(_) => desk.line == DeskLine::Open,
    }
}

#[cfg(test)]
mod tests;
