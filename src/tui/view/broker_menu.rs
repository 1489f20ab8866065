//! What can be done to the broker, and what of the queue would survive it.

use super::pen::Pen;
use super::{Scene, overlay};
use crate::lab::{BrokerCommand, Delivery, QueueKind};
use crate::tui::action::Action;
use crate::tui::availability::why_not;
use crate::tui::keymap::{BROKER_MENU, broker_letter};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The window's place.
pub(super) fn place(area: Rect) -> Rect {
    overlay::place(area, 70.min(area.width.saturating_sub(2)), 10)
}

/// Lines from the window's inside to its first choice.
pub(super) const FIRST: u16 = 1;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let Scene { model, snapshot, theme } = scene;
    let inner = overlay::open(buf, place(area), "The broker", scene);
    for (line, command) in (0..).zip(BROKER_MENU) {
        let refused = why_not(Action::Broker(command), model, snapshot);
        let style = match (&refused, line == marked) {
            (Some(_), _) => theme.disabled,
            (None, true) => theme.selected,
            (None, false) => theme.text,
        };
        let mut pen = Pen::new(buf, inner, FIRST + line);
        pen.put(if line == marked { " ▸ " } else { "   " }, theme.selected);
        let key = if refused.is_some() { theme.disabled } else { theme.key };
        pen.left(broker_letter(command).encode_utf8(&mut [0; 4]), 2, key);
        pen.left(&command.to_string(), 31, style);
        let room = pen.room();
        pen.fit(refused.as_deref().unwrap_or(lesson(command)), room, theme.dim);
    }
    survivors(
        buf,
        Rect {
            y: inner.y + 5,
            height: inner.height.saturating_sub(5),
            ..inner
        },
        scene,
    );
}

const fn lesson(command: BrokerCommand) -> &'static str {
    match command {
        BrokerCommand::Kill => "at once, as by kill -9",
        BrokerCommand::Stop => "closes connections",
        BrokerCommand::Start => "with what survived",
    }
}

/// Durable queue × persistent messages: what an end leaves; the settings in force are marked.
fn survivors(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    Pen::new(buf, area, 0)
        .skip(3)
        .put("What survives its end, of the jobs in the queue:", theme.text);
    let mut pen = Pen::new(buf, area, 1);
    pen.skip(19)
        .left("persistent messages", 20, theme.dim)
        .put("transient messages", theme.dim);
    for (line, queue) in (2..).zip(QueueKind::ALL) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(3).left(&format!("{queue} queue"), 15, theme.dim);
        for messages in [Delivery::Persistent, Delivery::Transient] {
            let now = (queue, messages) == (snapshot.settings.queue, snapshot.settings.messages);
            let text = match (queue, messages) {
                (QueueKind::Durable, Delivery::Persistent) => "✓ queue and jobs",
                (QueueKind::Durable, Delivery::Transient) => "✖ an empty queue",
                (QueueKind::Transient, _) => "✖ nothing",
            };
            let mark = if now { "▸" } else { " " };
            pen.left(
                &format!("{mark}{text}"),
                20,
                if now { theme.selected } else { theme.text },
            );
        }
    }
}
