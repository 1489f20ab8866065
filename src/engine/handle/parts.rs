//! What an engine is put together from.

use super::{COMMANDS, Engine};
use crate::engine::crew::Crew;
use crate::engine::embedded;
use crate::engine::guests::Guests;
use crate::engine::hub::{Hub, Inlets, Outlets};
use crate::engine::left::Leaving;
use crate::engine::mark::{Marks, Run};
use crate::engine::report::{Outbox, REPORTS, Report};
use crate::engine::tap::{Hearing, Taps};
use crate::engine::task::Owned;
use crate::engine::teller::Teller;
use crate::lab::{BrokerRow, Elapsed, Event, Lab, Script, Seen, Settings};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What every engine has, made before its broker is known.
pub(super) struct Parts {
    pub(super) marks: Marks,
    pub(super) reports: mpsc::Sender<Report>,
    pub(super) inlet: mpsc::Receiver<Report>,
    pub(super) broker_back: Arc<Notify>,
    pub(super) activity: Arc<AtomicU64>,
    pub(super) events: Teller,
    pub(super) taps: Taps,
    pub(super) hearing: Hearing,
    pub(super) script: Option<Arc<Script>>,
}

/// What depends on the broker.
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) row: BrokerRow,
    pub(super) leaving: Leaving,
    pub(super) watch: Owned,
    pub(super) broker: Option<Outbox<embedded::Order>>,
    pub(super) window: Option<embedded::Window>,
    pub(super) join_line: Option<String>,
}

impl Parts {
    pub(super) fn new(listener: mpsc::Sender<Vec<Event>>, script: Option<Arc<Script>>) -> Self {
        let (reports, inlet) = mpsc::channel(REPORTS);
        let (taps, hearing) = Taps::new();
        Self {
            marks: Marks::new(Run::random()),
            reports,
            inlet,
            broker_back: Arc::default(),
            activity: Arc::default(),
            events: Teller::new(Some(listener)),
            taps,
            hearing,
            script,
        }
    }

    pub(super) fn assemble(self, setup: Setup) -> Engine {
        let Setup {
            settings,
            row,
            leaving,
            watch,
            broker,
            window,
            join_line,
        } = setup;
        let topology = &leaving.topology;
        let mut crew = Crew::new(
            topology.clone(),
            self.marks.clone(),
            self.reports,
            self.broker_back,
            settings.confirms,
        );
        crew.set_watch(watch, broker);
        let (commands, command_inlet) = mpsc::channel(COMMANDS);
        let started = Instant::now();
        let beginning = (settings.clone(), row.clone());
        let lab = Lab::with_script(settings, row, self.script);
        let (snapshot_outlet, snapshots) = watch::channel(Arc::new(lab.snapshot(Elapsed(0))));
        let hub = Hub {
            lab,
            crew,
            inlets: Inlets {
                commands: command_inlet,
                reports: self.inlet,
                window,
                lost: 0,
                guests: Guests::default(),
            },
            outlets: Outlets {
                snapshots: snapshot_outlet,
                activity: self.activity,
                events: self.events,
            },
            topology: topology.clone(),
            marks: self.marks,
            started,
        };
        let cancel = CancellationToken::new();
        let hub = tokio::spawn(run(hub, cancel.clone(), leaving.clone()));
        let listening = self
            .hearing
            .listen(started, topology.access().url(), cancel.child_token());
        Engine {
            commands,
            snapshots,
            beginning,
            listening,
            leaving,
            join_line,
            cancel: cancel.drop_guard(),
            hub,
        }
    }
}

async fn run(hub: Hub, cancel: CancellationToken, leaving: Leaving) -> Result<(), String> {
    let crew = hub.run(cancel).await;
    let mut result = Ok(());
    crew.end(async || result = leaving.farewell().await).await;
    result
}

/// Who watches over the broker; a panic there means that nobody does any more.
pub(super) fn watched(
    parts: &Parts,
    cancel: CancellationToken,
    watch: impl Future<Output = ()> + Send + 'static,
) -> Owned {
    let reports = parts.reports.clone();
    Owned::spawn(cancel, watch, async move |why| {
        let _ = reports.send(Report::Seen(Seen::BrokerDown(why))).await;
    })
}
