//! The hub: the one task that owns the lab. It takes commands, reports, the embedded broker's decisions and the time;
//! it hands out what the lab asks for, and publishes pictures of it.
//!
//! Within a turn, decisions of the broker come before reports: the broker tells each before the delivery is written,
//! so the lab hears who was chosen before it hears that the job arrived.

use super::crew::Crew;
use super::embedded::{self, Window};
use super::guests::Guests;
use super::mark::Marks;
use super::pace::Pace;
use super::report::Report;
use super::teller::Teller;
use super::topology::Topology;
use crate::broker::dispatch::{QueueTotals, Trace};
use crate::broker::server::Traces;
use crate::lab::{Command, Elapsed, Happening, Input, Lab, Output, Seen, Snapshot};
use futures_util::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What one turn takes at most of each.
const BATCH: usize = 512;
/// More decisions than the broker keeps for its observer, so that one look finds all there are.
const TOLD_AT_ONCE: usize = 1 << 17;
/// How soon orders that did not fit are tried again.
const RETRY: Duration = Duration::from_millis(2);

/// The owner of the lab.
pub(super) struct Hub {
    pub(super) lab: Lab,
    pub(super) crew: Crew,
    pub(super) inlets: Inlets,
    pub(super) outlets: Outlets,
    pub(super) topology: Topology,
    pub(super) marks: Marks,
    /// The zero of all times.
    pub(super) started: Instant,
}

/// What comes in.
pub(super) struct Inlets {
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) window: Option<Window>,
    /// Decisions that the broker could not tell, as far as the lab has heard.
    pub(super) lost: u64,
    /// Who else is at the embedded broker.
    pub(super) guests: Guests,
}

/// What goes out, but for orders.
pub(super) struct Outlets {
    pub(super) snapshots: watch::Sender<Arc<Snapshot>>,
    /// For the monitor: grows while something happens.
    pub(super) activity: Arc<AtomicU64>,
    /// For whoever keeps the run's history.
    pub(super) events: Teller,
}

/// What woke the hub.
enum Wake {
    Cancelled,
    Command(Option<Command>),
    Reports,
    Traces,
    Totals,
    /// The embedded broker has ended, and all its decisions were read.
    TracesEnded,
    /// It has ended; there may be decisions yet.
    TotalsEnded,
    Time,
}

/// The buffers of a turn, kept for the next.
#[derive(Default)]
struct Desk {
    reports: Vec<Report>,
    traces: Vec<Trace>,
    /// Totals that were not looked at yet; waiting for a change of them takes note of it.
    totals: Totals,
    output: Vec<Output>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Totals {
    #[default]
    Old,
    New,
}

impl Inlets {
    fn traces_ended(&mut self) {
        if let Some(window) = &mut self.window {
            window.traces = None;
        }
    }

    fn totals_ended(&mut self) {
        if let Some(window) = &mut self.window {
            window.totals = None;
        }
    }
}

impl Hub {
    /// Runs until cancelled; what is left then is to end the crew.
    pub(super) async fn run(mut self, cancel: CancellationToken) -> Crew {
        let mut desk = Desk::default();
        self.lab.start(self.now(), &mut desk.output);
        self.hand_out(&mut desk);
        let mut pace = self.publish();
        loop {
            let due = self.next_turn(&pace);
            match self.wait(due, &mut desk, &cancel).await {
                Wake::Cancelled => {
                    std::mem::take(&mut self.outlets.events).leave();
                    return self.crew;
                }
                Wake::Command(Some(command)) => self.step(Input::Command(command), &mut desk),
                // Nobody can give commands any more, but the screen may still look.
                Wake::Command(None) => self.inlets.commands.close(),
                Wake::Totals => desk.totals = Totals::New,
                Wake::TracesEnded => self.inlets.traces_ended(),
                Wake::TotalsEnded => self.inlets.totals_ended(),
                Wake::Reports | Wake::Traces | Wake::Time => {}
            }
            self.turn(&mut desk);
            if pace.due(self.lab.version()).is_some_and(|due| due <= self.now()) {
                pace = self.publish();
            }
        }
    }

    async fn wait(&mut self, due: Option<Elapsed>, desk: &mut Desk, cancel: &CancellationToken) -> Wake {
        let at = due.map(|due| self.started + due.duration());
        if self.outlets.events.is_overdue() {
            return tokio::select! {
                () = cancel.cancelled() => Wake::Cancelled,
                () = self.outlets.events.catch_up() => Wake::Time,
            };
        }
        let Inlets {
            commands,
            reports,
            window,
            ..
        } = &mut self.inlets;
        let (traces, totals) = match window {
            Some(Window { traces, totals }) => (traces.as_mut(), totals.as_mut()),
            None => (None, None),
        };
        tokio::select! {
            () = cancel.cancelled() => Wake::Cancelled,
            command = commands.recv(), if !commands.is_closed() => Wake::Command(command),
            _ = reports.recv_many(&mut desk.reports, BATCH) => Wake::Reports,
            told = next_traces(traces, &mut desk.traces) => told,
            changed = next_totals(totals) => changed,
            () = sleep_until(at) => Wake::Time,
        }
    }

