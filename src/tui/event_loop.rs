//! Waits for a key, a new picture, the end, or the moment when the picture changes by itself; then draws, at most
//! thirty times a second and only if something changed.

use super::action::Action;
use super::facts::Facts;
use super::keymap;
use super::messages;
use super::model::{Model, Overlay};
use super::outside;
use super::rewind;
use super::room::Motion;
use super::terminal::{self, Told, Tty};
use super::theme::{Theme, ThemeChoice};
use super::update::{Effect, update};
use super::view::{self, Target};
use super::{Exit, Footage, ScreenError, ScreenOptions, Seat, words};
use crate::lab::{Command, Contest, ContestOrder, Elapsed, Frames, Gaze, Sight, Snapshot, Tap, When};
use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
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
/// The shortest time between two frames in which only a job on its way has moved.
const STEP: Duration = Duration::from_millis(50);
/// A frame that takes longer is a slow one, and after so many of them in a row jobs move no more.
const SLOW: (Duration, u8) = (Duration::from_millis(50), 3);
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
    /// The theme asked for at the start.
    begun_with: ThemeChoice,
    model: Model,
    facts: Facts,
    outlets: Outlets,
    started: Instant,
    /// When the last frame was drawn.
    drawn: Instant,
    /// Whether the screen shows less than is known.
    stale: Freshness,
    /// How many frames in a row were slow.
    slow: u8,
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
        std::future::pending::<()>().await;
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
        join_line,
        stop,
        footage,
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
    let mut screen = Screen::new(tty, options, snapshots.borrow_and_update().clone(), outlets);
    (screen.facts.broker_url, screen.facts.join_line) = (broker_url, join_line);
    if let Footage::Recording(ending) = footage {
        screen.model.rewind = rewind::State::of_recording(ending);
    }
    screen.observe_asides(&mut asides);
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
        rewind::settle(&mut screen.model, &screen.facts);
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
    fn new(tty: Tty, options: ScreenOptions, snapshot: Arc<Snapshot>, outlets: Outlets) -> Self {
        let now = Instant::now();
        let mut model = Model::new(&snapshot);
        (model.room.motion, model.room.trace) = (options.motion, options.trace);
        if let Ok(size) = tty.size() {
            model.size = size.into();
        }
        let drawn = now.checked_sub(FRAME).unwrap_or(now);
        Self {
            tty,
            theme: Theme::choose(options.theme, &|name| std::env::var(name).ok()),
            begun_with: options.theme,
            model,
            facts: Facts::of(snapshot),
            outlets,
            started: now,
            drawn,
            stale: Freshness::Stale,
            slow: 0,
        }
    }

    /// Real time passed.
    fn tick(&mut self) {
        let changed = self.model.tick(Elapsed::from(self.started.elapsed()));
        if changed || (self.drawn.elapsed() >= STEP && self.is_moving()) {
            self.stale = Freshness::Stale;
        }
    }

    /// Whether a job is seen on its way; once more after it has arrived.
    fn is_moving(&self) -> bool {
        let until = view::moving_until(&self.model, &self.facts);
        let now = self.model.travel_now(&self.facts);
        let step = u64::try_from(STEP.as_micros()).unwrap_or(0);
        until.zip(now).is_some_and(|(until, now)| now.0 < until.0 + step)
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
        self.facts.contest.clone_from(&asides.contest.borrow_and_update());
        self.facts.frames = asides.frames.borrow_and_update().clone();
        let after = (
            Arc::as_ptr(&self.facts.sight),
            self.facts.contest.as_ref().map(Arc::as_ptr),
            Arc::as_ptr(&self.facts.frames),
        );
        if before.0 != after.0 {
            messages::observe(&mut self.model, &self.facts.sight);
        }
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
        let pulse = self.drawn + if self.is_moving() { STEP } else { PULSE };
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
        let began = Instant::now();
        let (model, facts, theme) = (&self.model, &self.facts, &self.theme);
        self.tty.draw(|frame| view::render(frame, model, facts, theme))?;
        execute!(self.tty.backend_mut(), EndSynchronizedUpdate)?;
        self.judge(began.elapsed());
        Ok(())
    }

    /// A terminal that is slow gets still pictures, and is told so once.
    fn judge(&mut self, took: Duration) {
        self.slow = if took > SLOW.0 { self.slow + 1 } else { 0 };
        if self.slow >= SLOW.1 && self.model.room.motion == Motion::Shown {
            self.model.room.motion = Motion::Still;
            self.model.say(words::SLOW_TERMINAL);
        }
        self.slow = self.slow.min(SLOW.1);
    }

    /// A harmless write that fails when nobody holds the other end any more.
    fn pulse(&mut self) -> io::Result<()> {
        execute!(self.tty.backend_mut(), cursor::Hide)
    }

    fn input(&mut self, event: &Event) -> Option<Effect> {
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
        let dressed = self.model.room.theme;
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
            Effect::Quit => true,
        };
        if !sent {
            self.model.say_busy();
        }
        Some(effect)
    }

    /// Wears the theme that was chosen.
    fn dress(&mut self) {
        let env = |name: &str| std::env::var(name).ok();
        self.theme = match self.model.room.theme {
            ThemeChoice::Auto => Theme::choose(self.begun_with, &env),
            chosen => Theme::wear(chosen, &env),
        };
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
