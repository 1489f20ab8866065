//! The queue in use, as the broker tells it: ready above unacked, both bars by the same measure.

use super::Scene;
use super::panel::{Edge, Title, setting_style};
use super::pen::{Pen, columns};
use crate::lab::{Control, DeliveryLimit, Figure, QueueType, Sharing};
use crate::tui::model::Setting;
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns for a label and its number.
const LABEL: u16 = 14;

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    if area.height == 1 {
        return compact(buf, area, scene);
    }
    let Scene { snapshot, theme, .. } = scene;
    let mut title = Title::new(scene, "Queue").setting(Setting::Queue, snapshot.settings.queue.to_string());
    if let QueueType::Quorum(limit) = snapshot.settings.queue_type
        && snapshot.settings.uses_quorum()
    {
        let text = match limit {
            DeliveryLimit(0) => "quorum".to_owned(),
            DeliveryLimit(n) => format!("quorum, delivery limit {n}"),
        };
        title = title.plain(text, theme.dim);
    } else if snapshot.broker.control == Control::Owned {
        // Another broker may have a default type of its own for the queues it is asked for.
        title = title.plain("classic", theme.dim);
    }
    if snapshot.settings.sharing == Sharing::QueueEach {
        title = title.plain("one each (fanout)", theme.warn);
    }
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let queue = &snapshot.queue;
    let consumers = format!("consumers {}", words::figure(queue.consumers));
    let redelivered = format!("redelivered {}", queue.redelivered);
    // The bars end before the counts begin: redeliveries are never hidden.
    let aside = columns(&consumers).max(columns(&redelivered)) + 2;
    let room = inner.width.saturating_sub(LABEL + 1 + aside);
    let scale = Scale::new(&[queue.ready, queue.unacked], room);
    line(
        &mut Pen::new(buf, inner, 0),
        scene,
        ("ready", queue.ready, theme.ready),
        scale,
        &consumers,
    );
    line(
        &mut Pen::new(buf, inner, 1),
        scene,
        ("unacked", queue.unacked, theme.unacked),
        scale,
        &redelivered,
    );
}

/// One line for a screen with few of them.
fn compact(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    let queue = &snapshot.queue;
    let scale = Scale::new(&[queue.ready, queue.unacked], area.width.saturating_sub(48) / 2);
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).put("queue    ", theme.title);
    pen.put(
        &snapshot.settings.queue.to_string(),
        setting_style(scene, Setting::Queue),
    );
    for (name, figure, style) in [
        ("ready", queue.ready, theme.ready),
        ("unacked", queue.unacked, theme.unacked),
    ] {
        pen.put("  ", theme.text).put(name, theme.dim).put(" ", theme.text);
        pen.put(&words::figure(figure), theme.figure).put(" ", theme.text);
        pen.repeat("▇", scale.columns(figure), style);
    }
    let redelivered = format!("  redelivered {}", queue.redelivered);
    if columns(&redelivered) <= pen.room() {
        pen.put(&redelivered, theme.dim);
    }
}

fn line(pen: &mut Pen<'_>, scene: Scene<'_>, what: (&str, Figure, Style), scale: Scale, aside: &str) {
    let (name, figure, style) = what;
    pen.skip(1).left(name, 8, scene.theme.dim);
    pen.right(&words::figure_in(LABEL - 10, figure), LABEL - 9, scene.theme.figure)
        .skip(1);
    pen.repeat("▇", scale.columns(figure), style);
    let room = pen.room();
    if room > columns(aside) + 1 {
        pen.right(aside, room - 1, scene.theme.dim);
    }
}

/// Numbers to columns: one each while they fit, else by proportion, and at least one for anything.
#[derive(Clone, Copy)]
struct Scale {
    most: u64,
    room: u64,
}

impl Scale {
    fn new(figures: &[Figure], room: u16) -> Self {
        let most = figures.iter().map(|f| words::magnitude(*f)).max().unwrap_or(0);
        Self {
            most,
            room: u64::from(room),
        }
    }

    fn columns(self, figure: Figure) -> u16 {
        let n = words::magnitude(figure);
        let columns = if self.most <= self.room {
            n
        } else {
            (n.saturating_mul(self.room) / self.most).max(n.min(1))
        };
        u16::try_from(columns).unwrap_or(u16::MAX)
    }
}
