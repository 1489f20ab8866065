//! Whoever sits at the screen: one display, and one ear for signals, for as many labs as she wants to see.

use super::{HUNG_UP, OK, PANICKED, signalled};
use crate::cli::ScreenArgs;
use crate::tui::{Display, Exit, LessonWish, Motion, Mouse, ScreenError, ScreenOptions, Seat, ThemeChoice, Trace};
use anyhow::{Context, Result};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A person, from the first lab to the last.
pub(super) struct Person {
    display: Display,
    stop: CancellationToken,
    signal: JoinHandle<Option<u8>>,
}

/// How a lab was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// For good, with this exit status.
    Left(u8),
    /// For a lesson.
    Lesson(LessonWish),
}

impl Person {
    /// Nothing is shown yet; signals are heard from now on.
    pub(super) fn at(args: ScreenArgs) -> Self {
        let stop = CancellationToken::new();
        Self {
            display: Display::new(options(args)),
            signal: tokio::spawn(signalled(stop.clone())),
            stop,
        }
    }

    /// Cancelled by a signal.
    pub(super) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// The screen, until it ends. When a lesson is wanted the terminal is kept: the next lab is drawn over this one.
    pub(super) async fn show(&mut self, seat: Seat) -> Result<Shown> {
        let shown = AssertUnwindSafe(self.display.show(seat)).catch_unwind().await;
        // The panic has told its own story.
        let Ok(shown) = shown else {
            return Ok(Shown::Left(PANICKED));
        };
        if let Ok(Exit::Lesson(wish)) = shown {
            return Ok(Shown::Lesson(wish));
        }
        match self.display.close(shown) {
            Err(ScreenError::Panicked) => Ok(Shown::Left(PANICKED)),
            Err(error) => Err(error).context("the terminal failed"),
            Ok(Exit::LabEnded) => anyhow::bail!("the lab ended by itself; run it with --log FILE to see why"),
            Ok(Exit::TerminalClosed) => Ok(Shown::Left(HUNG_UP)),
            Ok(Exit::Quit | Exit::Stopped | Exit::Lesson(_)) => Ok(Shown::Left(OK)),
        }
    }

    /// She is gone. Returns the exit status: that of the last lab, or that of the signal that ended it.
    pub(super) async fn leave(self, status: Result<Shown>) -> Result<u8> {
        self.stop.cancel();
        let signal = self.signal.await.unwrap_or(None);
        match status? {
            Shown::Left(PANICKED) => Ok(PANICKED),
            Shown::Left(status) => Ok(signal.map_or(status, |number| 128 + number)),
            // There is nobody who could show it.
            Shown::Lesson(_) => Ok(OK),
        }
    }
}

fn options(args: ScreenArgs) -> ScreenOptions {
    ScreenOptions {
        theme: args.theme.map_or(ThemeChoice::Auto, Into::into),
        mouse: if args.no_mouse { Mouse::Free } else { Mouse::Captured },
        motion: if args.room.no_motion {
            Motion::Still
        } else {
            Motion::Shown
        },
        trace: if args.room.no_echo { Trace::Hidden } else { Trace::Shown },
    }
}
