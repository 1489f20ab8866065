//! What a key, the mouse or another size of the window comes to.

use super::{Freshness, Screen};
use crate::tui::action::Action;
use crate::tui::keymap;
use crate::tui::model::Overlay;
use crate::tui::outside;
use crate::tui::reports;
use crate::tui::update::{Effect, update};
use crate::tui::view::{self, Target};
use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

impl Screen<'_> {
    /// A key, the mouse, or another size.
    pub(super) fn input(&mut self, event: &Event) -> Option<Effect> {
        let action = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.hear(*key);
                keymap::action(self.model.place(), *key)
            }
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Resize(width, height) => {
                self.model.size = Rect::new(0, 0, *width, *height);
                self.stale = Freshness::Stale;
                None
            }
            _ => None,
        }?;
        self.stale = Freshness::Stale;
        let (dressed, stage) = (self.model.room.theme, self.model.lesson.stage);
        let effect = update(&mut self.model, &self.facts, action);
        if self.model.room.theme != dressed {
            self.dress();
        }
        let effect = effect?;
        let sent = match &effect {
            Effect::Ask(command) => self.outlets.commands.try_send(*command).is_ok(),
            Effect::Contest(order) => self.outlets.contests.try_send(order.clone()).is_ok(),
            Effect::Outside(deed) => {
                self.model.say(outside::done(deed, self.tty.backend_mut()));
                true
            }
            Effect::Report(form) => reports::order(self, *form),
            Effect::Lesson(_) | Effect::Quit => true,
        };
        if !sent {
            self.model.lesson.stay(stage);
            self.model.say_busy();
        }
        Some(effect)
    }

    /// In presenter mode a key is shown as it is pressed.
    fn hear(&mut self, event: KeyEvent) {
        let binding = keymap::binding(self.model.place(), event);
        let now = self.model.now;
        self.model.room.hear(keymap::Key::of(event), binding, now);
        self.stale = Freshness::Stale;
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Action> {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                match view::target(self.model.size, at, &self.model, &self.facts)? {
                    Target::Worker(id) => {
                        self.model.selected = id;
                        self.stale = Freshness::Stale;
                        None
                    }
                    Target::Press(action) => Some(action),
                }
            }
            MouseEventKind::ScrollUp => Some(self.wheel(Action::ScrollUp, Action::MenuPrevious)),
            MouseEventKind::ScrollDown => Some(self.wheel(Action::ScrollDown, Action::MenuNext)),
            _ => None,
        }
    }

    const fn wheel(&self, scroll: Action, menu: Action) -> Action {
        match self.model.overlay {
            Overlay::Kill(..) | Overlay::Broker(_) | Overlay::Palette(_) => menu,
            _ => scroll,
        }
    }
}
