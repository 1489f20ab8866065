//! The first line: which broker, how it is, the clock, the seed, and the two numbers that matter most.

use super::Scene;
use super::panel::setting_style;
use super::pen::{Pen, columns};
use crate::lab::{BrokerState, Pace};
use crate::tui::model::Setting;
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns below which a broker's name says nothing.
const LEGIBLE: u16 = 12;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let right = right(scene);
    let width = right.iter().map(|(text, _)| columns(text)).sum::<u16>();
    let left = Rect {
        width: area.width.saturating_sub(width),
        ..area
    };
    let mut pen = Pen::new(buf, left, 0);
    pen.put(" dispatch-lab  ", scene.theme.title);
    let (texts, style) = broker(scene);
    let room = pen.room().saturating_sub(1);
    if room >= LEGIBLE || scene.snapshot.broker.state != BrokerState::Up {
        let text = texts.iter().find(|text| columns(text) <= room).or(texts.last());
        pen.fit(text.map_or("", String::as_str), room, style);
    }
    let mut pen = Pen::new(
        buf,
        Rect {
            x: left.right(),
            width: area.width - left.width,
            ..area
        },
        0,
    );
    for (text, style) in &right {
        pen.put(text, *style);
    }
}

/// The same in several lengths, the longest first.
fn broker(scene: Scene<'_>) -> (Vec<String>, Style) {
    let Scene {
        model, snapshot, theme, ..
    } = scene;
    let broker = &snapshot.broker;
    match (&broker.state, broker.version) {
        (BrokerState::Up, Some(version)) => {
            let changed = model.flashes(Setting::Version);
            (
                vec![
                    format!("{}, as {version}", broker.name),
                    format!("as RabbitMQ {version}"),
                ],
                if changed { theme.flash } else { theme.dim },
            )
        }
        (BrokerState::Up, None) => (vec![broker.name.to_string()], theme.dim),
        (BrokerState::Ended, _) => (vec!["✖ the broker is down: B".to_owned()], theme.alarm),
        (BrokerState::Away(why), _) => (vec![format!("✖ broker away: {why}")], theme.alarm),
    }
}

fn right(scene: Scene<'_>) -> Vec<(String, Style)> {
    let Scene { snapshot, theme, .. } = scene;
    let clock = &snapshot.clock;
    let scale = snapshot.settings.scale;
    let pace = match clock.pace {
        Pace::Running => (format!("▶ {scale}"), setting_style(scene, Setting::Scale)),
        Pace::Paused => (format!(" ‖ paused {scale} "), theme.message),
    };
    let lost = snapshot.books.lost;
    let lost = if lost == 0 {
        ("lost 0 ".to_owned(), theme.text)
    } else {
        (format!(" ✖ lost {lost} "), theme.alarm_block)
    };
    vec![
        pace,
        (format!("  {}  ", clock.now), theme.figure),
        (snapshot.settings.seed.to_string(), theme.dim),
        ("  ready ".to_owned(), theme.text),
        (words::figure(snapshot.queue.ready), theme.figure),
        ("  ".to_owned(), theme.text),
        lost,
    ]
}
