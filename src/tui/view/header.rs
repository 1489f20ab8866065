//! The first line: the views, which broker and how it is, the clock, the seed, and the two numbers that matter most.

use super::Scene;
use super::panel::setting_style;
use super::pen::{Pen, columns};
use crate::lab::{BrokerState, Pace, Snapshot};
use crate::tui::model::{Setting, View};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns below which a broker's name says nothing.
const LEGIBLE: u16 = 12;
/// From this width on, all views have their tabs.
const TABS: u16 = 120;
/// The same while the broker's trouble has to be told too.
const TABS_AND_TROUBLE: u16 = 150;
/// Columns for the broker's trouble in a few words, with the gaps around it.
const TROUBLE: u16 = 20;
const NAME: &str = " dispatch-lab ";

/// A view's tab and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tab {
    pub(super) x: u16,
    pub(super) width: u16,
    pub(super) view: View,
}

/// The tabs, where there is room for them.
pub(super) fn tabs(area: Rect, snapshot: &Snapshot) -> Option<[Tab; 7]> {
    let up = snapshot.broker.state == BrokerState::Up;
    if area.width < if up { TABS } else { TABS_AND_TROUBLE } {
        return None;
    }
    let mut x = area.x + columns(NAME);
    Some(View::ALL.map(|view| {
        let width = columns(view.title()) + 2;
        x += width;
        Tab {
            x: x - width,
            width,
            view,
        }
    }))
}

/// Where the name of the present view stands when there are no tabs: a click on it shows the next one.
pub(super) fn title(area: Rect) -> Rect {
    Rect {
        width: columns(NAME).min(area.width),
        ..area
    }
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let right = right(scene);
    let width = right.iter().map(|(text, _)| columns(text)).sum::<u16>();
    let left = Rect {
        width: area.width.saturating_sub(width),
        ..area
    };
    let mut pen = Pen::new(buf, left, 0);
    name(&mut pen, area, scene);
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

/// The program's name and the tabs; where it is narrow, the present view's name stands for them.
fn name(pen: &mut Pen<'_>, area: Rect, scene: Scene<'_>) {
    let theme = scene.theme;
    let present = scene.model.view;
    if let Some(tabs) = tabs(area, scene.snapshot) {
        pen.put(NAME, theme.title);
        for tab in tabs {
            let text = tab.view.title();
            if tab.view == present {
                pen.put(&format!("[{text}]"), theme.on_block(theme.selected));
            } else {
                pen.put(&format!(" {text} "), theme.dim);
            }
        }
        pen.skip(2);
        return;
    }
    let marked = format!("▸ {}", present.title());
    // What is wrong with the broker matters more than the program's name.
    let up = scene.snapshot.broker.state == BrokerState::Up;
    let trouble = if up { 1 } else { TROUBLE };
    if present == View::Lab {
        pen.put(NAME, theme.title).skip(1);
    } else if columns(NAME) + columns(&marked) + trouble < pen.room() {
        pen.put(NAME, theme.title).put(&marked, theme.selected).skip(2);
    } else {
        pen.skip(1).put(&marked, theme.selected).skip(2);
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
                    format!("as {version}"),
                ],
                if changed { theme.flash } else { theme.dim },
            )
        }
        (BrokerState::Up, None) => (vec![broker.name.to_string()], theme.dim),
        (BrokerState::Ended, _) => (
            ["✖ the broker is down: B", "✖ broker down: B", "✖ down: B"]
                .map(str::to_owned)
                .to_vec(),
            theme.alarm,
        ),
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
