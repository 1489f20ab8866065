//! How others join, large enough for the back row; and who has.

use super::pen::{Pen, columns, wrap};
use super::{Scene, overlay};
use crate::lab::Control;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The widest window's inside.
const WIDEST: u16 = 92;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene {
        facts, snapshot, theme, ..
    } = scene;
    let width = WIDEST.min(area.width.saturating_sub(2));
    let line = facts.join_line.as_deref();
    let command = line.map_or(Vec::new(), |line| wrap(line, width - 4));
    let lines = wrap(&text(scene), width - 4);
    let guests: Vec<&str> = snapshot.workers.iter().filter_map(|w| w.guest.as_deref()).collect();
    let guests = match guests.len() {
        0 => Vec::new(),
        n => wrap(&format!("{n} came: {}", guests.join(", ")), width - 4),
    };
    let blank = u16::from(!command.is_empty()) * 3 + u16::from(!guests.is_empty());
    let height = u16::try_from(command.len() + lines.len() + guests.len()).unwrap_or(u16::MAX);
    let place = overlay::place(area, width, height.saturating_add(blank));
    let inner = overlay::open(buf, place, "Join this lab", scene);
    let mut y = u16::from(!command.is_empty());
    for text in &command {
        // In the middle, on a block: nothing else matters here.
        let left = inner.width.saturating_sub(columns(text) + 2) / 2;
        let block = format!(" {text} ");
        Pen::new(buf, inner, y).skip(left).put(&block, theme.message);
        y += 1;
    }
    y += u16::from(!command.is_empty());
    for text in &lines {
        Pen::new(buf, inner, y).skip(2).put(text, theme.text);
        y += 1;
    }
    y += u16::from(!guests.is_empty());
    for text in &guests {
        Pen::new(buf, inner, y).skip(2).put(text, theme.good);
        y += 1;
    }
}

fn text(scene: Scene<'_>) -> String {
    if scene.facts.join_line.is_some() {
        return "Each who joins is a worker here, by name. So is any other AMQP 0-9-1 client that consumes from this queue: \
                it is called by its client property connection_name, else by user and address."
            .to_owned();
    }
    match scene.snapshot.broker.control {
        Control::Owned => "Nobody is let in: start the lab with --listen ADDR:PORT, for example --listen 0.0.0.0:5672 \
             --password-file FILE."
            .to_owned(),
        Control::NotOurs(_) | Control::ByCommand => {
            "This broker does not tell the lab who else consumes: guests can be seen only at the \
             embedded broker. Of others you see no more than the number of consumers, and jobs that are taken."
                .to_owned()
        }
    }
}
