//! The screen of one person who is a worker: keys become wishes of the [`Desk`], and what the desk asks for goes to its
//! client.

use super::terminal::{self, Tty};
use super::theme::Theme;
use super::{Exit, Mouse, ScreenError, ThemeChoice, view};
use crate::lab::{AckMode, Desk, DeskAsk, DeskLine, DeskOwner, DeskSeen, DeskWish, Elapsed};
use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, event, execute, queue};
use futures_util::StreamExt as _;
use std::io::{self, Write as _};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A key of the desk.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinKey {
    /// As it is shown.
    pub(super) key: &'static str,
    /// What it does, in a few words and in one.
    pub(super) labels: [&'static str; 2],
    code: KeyCode,
    /// `None`: leaves.
    pub(super) wish: Option<DeskWish>,
}

const fn key(key: &'static str, labels: [&'static str; 2], code: KeyCode, wish: Option<DeskWish>) -> JoinKey {
    JoinKey {
        key,
        labels,
        code,
        wish,
    }
}

/// All keys, in the order of the help line.
pub(super) const KEYS: [JoinKey; 8] = [
    key("Space", ["work", "work"], KeyCode::Char(' '), Some(DeskWish::Work)),
    key(
        "w",
        ["by itself", "self"],
        KeyCode::Char('w'),
        Some(DeskWish::WorkAlone),
    ),
    key("a", ["ack", "ack"], KeyCode::Char('a'), Some(DeskWish::Ack)),
    key("n", ["give back", "back"], KeyCode::Char('n'), Some(DeskWish::GiveBack)),
    key("r", ["reject", "reject"], KeyCode::Char('r'), Some(DeskWish::Reject)),
    key(
        "x",
        ["pull the plug", "unplug"],
        KeyCode::Char('x'),
        Some(DeskWish::PullPlug),
    ),
    key("⏎", ["plug in", "plug in"], KeyCode::Enter, Some(DeskWish::PlugIn)),
    key("q", ["quit", "quit"], KeyCode::Char('q'), None),
];

/// Where a desk's wishes go and what its client has seen comes from.
#[derive(Debug)]
pub struct DeskSeat {
    /// Who sits there.
    pub owner: DeskOwner,
    /// Bounded; when it is full a wish is not sent, and the screen says so.
    pub asks: mpsc::Sender<DeskAsk>,
    /// What the client has seen.
    pub seen: mpsc::Receiver<DeskSeen>,
    /// Cancelled by the caller on a signal.
    pub stop: CancellationToken,
}

/// How often a quiet screen makes sure that its terminal is still there.
const PULSE: Duration = Duration::from_secs(1);

/// Whether a wish does something now.
pub(super) fn can(desk: &Desk, wish: DeskWish) -> bool {
    let open = desk.line == DeskLine::Open;
    let holds = open && desk.hand().is_some();
    match wish {
        DeskWish::PlugIn => matches!(desk.line, DeskLine::Unplugged(_) | DeskLine::Lost(..)),
        DeskWish::PullPlug | DeskWish::WorkAlone => open,
        DeskWish::Work => holds && !desk.is_done(),
        DeskWish::Ack | DeskWish::GiveBack | DeskWish::Reject => holds && desk.who.ack == AckMode::Manual,
    }
}

/// Shows the desk until its owner leaves, `stop` is cancelled, or the terminal or the client is gone. The terminal is
/// restored when this returns, is dropped, or panics.
pub async fn join(seat: DeskSeat, theme: ThemeChoice) -> Result<Exit, ScreenError> {
    let DeskSeat {
        owner,
        asks,
        mut seen,
        stop,
    } = seat;
    let (tty, guard) = terminal::enter(Mouse::Free)?;
    let mut input = EventStream::new();
    let mut screen = Screen {
        tty,
        theme: Theme::choose(theme, &|name| std::env::var(name).ok()),
        desk: Desk::new(owner),
        asks,
        started: Instant::now(),
        said: None,
    };
    let exit = loop {
        if screen.draw().is_err() {
            break Exit::TerminalClosed;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break Exit::Stopped,
            event = input.next() => match event {
                None | Some(Err(_)) => break Exit::TerminalClosed,
                Some(Ok(event)) => if screen.input(&event) == Stay::Leaves { break Exit::Quit },
            },
            told = seen.recv() => match told {
                None => break Exit::LabEnded,
                Some(told) => screen.desk.seen(screen.now(), told),
            },
            () = sleep_until(screen.next_due()) => screen.desk.tick(screen.now()),
        }
    };
    match (exit, terminal::release(guard)) {
        (Exit::LabEnded, terminal::Told::Panics) => Err(ScreenError::Panicked),
        (exit, _) => Ok(exit),
    }
}

