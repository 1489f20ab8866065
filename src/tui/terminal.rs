//! Entering and leaving the terminal. Whatever ends the screen (a return, an error, a panic), the terminal is given
//! back as it was: raw mode off, the other screen, the mouse and the cursor as before.

use super::{Mouse, ScreenError};
use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

/// The terminal as ratatui draws on it. The buffer holds a whole frame, so that a frame is one write.
///
/// It is never dropped: its drop shows the cursor and, where that fails, prints so. On a terminal that is gone the
/// print panics in its turn. [`Guard`] gives back the cursor with all else.
pub(super) type Tty = ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>;

/// Bytes of a full frame on a large screen, about.
const FRAME_BYTES: usize = 128 * 1024;

/// Who draws on the terminal now, and what was not printed for it. Global, since a panic hook has no other way to know.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// The terminal while it is ours.
#[derive(Debug)]
struct Held {
    /// The thread that the screen runs on. What else the program does runs on others.
    by: ThreadId,
    /// Panics of other threads, oldest first.
    unprinted: Vec<String>,
}

/// How many panics are kept to be printed; the later ones follow from the first.
const KEPT: usize = 8;

/// How wide the terminal is, in columns: 80 where it does not say.
pub fn columns() -> usize {
    size().map_or(80, |(columns, _)| usize::from(columns).max(20))
}

/// Gives the terminal back when it is dropped.
#[derive(Debug)]
pub(super) struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back and prints what other threads panicked with meanwhile. Returns whether there was any.
pub(super) fn release(guard: Guard) -> Told {
    let unprinted = restore();
    drop(guard);
    let mut out = io::stderr();
    for text in &unprinted {
        let _ = writeln!(out, "{text}");
    }
    if unprinted.is_empty() {
        Told::Nothing
    } else {
        Told::Panics
    }
}

/// What was printed after the terminal was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Panics,
}

/// Takes the terminal for the thread that calls this.
pub(super) fn enter(mouse: Mouse) -> Result<(Tty, Guard), ScreenError> {
    hook_panics();
    enable_raw_mode().map_err(ScreenError::Enter)?;
    hold();
    let guard = Guard(());
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, Clear(ClearType::All), cursor::Hide).map_err(ScreenError::Enter)?;
    if mouse == Mouse::Captured {
        execute!(out, EnableMouseCapture).map_err(ScreenError::Enter)?;
    }
    let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, out));
    // `Terminal::clear` would ask the terminal for its cursor, and wait for an answer that not every one gives.
    let tty = Terminal::new(backend).map_err(ScreenError::Enter)?;
    Ok((ManuallyDrop::new(tty), guard))
}

fn held<T>(with: impl FnOnce(&mut Option<Held>) -> T) -> T {
    with(&mut HELD.lock().unwrap_or_else(PoisonError::into_inner))
}

fn hold() {
    let by = thread::current().id();
    let unprinted = Vec::new();
    held(|held| *held = Some(Held { by, unprinted }));
}

/// Gives the terminal back, once, however often it is called. What fails here can't be told to anyone.
/// Returns the panics that were not printed.
fn restore() -> Vec<String> {
    let Some(Held { unprinted, .. }) = held(Option::take) else {
        return Vec::new();
    };
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
    unprinted
}

/// Puts a hook before the one that prints: the text of a panic must not go to the alternate screen.
fn hook_panics() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| match panicked(&info.to_string()) {
            Panicked::Elsewhere => tracing::error!("{info}"),
            Panicked::Screen => print(info),
        }));
    });
}

/// Whose panic it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panicked {
    /// The screen's own, or there is no screen: it may be printed now.
    Screen,
    /// Another thread's, behind the screen. Who owns the task tells what came of it; the screen goes on.
    Elsewhere,
}

fn panicked(text: &str) -> Panicked {
    let elsewhere = held(|held| match held {
        Some(held) if held.by != thread::current().id() => {
            if held.unprinted.len() < KEPT {
                held.unprinted.push(text.to_owned());
            }
            true
        }
        _ => false,
    });
    if elsewhere {
        return Panicked::Elsewhere;
    }
    // The screen's own panic is printed right after this; the others' texts are in the log.
    restore();
    Panicked::Screen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_panic_of_the_screen_s_own_thread_gives_the_terminal_back() {
        hold();
        let other = thread::spawn(|| panicked("boom")).join().expect("it does not panic");
        assert_eq!(other, Panicked::Elsewhere);
        let kept = held(|held| held.as_ref().map(|held| held.unprinted.clone()));
        assert_eq!(kept, Some(vec!["boom".to_owned()]), "it is held, and the text is kept");
        assert_eq!(panicked("bang"), Panicked::Screen);
        assert!(held(|held| held.is_none()), "the terminal was given back");
    }
}
