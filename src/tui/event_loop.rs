//! Waits for a key, a new picture, the end, or the moment when the picture changes by itself; then draws, at most
//! thirty times a second and only if something changed.

mod input;
mod ways;

use self::ways::{Asides, Outlets, Ways};
use super::action::Action;
use super::display::Held;
use super::facts::Facts;
use super::keymap::{self, Place};
use super::lesson::{self, Lessons};
use super::messages;
use super::model::{Model, Overlay, View};
use super::reports;
use super::rewind::{self, Tense};
use super::room::Motion;
use super::terminal::Tty;
use super::theme::{Theme, ThemeChoice};
use super::view;
use super::{Exit, Footage, ScreenOptions, Seat, room, words};
use crate::lab::{Elapsed, Snapshot, When};
use crossterm::event::{Event, EventStream};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{cursor, execute, queue};
use futures_util::StreamExt as _;
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
pub(super) struct Screen<'t> {
    tty: &'t mut Tty,
    theme: Theme,
    /// The theme asked for at the start.
    pub(super) begun_with: ThemeChoice,
    pub(super) model: Model,
    pub(super) facts: Facts,
    pub(super) outlets: Outlets,
    started: Instant,
    /// When the last frame was drawn.
    drawn: Instant,
    /// Whether the screen shows less than is known.
    stale: Freshness,
    /// How many frames in a row were slow.
    slow: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    Fresh,
    Stale,
}

/// Shows one lab on a terminal that is held; what is the room's is taken over from the lab before, and left to the next.
pub(super) async fn run(seat: Seat, held: &mut Held, options: ScreenOptions, kept: &mut Option<room::State>) -> Exit {
    let Ways {
        outlets,
        mut asides,
        mut snapshots,
        last_picture,
        broker_url,
        join_line,
        lessons,
        stop,
        footage,
        offered,
    } = Ways::of(seat);
    let Held { tty, input, .. } = held;
    if kept.is_some() && quits(input).await {
        return Exit::Quit;
    }
    let mut screen = Screen::new(tty, options, snapshots.borrow_and_update().clone(), outlets);
    (screen.facts.broker_url, screen.facts.join_line) = (broker_url, join_line);
    screen.begin(lessons, kept.take());
    screen.model.foresee.offered = offered;
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
        if lesson::observe(&mut screen.model, &screen.facts) {
            screen.stale = Freshness::Stale;
        }
        match wake {
            Wake::Stop => break Exit::Stopped,
            Wake::Picture(Err(_)) => break Exit::LabEnded,
            Wake::Input(None | Some(Err(_))) => break Exit::TerminalClosed,
            Wake::Input(Some(Ok(event))) => {
                if let Some(exit) = screen.input(&event).and_then(|effect| effect.exit()) {
                    break exit;
                }
            }
            Wake::Picture(Ok(())) | Wake::Aside | Wake::Time => {}
        }
        screen.look();
    };
    screen.leave(exit);
    reports::part(&screen, last_picture);
    *kept = Some(screen.model.room);
    exit
}

/// Forgets what was typed while there was nothing to see, so that nobody skips a story by an impatient Enter; a wish to
/// leave is heard.
async fn quits(input: &mut EventStream) -> bool {
    let place = Place {
        view: View::Lesson,
        overlay: Overlay::Closed,
        tense: Tense::Present,
    };
    loop {
        let event = tokio::select! {
            biased;
            event = input.next() => event,
            () = std::future::ready(()) => return false,
        };
        match event {
            Some(Ok(Event::Key(key))) if keymap::action(place, key) == Some(Action::Quit) => return true,
            Some(Ok(_)) => {}
            None | Some(Err(_)) => return false,
        }
    }
}

impl<'t> Screen<'t> {
    fn new(tty: &'t mut Tty, options: ScreenOptions, snapshot: Arc<Snapshot>, outlets: Outlets) -> Self {
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

    /// With what the room had before, and in front of a lesson or the list of them where that is asked for.
    fn begin(&mut self, lessons: Lessons, room: Option<room::State>) {
        if let Some(room) = room {
            self.model.room = room;
            self.dress();
        }
        if lessons.open.is_some() || lessons.begins_with_list {
            self.model.view = View::Lesson;
        }
        self.model.lesson = lesson::State::of(&lessons);
        self.facts.lessons = lessons;
    }

    /// Nothing more is looked at: what came with the last picture is told, and why nothing moves for a while.
    fn leave(&mut self, exit: Exit) {
        self.report();
        if let Exit::Lesson(wish) = exit {
            self.model.say(words::set_up(wish));
            // A terminal that is gone shows itself before the next lesson.
            let _ = self.draw();
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
        let outcome = asides.outcome.borrow_and_update().clone();
        if outcome.is_some() != self.facts.outcome.is_some() {
            self.stale = Freshness::Stale;
        }
        self.facts.outcome = outcome;
        let forecast = asides.forecast.borrow_and_update().clone();
        if forecast != self.facts.forecast {
            self.facts.forecast = forecast;
            self.stale = Freshness::Stale;
        }
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
        if let Some(told) = asides.report() {
            self.model.say(told.to_string());
            self.stale = Freshness::Stale;
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
        let moved = self.outlets.look(gaze, tap, self.model.foresee.shown);
        self.report();
        if moved {
            self.choose();
        }
    }

    /// Tells how the lesson goes; what could not be told is told later.
    fn report(&mut self) {
        for order in self.model.lesson.orders() {
            // A clock that runs on is no harm: nothing more is to happen.
            let _ = self.outlets.commands.try_send(order);
        }
        for news in self.model.lesson.news() {
            if let Err(mpsc::error::TrySendError::Full(news)) = self.outlets.lesson.try_send(news) {
                self.model.lesson.untold(news);
            }
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

    /// Wears the theme that was chosen.
    fn dress(&mut self) {
        let env = |name: &str| std::env::var(name).ok();
        self.theme = match self.model.room.theme {
            ThemeChoice::Auto => Theme::choose(self.begun_with, &env),
            chosen => Theme::wear(chosen, &env),
        };
    }
}
