//! The ways to end the selected worker, each with what it teaches.

use super::pen::{Pen, wrap};
use super::{Scene, overlay};
use crate::lab::{AckMode, KillKind, WorkerRow, WorkerState};
use crate::tui::action::Action;
use crate::tui::availability::why_not;
use crate::tui::keymap::kill_letter;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const KINDS: u16 = KillKind::ALL.len() as u16;

/// The window's place.
pub(super) fn place(area: Rect) -> Rect {
    overlay::place(area, 76.min(area.width.saturating_sub(2)), KINDS + 5)
}

/// Lines from the window's inside to its first choice.
pub(super) const FIRST: u16 = 1;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let Scene { model, snapshot, theme } = scene;
    let Some(worker) = model.selected_worker(snapshot) else {
        return;
    };
    let inner = overlay::open(buf, place(area), &format!("End {}: how?", worker.id), scene);
    let roomy = inner.width >= 76;
    for (line, kind) in (0..).zip(KillKind::ALL) {
        let mut pen = Pen::new(buf, inner, FIRST + line);
        let refused = why_not(Action::Kill(kind), model, snapshot);
        let style = match (&refused, line == marked) {
            (Some(_), _) => theme.disabled,
            (None, true) => theme.selected,
            (None, false) => theme.text,
        };
        pen.put(if line == marked { " ▸ " } else { "   " }, theme.selected);
        pen.left(
            kill_letter(kind).encode_utf8(&mut [0; 4]),
            2,
            if refused.is_some() { theme.disabled } else { theme.key },
        );
        pen.left(&kind.to_string(), 22, style);
        if roomy {
            let room = pen.room();
            pen.fit(refused.as_deref().unwrap_or(kind.lesson()), room, theme.dim);
        }
    }
    let chosen = KillKind::ALL
        .get(usize::from(marked))
        .copied()
        .unwrap_or(KillKind::Reset);
    let text = match why_not(Action::Kill(chosen), model, snapshot) {
        Some(reason) => reason.into_owned(),
        None => foretell(worker, chosen, snapshot.settings.ack, roomy),
    };
    for (line, text) in (FIRST + KINDS + 1..).zip(wrap(&text, inner.width.saturating_sub(4))) {
        Pen::new(buf, inner, line).skip(3).put(&text, theme.warn);
    }
}

/// What the chosen kind will do to what the worker holds now.
fn foretell(worker: &WorkerRow, kind: KillKind, ack: AckMode, lesson_is_shown: bool) -> String {
    let id = worker.id;
    let held = worker.tray_len + u32::from(worker.hand.is_some());
    let jobs = if held == 1 {
        "1 job".to_owned()
    } else {
        format!("{held} jobs")
    };
    let fate = match (kind, ack) {
        _ if held == 0 => format!("{id} holds nothing now."),
        (KillKind::Cancel, _) => format!("{id} will work off the {jobs} it holds."),
        (KillKind::Freeze, AckMode::Manual) => format!("{jobs} will stay unacked with {id} till its line breaks."),
        (KillKind::CrashBeforeAck, AckMode::Manual) if worker.state == WorkerState::Consuming => {
            format!("{id} will finish its job, then {jobs} go back to the queue.")
        }
        (_, AckMode::Manual) => format!("{jobs} will go back to the queue."),
        (_, AckMode::Automatic) => format!("auto-ack: the {jobs} it holds will be lost."),
    };
    if lesson_is_shown {
        fate
    } else {
        format!("{}. {fate}", kind.lesson())
    }
}
