//! `lesson`: one opened on the screen, or a new one begun. Lessons are played one after another, each on a lab of its own,
//! before the same person.

mod desk;

pub(super) use desk::{BadFile, Desk};

use super::person::{Person, Shown};
use super::report::Clerk;
use super::scenario::no_ctl;
use super::{USAGE, about, log_to, on_a_terminal, progress, runtime, target, template};
use crate::cli::{LessonArgs, LessonMake};
use crate::engine::{Arena, Engine, Options, Target};
use crate::lab::{Command, Event, Producing, Settings, Version};
use crate::recording::{self, Historian, Run};
use crate::report::Played;
use crate::scenario::{Outcome, Scenario, Tally, staged};
use crate::tui::{LessonWish, Lessons, Seat};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub(super) fn lesson(args: &LessonArgs) -> Result<u8> {
    match &args.make {
        Some(LessonMake::New { file }) => template::write(file),
        None => open(args),
    }
}

fn open(args: &LessonArgs) -> Result<u8> {
    // What is wrong with a file is told on any terminal, and on none.
    let (desk, first) = Desk::at(args)?;
    let opened = desk.opened(&first).filter(|lesson| lesson.ends_broker());
    if let Some(lesson) = opened
        && args.url.is_some()
        && args.broker_ctl.is_none()
    {
        progress::say(format_args!("{}", no_ctl(&lesson.name)));
        return Ok(USAGE);
    }
    if !on_a_terminal() {
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let target = target(args.url.as_ref(), args.tls_ca.as_ref(), args.broker_ctl.as_ref())?;
    let runtime = runtime()?;
    let status = runtime.block_on(async {
        let mut person = Person::at(args.screen);
        let shown = from(&mut person, desk, first, &target).await;
        person.leave(shown).await
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    status
}

/// What is opened first.
#[derive(Clone, Debug)]
pub(super) enum First {
    /// The list.
    List,
    /// A lesson of the shelf, by its place.
    Row(u16),
    /// One that is not there.
    File(Arc<Scenario>),
}

/// Lessons one after another, until she leaves.
pub(super) async fn from(person: &mut Person, mut desk: Desk, first: First, target: &Target) -> Result<Shown> {
    let mut now = first;
    loop {
        match play(person, &mut desk, &now, target).await? {
            Shown::Lesson(LessonWish::Again) => {}
            Shown::Lesson(LessonWish::Row(row)) => now = First::Row(row),
            left @ Shown::Left(_) => return Ok(left),
        }
    }
}

/// What a lab came to, while it is shown.
struct Stage {
    engine: Engine,
    historian: Historian,
    arena: Arena,
    outcome: watch::Receiver<Option<Arc<Outcome>>>,
    /// Who counts; ends with the engine.
    counter: JoinHandle<()>,
}

/// One lesson, or the list before a lab at rest.
async fn play(person: &mut Person, desk: &mut Desk, now: &First, target: &Target) -> Result<Shown> {
    let lesson = desk.opened(now);
    let stage = set(lesson.clone(), target).await?;
    // Whatever is told is written at once; a lesson has a handful of news.
    let (news, mut told) = mpsc::channel(16);
    let row = match now {
        First::Row(row) => Some(*row),
        First::List | First::File(_) => None,
    };
    if let Some(lesson) = &lesson {
        desk.begin(lesson);
    }
    let lessons = Lessons {
        begins_with_list: lesson.is_none(),
        ..desk.lessons(row, lesson.clone())
    };
    let (clerk, reports) = Clerk::open(stage.historian.inquirer(), about(Played::Live).by(desk.learner()));
    let seat = Seat::bare(stage.engine.commands(), stage.engine.snapshots(), person.stop())
        .with_history(stage.historian.gaze(), stage.historian.sights())
        .with_contests(stage.arena.orders(), stage.arena.contests())
        .with_frames(stage.engine.tap(), stage.engine.frames())
        .with_reports(reports)
        .with_broker_url(stage.engine.url_for_programs())
        .with_lessons(lessons, stage.outcome.clone(), news);
    let show = person.show(seat);
    tokio::pin!(show);
    let shown = loop {
        tokio::select! {
            shown = &mut show => break shown,
            Some(news) = told.recv() => {
                if let Some(lesson) = &lesson {
                    desk.note(lesson, news);
                }
            }
        }
    };
    while let (Ok(news), Some(lesson)) = (told.try_recv(), &lesson) {
        desk.note(lesson, news);
    }
    clerk.close(None).await?;
    let Stage {
        engine,
        historian,
        arena,
        counter,
        ..
    } = stage;
    let (compared, ran) = tokio::join!(arena.close(), engine.shutdown());
    let counted = counter.await;
    historian.end().await?;
    compared.and(ran)?;
    counted.context("the lesson's run was not counted to its end")?;
    shown
}

/// A lab with the lesson's settings and script, and someone who counts what it comes to.
async fn set(lesson: Option<Arc<Scenario>>, target: &Target) -> Result<Stage> {
    let (teller, told) = recording::told();
    let (onward, events) = recording::told();
    let options = Options {
        target: target.clone(),
        settings: lesson.as_ref().map_or_else(Settings::default, |l| l.settings.clone()),
        version: lesson.as_ref().map_or_else(Version::default, |l| l.version),
        script: lesson.as_deref().map(|lesson| Arc::new(staged(lesson))),
    };
    let at_rest = options.script.is_none();
    let engine = Engine::start_recorded(options, teller).await?;
    if at_rest {
        // The lab behind a list of lessons waits for one. The inbox is empty: it has room.
        let _ = engine.commands().try_send(Command::Produce(Producing::Held));
    }
    let outcome = watch::Sender::new(None);
    let known = outcome.subscribe();
    let (settings, broker) = engine.beginning();
    let otherwise = lesson.as_ref().map_or_else(Version::default, |lesson| lesson.version);
    let version = broker.likeness().unwrap_or(otherwise);
    let counter = tokio::spawn(count(lesson, (settings, version), (told, onward), outcome));
    let run = Run {
        beginning: engine.beginning(),
        events,
        present: engine.snapshots(),
    };
    Ok(Stage {
        historian: Historian::of_run(run, None),
        arena: Arena::open(target.clone()),
        engine,
        outcome: known,
        counter,
    })
}

/// Counts what happens and hands it on. It waits only for the historian, which waits for nobody; ends with the engine.
async fn count(
    lesson: Option<Arc<Scenario>>,
    (settings, version): (Settings, Version),
    (mut told, onward): (mpsc::Receiver<Vec<Event>>, mpsc::Sender<Vec<Event>>),
    outcome: watch::Sender<Option<Arc<Outcome>>>,
) {
    let mut tally = Tally::new(&settings);
    while let Some(batch) = told.recv().await {
        for event in &batch {
            tally.note(event);
        }
        let over = tally.over().is_some();
        outcome.send_if_modified(|known| {
            let changes = known.is_some() != over;
            if changes {
                *known = over.then(|| {
                    let mut outcome = tally.outcome();
                    if let Some(lesson) = &lesson {
                        lesson.judge(&mut outcome, version);
                    }
                    Arc::new(outcome)
                });
            }
            changes
        });
        // Where the historian has ended there is nobody to tell.
        let _ = onward.send(batch).await;
    }
}
