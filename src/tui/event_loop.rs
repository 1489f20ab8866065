//! Waits for a key, a new picture, the end, or the moment when the picture changes by itself; then draws, at most
//! thirty times a second and only if something changed.

use super::action::Action;
use super::keymap;
use super::model::{Model, Overlay};
use super::terminal::{self, Told, Tty};
use super::theme::Theme;
use super::update::{Effect, update};
use super::view::{self, Target};
use super::{Exit, ScreenError, ScreenOptions, Seat};
use crate::lab::{Command, Elapsed, Snapshot};
use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{cursor, execute, queue};
use futures_util::StreamExt as _;
use ratatui::layout::{Position, Rect};
use std::io;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep_until};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// How often a quiet screen makes sure that its terminal is still there.
const PULSE: Duration = Duration::from_secs(1);

/// What woke the loop.
enum Wake {
    Stop,
    Input(Option<io::Result<Event>>),
    Picture(Result<(), watch::error::RecvError>),
    Time,
}

/// The screen while it is shown.
struct Screen {
    tty: Tty,
    theme: Theme,
    model: Model,
    snapshot: Arc<Snapshot>,
    commands: mpsc::Sender<Command>,
    started: Instant,
    /// When the last frame was drawn.
    drawn: Instant,
    /// Whether the screen shows less than is known.
    stale: Freshness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    Fresh,
    Stale,
}

pub(super) async fn run(seat: Seat, options: ScreenOptions) -> Result<Exit, ScreenError> {
    let Seat {
        commands,
        mut snapshots,
        stop,
    } = seat;
    let (tty, guard) = terminal::enter(options.mouse)?;
    let mut input = EventStream::new();
    let snapshot = snapshots.borrow_and_update().clone();
    let theme = Theme::choose(options.theme, &|name| std::env::var(name).ok());
    let mut screen = Screen::new(tty, theme, snapshot, commands);
    let exit = loop {
        if let Some(exit) = screen.draw_if_due() {
            break exit;
        }
        let wake = tokio::select! {
            biased;
            () = stop.cancelled() => Wake::Stop,
            event = input.next() => Wake::Input(event),
            changed = snapshots.changed(), if screen.stale == Freshness::Fresh => Wake::Picture(changed),
            () = sleep_until(screen.next_due()) => Wake::Time,
        };
        screen.tick();
        if screen.stale == Freshness::Stale || matches!(wake, Wake::Picture(Ok(())) | Wake::Input(_)) {
            screen.observe(snapshots.borrow_and_update().clone());
        }
        match wake {
            Wake::Stop => break Exit::Stopped,
            Wake::Picture(Err(_)) => break Exit::LabEnded,
            Wake::Input(None | Some(Err(_))) => break Exit::TerminalClosed,
            Wake::Input(Some(Ok(event))) => {
                if screen.input(&event) == Some(Effect::Quit) {
                    break Exit::Quit;
                }
            }
            Wake::Picture(Ok(())) | Wake::Time => {}
        }
    };
    match (exit, terminal::release(guard)) {
        (Exit::LabEnded, Told::Panics) => Err(ScreenError::Panicked),
        (exit, _) => Ok(exit),
    }
}

impl Screen {
    fn new(tty: Tty, theme: Theme, snapshot: Arc<Snapshot>, commands: mpsc::Sender<Command>) -> Self {
        let now = Instant::now();
        let mut model = Model::new(&snapshot);
        if let Ok(size) = tty.size() {
            model.size = size.into();
        }
        let drawn = now.checked_sub(FRAME).unwrap_or(now);
        Self {
            tty,
            theme,
            model,
            snapshot,
            commands,
            started: now,
            drawn,
            stale: Freshness::Stale,
        }
    }

    /// Real time passed.
    fn tick(&mut self) {
        if self.model.tick(Elapsed::from(self.started.elapsed())) {
            self.stale = Freshness::Stale;
        }
    }

    /// The newest picture.
    fn observe(&mut self, snapshot: Arc<Snapshot>) {
        if !Arc::ptr_eq(&self.snapshot, &snapshot) {
            self.model.observe(&self.snapshot, &snapshot);
            self.snapshot = snapshot;
            self.stale = Freshness::Stale;
        }
    }

    /// The next moment at which there is something to do without a key or a picture.
    fn next_due(&self) -> Instant {
        if self.stale == Freshness::Stale {
            return self.drawn + FRAME;
        }
        let pulse = self.drawn + PULSE;
        self.model
            .next_due()
            .map_or(pulse, |due| pulse.min(self.started + due.duration()))
    }

    /// Draws a frame if there is news and the last one is old enough; shows a pulse if all was quiet for long.
    fn draw_if_due(&mut self) -> Option<Exit> {
        let now = Instant::now();
        let since = now.duration_since(self.drawn);
        let done = match self.stale {
            Freshness::Stale if since >= FRAME => self.draw(),
            Freshness::Fresh if since >= PULSE => self.pulse(),
            Freshness::Stale | Freshness::Fresh => return None,
        };
        self.drawn = now;
        self.stale = Freshness::Fresh;
        done.is_err().then_some(Exit::TerminalClosed)
    }

    fn draw(&mut self) -> io::Result<()> {
        queue!(self.tty.backend_mut(), BeginSynchronizedUpdate)?;
        let (model, snapshot, theme) = (&self.model, &self.snapshot, &self.theme);
        self.tty.draw(|frame| view::render(frame, model, snapshot, theme))?;
        execute!(self.tty.backend_mut(), EndSynchronizedUpdate)
    }

    /// A harmless write that fails when nobody holds the other end any more.
    fn pulse(&mut self) -> io::Result<()> {
        execute!(self.tty.backend_mut(), cursor::Hide)
    }

    fn input(&mut self, event: &Event) -> Option<Effect> {
        let action = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => keymap::action(self.model.overlay, *key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Resize(width, height) => {
                self.model.size = Rect::new(0, 0, *width, *height);
                self.stale = Freshness::Stale;
                None
            }
            _ => None,
        }?;
        self.stale = Freshness::Stale;
        let effect = update(&mut self.model, &self.snapshot, action)?;
        if let Effect::Ask(command) = effect
            && self.commands.try_send(command).is_err()
        {
            self.model.say_busy();
        }
        Some(effect)
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Action> {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                match view::target(self.model.size, at, &self.model, &self.snapshot)? {
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
            Overlay::Kill(..) | Overlay::Broker(_) => menu,
            Overlay::Closed | Overlay::Remove(_) | Overlay::Help(_) | Overlay::Matrix => scroll,
        }
    }
}
