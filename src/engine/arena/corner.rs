//! One side of a comparison: an engine, its pictures, and the fold over what happens in it.

use super::super::handle::{Engine, LeftBehind, Options};
use super::super::probe::StartError;
use crate::lab::{Command, Contestant, Event, LabTime, Meter, Pace, Producing, Snapshot, WorkerState};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// Batches of events on their way; when it is full, the engine keeps them and gives them later as one.
const BATCHES: usize = 64;

pub(super) struct Corner {
    engine: Engine,
    commands: mpsc::Sender<Command>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    events: mpsc::Receiver<Vec<Event>>,
    meter: Meter,
}

impl Corner {
    /// A lab with nothing published, its clock about to be stopped.
    pub(super) async fn enter(options: Options) -> Result<Self, StartError> {
        let (listener, events) = mpsc::channel(BATCHES);
        let meter = Meter::new(&options.settings);
        let engine = Box::pin(Engine::start_recorded(options, listener)).await?;
        let corner = Self {
            commands: engine.commands(),
            snapshots: engine.snapshots(),
            engine,
            events,
            meter,
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
                    Ok(()) => return,
                    // The engine is gone; what is left is the time limit.
                    Err(_) => std::future::pending().await,
                },
                Some(batch) = self.events.recv() => self.note(&batch),
            }
        }
    }

    /// Brings a side of the comparison up to date. A picture is not newer than what was told before it.
    pub(super) fn look(&mut self, side: &mut Contestant) {
        let picture = self.snapshots.borrow_and_update().clone();
        while let Ok(batch) = self.events.try_recv() {
            self.note(&batch);
        }
        side.measures = self.meter.measures(picture.clock.now);
        side.snapshot = picture;
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
