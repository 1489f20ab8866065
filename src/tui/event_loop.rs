//! Waits for a key, a new picture, the end, or the moment when the picture changes by itself; then draws, at most
//! thirty times a second and only if something changed.

use super::action::Action;
use super::facts::Facts;
use super::keymap;
use super::model::{Model, Overlay};
use super::outside;
use super::terminal::{self, Told, Tty};
use super::theme::Theme;
use super::update::{Effect, update};
use super::view::{self, Target};
use super::{Exit, ScreenError, ScreenOptions, Seat};
use crate::lab::{Command, Contest, ContestOrder, Elapsed, Frames, Gaze, Sight, Snapshot, Tap, When};
use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{cursor, execute, queue};
use futures_util::StreamExt as _;
use ratatui::layout::{Position, Rect};
use std::io;
use std::path::Path;
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
    Aside,
    Time,
}

/// The screen while it is shown.
struct Screen {
    tty: Tty,
    theme: Theme,
    model: Model,
    facts: Facts,
    outlets: Outlets,
    started: Instant,
    /// When the last frame was drawn.
    drawn: Instant,
    /// Whether the screen shows less than is known.
    stale: Freshness,
}

/// Where the screen's wishes go.
struct Outlets {
    commands: mpsc::Sender<Command>,
    gaze: watch::Sender<Gaze>,
    contests: mpsc::Sender<ContestOrder>,
    tap: watch::Sender<Tap>,
}

/// What is told besides the lab's own pictures.
struct Asides {
    sights: watch::Receiver<Arc<Sight>>,
    contest: watch::Receiver<Option<Arc<Contest>>>,
    frames: watch::Receiver<Arc<Frames>>,
}

impl Asides {
    /// Waits for news; for ever where nobody tells any more.
    async fn changed(&mut self) {
        tokio::select! {
            () = told(&mut self.sights) => {}
            () = told(&mut self.contest) => {}
            () = told(&mut self.frames) => {}
        }
    }
}

async fn told<T>(news: &mut watch::Receiver<T>) {
    if news.changed().await.is_err() {
        std::future::pending().await
    }
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
        gaze,
        sights,
        contests,
        contest,
        tap,
        frames,
        broker_url,
        stop,
    } = seat;
    let outlets = Outlets {
        commands,
        gaze,
        contests,
        tap,
    };
    let mut asides = Asides {
        sights,
        contest,
        frames,
    };
    let (tty, guard) = terminal::enter(options.mouse)?;
    let mut input = EventStream::new();
    let snapshot = snapshots.borrow_and_update().clone();
    let theme = Theme::choose(options.theme, &|name| std::env::var(name).ok());
    let mut screen = Screen::new(tty, theme, snapshot, outlets);
    screen.facts.broker_url = broker_url;
    let exit = loop {
        if let Some(exit) = screen.draw_if_due() {
            break exit;
        }
        let wake = tokio::select! {
            biased;
            () = stop.cancelled() => Wake::Stop,
            event = input.next() => Wake::Input(event),
            () = asides.changed(), if screen.stale == Freshness::Fresh => Wake::Aside,
            changed = snapshots.changed(), if screen.stale == Freshness::Fresh => Wake::Picture(changed),
            () = sleep_until(screen.next_due()) => Wake::Time,
        };
        screen.tick();
        if screen.stale == Freshness::Stale || !matches!(wake, Wake::Time | Wake::Stop) {
            screen.observe(snapshots.borrow_and_update().clone());
            screen.observe_asides(&mut asides);
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
            Wake::Picture(Ok(())) | Wake::Aside | Wake::Time => {}
        }
        screen.look();
    };
    match (exit, terminal::release(guard)) {
        (Exit::LabEnded, Told::Panics) => Err(ScreenError::Panicked),
        (exit, _) => Ok(exit),
    }
}

impl Screen {
    fn new(tty: Tty, theme: Theme, snapshot: Arc<Snapshot>, outlets: Outlets) -> Self {
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
            facts: Facts::of(snapshot),
            outlets,
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

    /// The newest picture of the present.
    fn observe(&mut self, snapshot: Arc<Snapshot>) {
        if !Arc::ptr_eq(&self.facts.live, &snapshot) {
            self.model.observe(&self.facts.live, &snapshot);
            self.facts.live = snapshot;
            self.choose();
        }
    }

    /// The newest of all else.
    fn observe_asides(&mut self, asides: &mut Asides) {
        let before = (
            Arc::as_ptr(&self.facts.sight),
            self.facts.contest.as_ref().map(Arc::as_ptr),
            Arc::as_ptr(&self.facts.frames),
        );
        self.facts.sight = asides.sights.borrow_and_update().clone();
        self.facts.contest = asides.contest.borrow_and_update().clone();
        self.facts.frames = asides.frames.borrow_and_update().clone();
        let after = (
            Arc::as_ptr(&self.facts.sight),
            self.facts.contest.as_ref().map(Arc::as_ptr),
            Arc::as_ptr(&self.facts.frames),
        );
        if before != after {
            self.choose();
        }
    }

    /// The picture that is shown: the past, where it is looked at and known, else the present.
    fn choose(&mut self) {
        let past = self.facts.sight.past.as_ref();
        let past = past.filter(|_| self.model.gaze().when != When::Now);
        self.facts.snapshot = Arc::clone(past.unwrap_or(&self.facts.live));
        self.stale = Freshness::Stale;
    }

    /// Tells what is looked at and listened to, where that changed.
    fn look(&mut self) {
        let (gaze, tap) = (self.model.gaze(), self.model.tap());
        let moved = self.outlets.gaze.send_if_modified(|before| {
            let moved = *before != gaze;
            *before = gaze;
            moved
        });
        self.outlets
            .tap
            .send_if_modified(|before| std::mem::replace(before, tap) != tap);
        if moved {
            self.choose();
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
        let (model, facts, theme) = (&self.model, &self.facts, &self.theme);
        self.tty.draw(|frame| view::render(frame, model, facts, theme))?;
        execute!(self.tty.backend_mut(), EndSynchronizedUpdate)
    }

    /// A harmless write that fails when nobody holds the other end any more.
    fn pulse(&mut self) -> io::Result<()> {
        execute!(self.tty.backend_mut(), cursor::Hide)
    }

    fn input(&mut self, event: &Event) -> Option<Effect> {
        let action = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => keymap::action(self.model.place(), *key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Resize(width, height) => {
                self.model.size = Rect::new(0, 0, *width, *height);
                self.stale = Freshness::Stale;
                None
            }
            _ => None,
        }?;
        self.stale = Freshness::Stale;
        let effect = update(&mut self.model, &self.facts, action)?;
        let sent = match &effect {
            Effect::Ask(command) => self.outlets.commands.try_send(*command).is_ok(),
            Effect::Contest(order) => self.outlets.contests.try_send(order.clone()).is_ok(),
            Effect::Copy { what, text } => {
                let said = outside::copy(self.tty.backend_mut(), what, text);
                self.model.say(said);
                true
            }
            Effect::Save(files) => {
                self.model.say(outside::save(Path::new("."), files));
                true
            }
            Effect::Quit => true,
        };
        if !sent {
            self.model.say_busy();
        }
        Some(effect)
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Action> {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                match view::target(self.model.size, at, &self.model, &self.facts.snapshot)? {
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
