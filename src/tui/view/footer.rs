//! The keys that matter now, by rank until the line is full, drawn in the order of the tables; or a message.
//! In a further view its own keys come first, then the way to the next view and to all keys, then the lab's.

use super::Scene;
use super::pen::{Pen, columns};
use crate::lab::{BrokerState, Pace, Snapshot};
use crate::tui::action::Action;
use crate::tui::availability::{asks, why_not};
use crate::tui::facts::Facts;
use crate::tui::keymap::{self, Binding, Context, Footer};
use crate::tui::model::{Model, View};
use crate::tui::{compare, lesson, messages};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A key in the footer and where it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Button {
    pub(in crate::tui) x: u16,
    pub(in crate::tui) width: u16,
    pub(in crate::tui) binding: &'static Binding,
    pub(super) footer: Footer,
}

/// Blank columns between two keys.
const GAP: u16 = 2;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let Scene {
        model, snapshot, theme, ..
    } = scene;
    if let Some(message) = &model.message {
        let mut pen = Pen::new(buf, area, 0);
        let room = pen.room();
        pen.left(&format!(" {} ", message.text), room, theme.message);
        return;
    }
    for button in buttons(area, model, scene.facts) {
        let place = Rect {
            x: button.x,
            width: button.width,
            ..area
        };
        let mut pen = Pen::new(buf, place, 0);
        if why_not(button.binding.action, model, snapshot).is_some() {
            pen.put(button.binding.shown, theme.disabled)
                .skip(1)
                .put(button.footer.label, theme.disabled);
        } else {
            pen.put(button.binding.shown, theme.key)
                .skip(1)
                .put(button.footer.label, theme.text);
        }
    }
}

/// The keys that fit into `area`, with their places.
pub(in crate::tui) fn buttons(area: Rect, model: &Model, facts: &Facts) -> Vec<Button> {
    let snapshot = &*facts.snapshot;
    // Where the lab can't be asked at all, its keys are no help.
    let mute = model.rewind.refusal().is_some();
    let all: Vec<_> = keymap::footer(model.place())
        .filter(|(binding, _)| !(mute && asks(binding.action)))
        .filter_map(|(binding, footer)| Some((binding, worded(binding, footer, model, facts)?)))
        .collect();
    let mut by_rank: Vec<usize> = (0..all.len()).collect();
    by_rank.sort_by_key(|&i| rank(all[i].0, all[i].1, snapshot, model));
    let mut room = area.width.saturating_sub(1);
    let mut chosen: Vec<usize> = Vec::with_capacity(all.len());
    for i in by_rank {
        let width = width(all[i].0, all[i].1) + GAP;
        if width <= room + GAP {
            room = (room + GAP).saturating_sub(width).saturating_sub(GAP);
            chosen.push(i);
        } else {
            break;
        }
    }
    chosen.sort_unstable();
    let mut x = area.x + 1;
    let place = |i: usize| {
        let (binding, footer) = all[i];
        let button = Button {
            x,
            width: width(binding, footer),
            binding,
            footer,
        };
        x += button.width + GAP;
        button
    };
    chosen.into_iter().map(place).collect()
}

/// With the word that fits what is shown; `None`: at this stage the key could do nothing.
fn worded(binding: &Binding, footer: Footer, model: &Model, facts: &Facts) -> Option<Footer> {
    let label = match binding.action {
        Action::Compare(deed) => compare::label(&model.compare, facts, deed, footer.label)?,
        Action::Lesson(deed) => lesson::label(model, facts, deed, footer.label)?,
        Action::Messages(deed) => messages::label(&model.messages, deed, footer.label),
        _ => footer.label,
    };
    Some(Footer { label, ..footer })
}

fn width(binding: &Binding, footer: Footer) -> u16 {
    columns(binding.shown) + 1 + columns(footer.label)
}

/// The table's rank, but what the moment asks for comes first, and in a further view what belongs to it.
fn rank(binding: &Binding, footer: Footer, snapshot: &Snapshot, model: &Model) -> (u8, u8) {
    let urgent = match binding.action {
        Action::OpenBrokerMenu => snapshot.broker.state == BrokerState::Ended,
        Action::Step => snapshot.clock.pace == Pace::Paused,
        Action::Revive => why_not(Action::Revive, model, snapshot).is_none(),
        _ => false,
    };
    let rank = match binding.action {
        _ if urgent => 0,
        Action::Revive => footer.rank + IN_VAIN,
        _ => footer.rank,
    };
    if model.view == View::Lab {
        return (0, rank);
    }
    let of_lab = matches!(binding.context, Context::Lab(_));
    let leads_on = matches!(binding.action, Action::OpenHelp | Action::NextView);
    (u8::from(of_lab && !leads_on), rank)
}

/// How much later comes a key that could do nothing.
const IN_VAIN: u8 = 8;