/// Asks for a password on the terminal, without showing it; `None`: Esc or Ctrl-C.
pub fn ask_password(question: &str) -> io::Result<Option<String>> {
    let mut out = io::stderr();
    // Before the question, so that nothing is echoed that is typed at once.
    enable_raw_mode()?;
    let asked = write!(out, "{question} ").and_then(|()| out.flush());
    let typed = asked.and_then(|()| type_password());
    let restored = disable_raw_mode();
    writeln!(out)?;
    restored?;
    typed
}

fn type_password() -> io::Result<Option<String>> {
    let mut password = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(Some(password)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(None),
            KeyCode::Backspace => drop(password.pop()),
            KeyCode::Char(letter) => password.push(letter),
            _ => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    Stays,
    Leaves,
}

struct Screen {
    tty: Tty,
    theme: Theme,
    desk: Desk,
    asks: mpsc::Sender<DeskAsk>,
    started: Instant,
    /// What is said in place of the keys, until the next one.
    said: Option<&'static str>,
}

impl Screen {
    fn now(&self) -> Elapsed {
        Elapsed::from(self.started.elapsed())
    }

    fn next_due(&self) -> Instant {
        let pulse = Instant::now() + PULSE;
        let due = self.desk.next_due().map(|due| self.started + due.duration());
        due.map_or(pulse, |due| due.min(pulse))
    }

    fn draw(&mut self) -> io::Result<()> {
        queue!(self.tty.backend_mut(), BeginSynchronizedUpdate)?;
        let (desk, said, theme) = (&self.desk, self.said, &self.theme);
        self.tty.draw(|frame| view::join::render(frame, desk, said, theme))?;
        // The hidden cursor is written also where nothing changed: it fails when nobody holds the other end any more.
        execute!(self.tty.backend_mut(), cursor::Hide, EndSynchronizedUpdate)
    }

    fn input(&mut self, event: &Event) -> Stay {
        let Event::Key(key) = event else { return Stay::Stays };
        if key.kind == KeyEventKind::Release {
            return Stay::Stays;
        }
        self.said = None;
        match wish(*key) {
            Pressed::Nothing => Stay::Stays,
            Pressed::Leave => Stay::Leaves,
            Pressed::Wish(wish) => {
                self.take(wish);
                Stay::Stays
            }
        }
    }

    /// A wish that can't be passed on is not taken: what the desk shows is what was sent.
    fn take(&mut self, wish: DeskWish) {
        let now = self.now();
        let Ok(place) = self.asks.try_reserve() else {
            self.said = Some("the line is busy: that key was not passed on, press it again");
            return;
        };
        if let Some(ask) = self.desk.wish(now, wish) {
            place.send(ask);
        }
    }
}

enum Pressed {
    Nothing,
    Wish(DeskWish),
    Leave,
}

fn wish(event: KeyEvent) -> Pressed {
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char('c') => Pressed::Leave,
            _ => Pressed::Nothing,
        };
    }
    let code = match event.code {
        KeyCode::Char(letter) => KeyCode::Char(letter.to_ascii_lowercase()),
        code => code,
    };
    match KEYS.iter().find(|key| key.code == code) {
        None => Pressed::Nothing,
        Some(JoinKey { wish: Some(wish), .. }) => Pressed::Wish(*wish),
        Some(JoinKey { wish: None, .. }) => Pressed::Leave,
    }
}
