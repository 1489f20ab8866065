//! Entering and leaving the terminal. Whatever ends the screen (a return, an error, a panic), the terminal is given
//! back as it was: raw mode off, the other screen, the mouse and the cursor as before.

use super::{Mouse, ScreenError};
use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write as _};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

/// The terminal as ratatui draws on it. The buffer holds a whole frame, so that a frame is one write.
pub(super) type Tty = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Bytes of a full frame on a large screen, about.
const FRAME_BYTES: usize = 128 * 1024;

/// Whether the terminal is ours now. Global, since a panic hook has no other way to know.
static HELD: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back when it is dropped.
#[derive(Debug)]
pub(super) struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the terminal. `panicked` is cancelled when any part of the program panics.
pub(super) fn enter(mouse: Mouse, panicked: &CancellationToken) -> Result<(Tty, Guard), ScreenError> {
    restore_on_panic(panicked.clone());
    enable_raw_mode().map_err(ScreenError::Enter)?;
    HELD.store(true, Ordering::SeqCst);
    let guard = Guard(());
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, Clear(ClearType::All), cursor::Hide).map_err(ScreenError::Enter)?;
    if mouse == Mouse::Captured {
        execute!(out, EnableMouseCapture).map_err(ScreenError::Enter)?;
    }
    let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, out));
    // `Terminal::clear` would ask the terminal for its cursor, and wait for an answer that not every one gives.
    let tty = Terminal::new(backend).map_err(ScreenError::Enter)?;
    Ok((tty, guard))
}

/// Gives the terminal back, once, however often it is called. What fails here can't be told to anyone.
fn restore() {
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Puts a hook before the one that prints: the text of a panic must not go to the alternate screen.
fn restore_on_panic(panicked: CancellationToken) {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(move || {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            print(info);
            panicked.cancel();
        }));
    });
}
