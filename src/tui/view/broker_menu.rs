//! What can be done to the broker, and what of the queue would survive it.

use super::pen::Pen;
use super::{Scene, overlay};
use crate::lab::{BrokerCommand, Delivery, QueueKind};
use crate::tui::availability::why_not;
use crate::tui::keymap::{BROKER_MENU, BrokerLine};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The window's place.
pub(super) fn place(area: Rect) -> Rect {
    overlay::place(area, 74.min(area.width.saturating_sub(2)), 12)
}

/// Columns for a kind of message.
const COLUMN: u16 = 22;

/// Lines from the window's inside to its first choice.
pub(super) const FIRST: u16 = 1;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let Scene {
        model, snapshot, theme, ..
    } = scene;
    let inner = overlay::open(buf, place(area), "The broker", scene);
    for (line, choice) in (0..).zip(BROKER_MENU) {
        let refused = why_not(choice.action(), model, snapshot);
        let style = match (&refused, line == marked) {
            (Some(_), _) => theme.disabled,
            (None, true) => theme.selected,
            (None, false) => theme.text,
        };
        let mut pen = Pen::new(buf, inner, FIRST + line);
        pen.put(if line == marked { " ▸ " } else { "   " }, theme.selected);
        let key = if refused.is_some() { theme.disabled } else { theme.key };
        pen.left(choice.letter().encode_utf8(&mut [0; 4]), 2, key);
        pen.left(&name(choice, scene), 31, style);
        let room = pen.room();
        pen.fit(refused.as_deref().unwrap_or(lesson(choice)), room, theme.dim);
    }
    survivors(
        buf,
        Rect {
            y: inner.y + 7,
            height: inner.height.saturating_sub(7),
            ..inner
        },
        scene,
    );
}

fn name(choice: BrokerLine, scene: Scene<'_>) -> String {
    match (choice, scene.snapshot.broker.version) {
        (BrokerLine::Do(command), _) => command.to_string(),
        (BrokerLine::CrashTest, _) => "crash test of all four kinds".to_owned(),
        (BrokerLine::NextVersion, Some(version)) => format!("as RabbitMQ {}", version.next()),
        (BrokerLine::NextVersion, None) => "as another version".to_owned(),
    }
}

const fn lesson(choice: BrokerLine) -> &'static str {
    match choice {
        BrokerLine::Do(BrokerCommand::Kill) => "at once, as by kill -9",
        BrokerLine::Do(BrokerCommand::Stop) => "closes connections",
        BrokerLine::Do(BrokerCommand::Start) => "reads its disk",
        BrokerLine::CrashTest => "5 each, kill, start",
        BrokerLine::NextVersion => "stops, starts anew",
    }
}

/// Durable queue × persistent messages: what an end leaves; the settings in force are marked.
fn survivors(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    Pen::new(buf, area, 0)
        .skip(3)
        .put("What survives its end, and of how many jobs now:", theme.text);
    let mut pen = Pen::new(buf, area, 1);
    pen.skip(19)
        .left("persistent messages", COLUMN, theme.dim)
        .put("transient messages", theme.dim);
    for (line, queue) in (2..).zip(QueueKind::ALL) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(3).left(&format!("{queue} queue"), 15, theme.dim);
        for messages in [Delivery::Persistent, Delivery::Transient] {
            let now = (queue, messages) == (snapshot.settings.queue, snapshot.settings.messages);
            let text = match (queue, messages) {
                _ if snapshot.settings.outlives(queue, messages) => "✓ queue and jobs",
                (QueueKind::Durable, _) => "✖ empty queue",
                (QueueKind::Transient, _) => "✖ nothing",
            };
            let mark = if now { "▸" } else { " " };
            let at_stake = match snapshot.at_stake[queue.slot()][messages.slot()] {
                0 => String::new(),
                n => format!(" ({n})"),
            };
            pen.left(
                &format!("{mark}{text}{at_stake}"),
                COLUMN,
                if now { theme.selected } else { theme.text },
            );
        }
    }
}
