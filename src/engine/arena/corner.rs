//! One side of a comparison: an engine, its pictures, and the fold over what happens in it.

use super::super::handle::{Engine, Options};
use super::super::left::LeftBehind;
use super::super::probe::StartError;
use super::bout::real_time;
use crate::lab::{Blow, BlowKind, Command, Contestant, Event, LabTime, Meter, Pace, Producing, Snapshot, WorkerState};
use std::cmp::Reverse;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Batches of events on their way; when it is full, the engine keeps them and gives them later as one.
const BATCHES: usize = 64;

pub(super) struct Corner {
    engine: Engine,
    commands: mpsc::Sender<Command>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    events: mpsc::Receiver<Vec<Event>>,
    meter: Meter,
    /// What is still to be done to its workers, the next last.
    blows: Vec<Blow>,
    /// When the picture came that was looked at last.
    looked: Instant,
}

impl Corner {
    /// A lab with nothing published, its clock about to be stopped.
    pub(super) async fn enter(options: Options, blows: &[Blow]) -> Result<Self, StartError> {
        let mut blows = blows.to_vec();
        blows.sort_by_key(|blow| Reverse(blow.at));
        let (listener, events) = mpsc::channel(BATCHES);
        let meter = Meter::new(&options.settings);
        let engine = Box::pin(Engine::start_recorded(options, listener)).await?;
        let corner = Self {
            commands: engine.commands(),
            snapshots: engine.snapshots(),
            engine,
            events,
            meter,
            blows,
            looked: Instant::now(),
        };
        corner.ask(Command::Pause).await;
        corner.ask(Command::Produce(Producing::Held)).await;
        Ok(corner)
    }

    /// A command that finds the engine gone is void: its pictures will tell.
    pub(super) async fn ask(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }

    /// Until all consume and the clock stands at zero; a clock that ran before it was stopped is put back.
    pub(super) async fn be_ready(&mut self) -> Result<(), watch::error::RecvError> {
        self.snapshots.wait_for(|picture| is_complete(picture)).await?;
        if !is_untouched(&self.snapshots.borrow()) {
            self.ask(Command::Reset).await;
            let ready = |picture: &Arc<Snapshot>| is_complete(picture) && is_untouched(picture);
            self.snapshots.wait_for(ready).await?;
        }
        Ok(())
    }

    /// Waits for a new picture; what happens meanwhile is folded.
    pub(super) async fn changed(&mut self) {
        loop {
            tokio::select! {
                changed = self.snapshots.changed() => match changed {
                    Ok(()) => {
                        self.looked = Instant::now();
                        return;
                    }
                    // The engine is gone; what is left is the time limit.
                    Err(_) => std::future::pending().await,
                },
                Some(batch) = self.events.recv() => self.note(&batch),
            }
        }
    }

    /// Brings a side of the comparison up to date. A picture is not newer than what was told before it.
    pub(super) fn look(&mut self, side: &mut Contestant) {
        if self.snapshots.has_changed().unwrap_or(false) {
            self.looked = Instant::now();
        }
        let picture = self.snapshots.borrow_and_update().clone();
        while let Ok(batch) = self.events.try_recv() {
            self.note(&batch);
        }
        side.measures = self.meter.measures(picture.clock.now);
        side.snapshot = picture;
    }

    /// When this side's own clock shows the time of its next blow, going by its latest picture: sides that began apart,
    /// or that a busy machine holds up, are struck at the same lab time.
    pub(super) fn next_blow(&self) -> Option<Instant> {
        self.blows.last().and_then(|blow| self.when(blow.at))
    }

    /// Does to its workers what is due by now.
    pub(super) async fn strike(&mut self, now: Instant) {
        while let Some(blow) = self.blows.last().copied()
            && self.when(blow.at).is_some_and(|due| due <= now)
        {
            self.blows.pop();
            self.ask(match blow.what {
                BlowKind::Kill(kind) => Command::Kill(blow.worker, kind),
                BlowKind::Revive => Command::Revive(blow.worker),
            })
            .await;
        }
    }

    /// `None`: the clock stands.
    fn when(&self, lab: LabTime) -> Option<Instant> {
        let picture = self.snapshots.borrow();
        let ahead = LabTime(lab.0.saturating_sub(picture.clock.now.0));
        (picture.clock.pace == Pace::Running).then(|| self.looked + real_time(ahead, picture.settings.scale))
    }

    pub(super) async fn leave(self) -> Result<(), LeftBehind> {
        // Whoever listened is gone first, so that the engine waits for nobody.
        drop(self.events);
        self.engine.shutdown().await
    }

    fn note(&mut self, batch: &[Event]) {
        for event in batch {
            self.meter.note(event);
        }
    }
}

fn is_complete(picture: &Snapshot) -> bool {
    let consumes = |state: &WorkerState| *state == WorkerState::Consuming;
    picture.clock.pace == Pace::Paused
        && picture.producer.producing == Producing::Held
        && picture.producer.connected
        && picture.workers.iter().all(|worker| consumes(&worker.state))
}

fn is_untouched(picture: &Snapshot) -> bool {
    picture.clock.now == LabTime(0) && picture.books.published == 0
}
