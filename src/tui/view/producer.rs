//! The producer: its rate, what its jobs are like, how it sends them, and what became of that.

use super::Scene;
use super::panel::{Edge, Title, setting_style};
use super::pen::Pen;
use crate::lab::{Confirms, Producing};
use crate::tui::model::Setting;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub(super) fn draw(buf: &mut Buffer, area: Rect, edge: Edge, scene: Scene<'_>) {
    if area.height == 1 {
        return compact(buf, area, scene);
    }
    let settings = &scene.snapshot.settings;
    let messages = if area.width >= 55 {
        format!("{} messages", settings.messages)
    } else {
        settings.messages.to_string()
    };
    let title = Title::new(scene, "Producer")
        .setting(Setting::Messages, messages)
        .setting(Setting::Confirms, settings.confirms.to_string())
        .line();
    let inner = edge.draw(buf, area, &title, scene.theme.frame);
    let mut pen = Pen::new(buf, inner, 0);
    pen.skip(1);
    flow(&mut pen, scene);
    if scene.snapshot.producer.connected {
        pen.skip(2);
        work(&mut pen, scene);
    }
    let mut pen = Pen::new(buf, inner, 1);
    pen.skip(1);
    counts(&mut pen, scene);
}

/// One line for a screen with few of them.
fn compact(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let settings = &scene.snapshot.settings;
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1);
    flow(&mut pen, scene);
    pen.skip(1);
    work(&mut pen, scene);
    pen.skip(2)
        .put(&settings.messages.to_string(), setting_style(scene, Setting::Messages));
    pen.skip(2)
        .put(&settings.confirms.to_string(), setting_style(scene, Setting::Confirms));
}

fn flow(pen: &mut Pen<'_>, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    let marked = |style: Style| {
        if scene.model.flashes(Setting::Producing) {
            theme.flash
        } else {
            style
        }
    };
    match (snapshot.producer.connected, snapshot.producer.producing) {
        (false, _) => pen.put("✖ not connected", theme.alarm),
        (true, Producing::On) => pen.put("▶", marked(theme.good)),
        (true, Producing::Held) => pen.put("‖ held", marked(theme.warn)),
    };
    pen.skip(1)
        .put(&snapshot.settings.rate.to_string(), setting_style(scene, Setting::Rate));
}

fn work(pen: &mut Pen<'_>, scene: Scene<'_>) {
    let workload = scene.snapshot.settings.workload;
    pen.put(&workload.sizes.to_string(), setting_style(scene, Setting::Sizes));
    pen.put(", ", scene.theme.dim);
    pen.put(&workload.arrivals.to_string(), setting_style(scene, Setting::Arrivals));
}

fn counts(pen: &mut Pen<'_>, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    let producer = &snapshot.producer;
    pen.put("published ", theme.dim)
        .put(&producer.published.to_string(), theme.figure);
    if snapshot.settings.confirms == Confirms::On || producer.confirmed > 0 {
        pen.put("  confirmed ", theme.dim)
            .put(&producer.confirmed.to_string(), theme.figure);
    }
    if producer.unconfirmed > 0 {
        pen.put("  … ", theme.warn)
            .put(&producer.unconfirmed.to_string(), theme.warn);
    }
    if snapshot.books.returned > 0 {
        pen.put("  returned ", theme.alarm)
            .put(&snapshot.books.returned.to_string(), theme.alarm);
    }
}
