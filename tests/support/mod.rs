//! A real program in a real pseudo-terminal: keys go in, the screen comes out. Every wait is for a condition, with a limit.
#![expect(
    clippy::unwrap_used,
    reason = "a broken pseudo-terminal should end the test where it breaks"
)]

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use regex_lite::Regex;
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long a screen or an exit is waited for. Far beyond what is needed: a slow machine is no failure.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dispatch-lab");

/// A program on a pseudo-terminal.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    closed: bool,
}

impl Terminal {
    /// Starts a command on a terminal of `columns` × `rows`.
    pub(crate) fn start(columns: u16, rows: u16, command: &str, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut builder = CommandBuilder::new(command);
        builder.args(args);
        builder.env("TERM", "xterm-256color");
        for name in ["NO_COLOR", "COLORFGBG", "AMQP_URL", "COLORTERM"] {
            builder.env_remove(name);
        }
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let state = State {
            parser: vt100::Parser::new(nonzero(rows), nonzero(columns), 0),
            closed: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let reader = pair.master.try_clone_reader().unwrap();
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || read_all(reader, &for_thread));
        let keyboard = pair.master.take_writer().unwrap();
        Self {
            child,
            master: pair.master,
            keyboard,
            shared,
        }
    }

    /// Starts `dispatch-lab` at 80×24.
    pub(crate) fn lab(args: &[&str]) -> Self {
        Self::start(80, 24, PROGRAM, args)
    }

    /// Types these characters.
    pub(crate) fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Changes the size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.shared
            .state
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(nonzero(rows), nonzero(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// What is on the screen.
    pub(crate) fn text(&self) -> String {
        self.shared.state.lock().unwrap().parser.screen().contents()
    }

    /// Waits until the screen matches `pattern`; returns it.
    pub(crate) fn wait_for(&self, pattern: &str) -> String {
        let regex = Regex::new(pattern).unwrap();
        self.wait_until(&format!("the screen matches /{pattern}/"), |screen| {
            regex.is_match(&screen.contents())
        })
    }

    /// Waits until the screen is as wanted; returns its text.
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> String {
        let end = Instant::now() + LIMIT;
        let mut state = self.shared.state.lock().unwrap();
        loop {
            if wanted(state.parser.screen()) {
                return state.parser.screen().contents();
            }
            let left = end.saturating_duration_since(Instant::now());
            let text = state.parser.screen().contents();
            assert!(!left.is_zero(), "waited in vain until {what}; the screen is:\n{text}");
            assert!(!state.closed, "the program ended before {what}; the screen is:\n{text}");
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Whether terminal modes are as a shell wants them: main screen, cursor shown, no mouse reports.
    pub(crate) fn is_restored(&self) -> bool {
        let state = self.shared.state.lock().unwrap();
        let screen = state.parser.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }

    /// Sends a signal by name (`TERM`, `HUP`, `INT`).
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()
            .unwrap();
        assert!(status.success(), "the signal was sent");
    }

    /// Waits for the end and all output.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        let end = Instant::now() + LIMIT;
        let mut state = self.shared.state.lock().unwrap();
        while !state.closed {
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "the program does not end; the screen is:\n{}",
                state.parser.screen().contents()
            );
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
        drop(state);
        self.child.wait().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must not leave the program behind; one that ended is no error.
        let _ = self.child.kill();
    }
}

fn read_all(mut reader: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = [0; 8192];
    loop {
        // The end of a pseudo-terminal is an error on Linux and an empty read elsewhere.
        let count = reader.read(&mut buffer).unwrap_or(0);
        // A test that failed while it held the lock has said why; this thread only sees to the end.
        let Ok(mut state) = shared.state.lock() else { return };
        state.parser.process(&buffer[..count]);
        state.closed |= count == 0;
        shared.changed.notify_all();
        if count == 0 {
            return;
        }
    }
}

fn nonzero(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}
