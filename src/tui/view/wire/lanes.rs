//! The lines of the list: time, an arrow between client and broker, what matters, bytes. Where there is room for it,
//! each client has a lifeline of its own, as in a sequence diagram.

use crate::lab::{Elapsed, Frame, Party, Snapshot, Way};
use crate::tui::theme::Theme;
use crate::tui::view::pen::{Pen, columns};
use crate::tui::wire::Sort;
use ratatui::style::Style;
use std::sync::Arc;

/// Columns of the time, with the mark before it.
const TIME: u16 = 10;
/// Columns of a client's name where lifelines have no room.
const NAME: u16 = 5;
/// Columns of the arrow there.
const ARROW: u16 = 23;
/// Columns of the size.
const BYTES: u16 = 7;
/// Columns between the producer's and the broker's lifeline, and from there to the first worker's.
const GAP: u16 = 23;
/// Columns between two workers' lifelines.
const NEXT: u16 = 6;
/// The least that is left for what matters.
const WHAT: u16 = 34;

/// How the lines are laid out.
pub(super) enum Lanes {
    /// A name and an arrow.
    Narrow,
    /// A lifeline for the producer, the broker and each of these workers.
    Lifelines(Vec<Party>),
}

impl Lanes {
    /// Lifelines, if all clients in sight have room for theirs.
    pub(super) fn new(width: u16, snapshot: &Snapshot, visible: &[&Arc<Frame>]) -> Self {
        let all = || snapshot.workers.iter().map(|worker| Party::Worker(worker.id));
        let in_sight = |party: &Party| visible.iter().any(|frame| frame.party == *party);
        let gone = visible
            .iter()
            .map(|frame| frame.party)
            .filter(|party| *party != Party::Producer);
        let mut workers: Vec<Party> = gone.chain(all()).collect();
        workers.sort_unstable();
        workers.dedup();
        if TIME + lifelines(workers.len()) + WHAT + BYTES > width {
            workers.retain(in_sight);
        }
        if TIME + lifelines(workers.len()) + WHAT + BYTES > width {
            return Self::Narrow;
        }
        Self::Lifelines(workers)
    }

    /// The names above the columns.
    pub(super) fn head(&self, pen: &mut Pen<'_>, theme: &Theme) {
        pen.right("seconds", TIME - 1, theme.dim).skip(1);
        match self {
            Self::Narrow => {
                pen.left("who", NAME, theme.dim)
                    .right("broker", ARROW, theme.dim)
                    .skip(2);
            }
            Self::Lifelines(workers) => {
                pen.left("producer", GAP - 2, theme.title);
                pen.left("broker", GAP + 1, theme.title);
                for worker in workers {
                    pen.left(&name(*worker), NEXT, theme.title);
                }
                pen.skip(2);
            }
        }
        let what = pen.room().saturating_sub(BYTES);
        pen.left("what", what, theme.dim).right("bytes", BYTES - 1, theme.dim);
    }

    /// A frame.
    pub(super) fn row(&self, pen: &mut Pen<'_>, theme: &Theme, frame: &Frame, is_marked: bool) {
        let time = if is_marked { theme.selected } else { theme.dim };
        pen.put(if is_marked { "▸" } else { " " }, theme.selected);
        pen.right(&seconds(frame.at), TIME - 2, time).skip(1);
        match self {
            Self::Narrow => {
                pen.left(&name(frame.party), NAME, theme.figure);
                arrow(pen, theme, frame, ARROW, Ends::right(frame.way));
                pen.skip(2);
            }
            Self::Lifelines(workers) => between(pen, theme, frame, workers),
        }
        let what = pen.room().saturating_sub(BYTES);
        let style = match frame.summary.ends_with("redelivered") {
            _ if is_marked => theme.selected,
            true => theme.warn,
            false => theme.text,
        };
        pen.left(&frame.summary, what, style);
        let bytes = if frame.size == 0 {
            String::new()
        } else {
            frame.size.to_string()
        };
        pen.right(&bytes, BYTES - 1, theme.dim);
    }
}

/// Columns of all lifelines and what separates them from the rest.
fn lifelines(workers: usize) -> u16 {
    let workers = u16::try_from(workers).unwrap_or(u16::MAX);
    2 * GAP + 2 + NEXT.saturating_mul(workers)
}

/// Where an arrow's head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Left,
    Right,
}

impl Ends {
    /// With the broker on the right.
    const fn right(way: Way) -> Self {
        match way {
            Way::ToBroker => Self::Right,
            Way::FromBroker => Self::Left,
        }
    }

    /// With the broker on the left.
    const fn left(way: Way) -> Self {
        match way {
            Way::ToBroker => Self::Left,
            Way::FromBroker => Self::Right,
        }
    }
}

/// Lifelines, and the arrow from one to the other.
fn between(pen: &mut Pen<'_>, theme: &Theme, frame: &Frame, workers: &[Party]) {
    let line = theme.frame;
    pen.put(" │", line);
    let index = workers.iter().position(|party| *party == frame.party);
    let Some(index) = index.and_then(|index| u16::try_from(index).ok()) else {
        arrow(pen, theme, frame, GAP - 1, Ends::right(frame.way));
        pen.put("│", line).skip(GAP - 1);
        for _ in workers {
            pen.put("│", line).skip(NEXT - 1);
        }
        pen.skip(2);
        return;
    };
    pen.skip(GAP - 1).put("│", line);
    let length = GAP - 1 + index * NEXT;
    arrow(pen, theme, frame, length, Ends::left(frame.way));
    pen.put("│", line).skip(NEXT - 1);
    for _ in workers.iter().skip(usize::from(index) + 1) {
        pen.put("│", line).skip(NEXT - 1);
    }
    pen.skip(2);
}

/// The method's name on an arrow.
fn arrow(pen: &mut Pen<'_>, theme: &Theme, frame: &Frame, length: u16, head: Ends) {
    let style = style(theme, frame);
    let name: String = frame
        .method
        .chars()
        .take(usize::from(length.saturating_sub(4)))
        .collect();
    let dashes = length.saturating_sub(columns(&name) + 3);
    let (before, after) = (dashes / 2, dashes - dashes / 2);
    if head == Ends::Left {
        pen.put("◀", style);
    }
    pen.repeat("─", before, style)
        .put(" ", style)
        .put(&name, style)
        .put(" ", style);
    pen.repeat("─", after, style);
    if head == Ends::Right {
        pen.put("▶", style);
    }
}

fn style(theme: &Theme, frame: &Frame) -> Style {
    match (&*frame.method, Sort::of(frame)) {
        ("socket closed" | "connection.close" | "channel.close", _) => theme.alarm,
        ("basic.deliver" | "basic.get-ok", _) => theme.hand,
        ("basic.nack" | "basic.reject" | "basic.return", _) => theme.warn,
        ("basic.publish", _) => theme.ready,
        ("basic.ack", _) => theme.good,
        (_, Sort::Heartbeats) => theme.dim,
        _ => theme.text,
    }
}

/// A client's short name.
pub(super) fn name(party: Party) -> String {
    match party {
        Party::Producer => "prod".to_owned(),
        Party::Worker(id) => id.to_string(),
    }
}

/// Real seconds since the lab began.
pub(super) fn seconds(at: Elapsed) -> String {
    format!("{}.{:03}", at.0 / 1_000_000, at.0 / 1000 % 1000)
}