    /// All that has come by now, in order; then the time.
    fn turn(&mut self, desk: &mut Desk) {
        self.take_traces(desk);
        self.take_totals(desk);
        let reports = std::mem::take(&mut desk.reports);
        for report in reports {
            self.take_report(report, desk);
        }
        let now = self.now();
        if self.lab.next_due().is_some_and(|due| due <= now) {
            self.step(Input::Tick, desk);
        }
        self.crew.flush();
        self.outlets.events.flush();
        self.outlets.activity.store(self.lab.version(), Ordering::Relaxed);
    }

    /// All decisions that have been told by now; those that are told meanwhile are left for the next turn, lest the
    /// screen wait for a broker that decides as fast as the lab can hear.
    fn take_traces(&mut self, desk: &mut Desk) {
        if let Some(Window {
            traces: Some(traces), ..
        }) = &mut self.inlets.window
        {
            // Unconstrained: a spent budget of the task must not hide a decision whose delivery is on the desk.
            let _ = tokio::task::coop::unconstrained(traces.recv_many(&mut desk.traces, TOLD_AT_ONCE)).now_or_never();
            let lost = traces.lost();
            if lost > self.inlets.lost {
                let count = lost - std::mem::replace(&mut self.inlets.lost, lost);
                self.step(Input::Seen(Seen::DecisionsLost(count)), desk);
            }
        }
        for trace in std::mem::take(&mut desk.traces) {
            if let Some(seen) = self.inlets.guests.hear(&self.marks, &self.topology, &trace) {
                self.step(Input::Seen(seen), desk);
            }
        }
    }

    fn take_totals(&mut self, desk: &mut Desk) {
        let new = std::mem::take(&mut desk.totals) == Totals::New;
        let totals = self.inlets.window.as_mut().and_then(|window| window.totals.as_mut());
        let totals: Option<Arc<[QueueTotals]>> = totals
            .filter(|totals| new || totals.has_changed().unwrap_or(false))
            .map(|totals| Arc::clone(&totals.borrow_and_update()));
        if let Some(totals) = totals {
            let says = self
                .inlets
                .guests
                .without_strangers(embedded::says(&self.topology, &totals));
            self.step(Input::Seen(Seen::Broker(says)), desk);
        }
    }

    fn take_report(&mut self, report: Report, desk: &mut Desk) {
        match report {
            Report::Seen(seen @ Seen::ProducerDown(_)) => {
                self.step(Input::Seen(seen), desk);
                for seen in self.crew.producer_down() {
                    self.step(Input::Seen(seen), desk);
                }
            }
            Report::Seen(seen) => self.step(Input::Seen(seen), desk),
            Report::Many(many) => many.into_iter().for_each(|seen| self.step(Input::Seen(seen), desk)),
            Report::Window(window) => {
                // The broker before has ended, so that what it told last is there.
                self.take_traces(desk);
                self.inlets.window = Some(*window);
                self.inlets.lost = 0;
                self.inlets.guests.forget();
            }
            Report::ResetDone => {
                self.crew.reset_done();
                self.inlets.guests.next_round();
                self.step(Input::Seen(Seen::ResetDone), desk);
            }
        }
    }

    fn step(&mut self, input: Input, desk: &mut Desk) {
        let now = self.now();
        self.lab.handle(now, input, &mut desk.output);
        self.hand_out(desk);
    }

    fn hand_out(&mut self, desk: &mut Desk) {
        for output in desk.output.drain(..) {
            match output {
                Output::Ask(ask) => self.crew.carry_out(ask),
                Output::Event(event) => {
                    if let Happening::Removed(id) = event.what {
                        self.crew.dismiss(id);
                    }
                    self.outlets.events.tell(event);
                }
            }
        }
    }

    fn publish(&self) -> Pace {
        let (now, version) = (self.now(), self.lab.version());
        let snapshot = self.lab.snapshot(now);
        let pace = Pace::published(now, version, &snapshot);
        self.outlets.snapshots.send_replace(Arc::new(snapshot));
        pace
    }

    fn next_turn(&mut self, pace: &Pace) -> Option<Elapsed> {
        let all_given = self.crew.flush() & self.outlets.events.flush();
        let retry = if all_given {
            None
        } else {
            Some(Elapsed::from(self.now().duration() + RETRY))
        };
        [self.lab.next_due(), pace.due(self.lab.version()), retry]
            .into_iter()
            .flatten()
            .min()
    }

    fn now(&self) -> Elapsed {
        Elapsed::from(self.started.elapsed())
    }
}

async fn next_traces(traces: Option<&mut Traces>, buffer: &mut Vec<Trace>) -> Wake {
    let Some(traces) = traces else {
        return std::future::pending().await;
    };
    match traces.recv_many(buffer, BATCH).await {
        0 => Wake::TracesEnded,
        _ => Wake::Traces,
    }
}

async fn next_totals(totals: Option<&mut watch::Receiver<Arc<[QueueTotals]>>>) -> Wake {
    let Some(totals) = totals else {
        return std::future::pending().await;
    };
    match totals.changed().await {
        Ok(()) => Wake::Totals,
        Err(_ended) => Wake::TotalsEnded,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
