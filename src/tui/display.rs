//! The terminal, held over several labs, one after another: a lesson is another run than the one before it, and the
//! screen does not flicker in between. What was drawn last stays until the next lab is there.

use super::event_loop;
use super::room;
use super::terminal::{self, Guard, Told, Tty};
use super::{Exit, ScreenError, ScreenOptions, Seat};
use crossterm::event::EventStream;

/// A screen for labs. It takes the terminal when the first one is shown.
pub struct Display {
    options: ScreenOptions,
    held: Option<Held>,
    /// Presenter mode, theme and motion, which are the room's and not the lab's.
    room: Option<room::State>,
}

/// The terminal while it is held.
pub(super) struct Held {
    pub(super) tty: Tty,
    pub(super) input: EventStream,
    guard: Guard,
}

impl std::fmt::Debug for Display {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Display")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Display {
    /// Nothing is shown yet, and the terminal is as it was.
    pub const fn new(options: ScreenOptions) -> Self {
        Self {
            options,
            held: None,
            room: None,
        }
    }

    /// Shows a lab until a person leaves it, its `stop` is cancelled, or the terminal or the lab is gone.
    ///
    /// # Errors
    ///
    /// When the terminal can't be set up.
    pub async fn show(&mut self, seat: Seat) -> Result<Exit, ScreenError> {
        let held = match &mut self.held {
            Some(held) => held,
            free => {
                let (tty, guard) = terminal::enter(self.options.mouse)?;
                let input = EventStream::new();
                free.insert(Held { tty, input, guard })
            }
        };
        Ok(event_loop::run(seat, held, self.options, &mut self.room).await)
    }

    /// Gives the terminal back; `shown` is what the last lab ended with.
    ///
    /// # Errors
    ///
    /// When that is one, or the lab ended and a part of the program had panicked.
    pub fn close(&mut self, shown: Result<Exit, ScreenError>) -> Result<Exit, ScreenError> {
        let told = match self.held.take() {
            Some(Held { guard, tty, input }) => {
                drop((tty, input));
                terminal::release(guard)
            }
            None => Told::Nothing,
        };
        match (shown?, told) {
            (Exit::LabEnded, Told::Panics) => Err(ScreenError::Panicked),
            (exit, _) => Ok(exit),
        }
    }
}
