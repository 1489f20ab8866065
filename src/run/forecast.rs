//! The forecast: a simulation of the present settings, computed again and again beside the run, away from the screen's
//! thread, at most twice a second, and only while someone looks at it.

use crate::lab::{
    Command, Cue, CueWhen, End, FORESEEN_JOBS, Forecast, Foresight, Happening, Hold, LabTime, Meter, Over, Prospect,
    Script, Settings, Snapshot, WorkerId, WorkerRow,
};
use crate::sim;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Between two forecasts.
const PAUSE: Duration = Duration::from_millis(500);
/// How much longer than the real run until now the simulated one may last, in lab time.
const AHEAD: LabTime = LabTime(3_600_000_000);
/// Events after which a simulation is given up: some settings send the same jobs round and round.
const EVENTS: u32 = 2_000_000;

/// Someone who foresees. Ends with the lab.
pub(super) struct Forecaster {
    /// Whether it is wanted.
    pub(super) foresight: watch::Sender<Foresight>,
    /// What was foreseen last.
    pub(super) forecasts: watch::Receiver<Option<Arc<Forecast>>>,
}

impl Forecaster {
    /// For the lab of these pictures.
    pub(super) fn of(snapshots: watch::Receiver<Arc<Snapshot>>) -> Self {
        let foresight = watch::Sender::default();
        let (out, forecasts) = watch::channel(None);
        tokio::spawn(foresee(snapshots, foresight.subscribe(), out));
        Self { foresight, forecasts }
    }
}

async fn foresee(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    mut foresight: watch::Receiver<Foresight>,
    out: watch::Sender<Option<Arc<Forecast>>>,
) {
    while foresight.wait_for(|wish| *wish == Foresight::On).await.is_ok() {
        let now = snapshots.borrow_and_update().clone();
        if let Some(forecast) = forecast(&now, &mut snapshots).await {
            out.send_replace(Some(Arc::new(forecast)));
        }
        tokio::time::sleep(PAUSE).await;
        // What came during the simulation is news, too, though the simulation has looked at it: a lab that stands still
        // tells no more.
        let seen = Arc::ptr_eq(&now, &snapshots.borrow());
        if seen && snapshots.changed().await.is_err() {
            return;
        }
    }
}

/// A guest's speed is not known, and what it will do is its own affair.
fn own(now: &Snapshot) -> impl Iterator<Item = &WorkerRow> {
    now.workers.iter().filter(|worker| worker.guest.is_none())
}

/// One forecast; `None`: the settings changed meanwhile, or the lab ended.
async fn forecast(now: &Snapshot, snapshots: &mut watch::Receiver<Arc<Snapshot>>) -> Option<Forecast> {
    let published = now.books.published;
    if published > FORESEEN_JOBS {
        return Some(Forecast::TooMany(published));
    }
    let cancel = Arc::new(AtomicBool::new(false));
    let (run, stop) = (what(now), Arc::clone(&cancel));
    let (at, names) = (now.clock.now, own(now).map(|w| w.id).collect::<Vec<_>>());
    let mut simulated = tokio::task::spawn_blocking(move || simulate(&run, (at, published), &names, &stop));
    loop {
        tokio::select! {
            prospect = &mut simulated => return prospect.ok().flatten().map(Forecast::Of),
            changed = snapshots.changed() => {
                let other = changed.is_err() || snapshots.borrow().settings != now.settings;
                if other {
                    cancel.store(true, Ordering::Relaxed);
                    let _ = simulated.await;
                    return None;
                }
            }
        }
    }
}

/// As many jobs, at the rate, from the beginning on, with the present settings and the workers as they are.
fn what(now: &Snapshot) -> sim::Run {
    let settings = Settings {
        speeds: own(now).map(|worker| worker.speed).collect(),
        ..Settings::clone(&now.settings)
    };
    let cue = Cue {
        name: "".into(),
        when: CueWhen::At(LabTime(0)),
        hold: Hold::No,
        does: vec![Command::PublishAtRate(now.books.published)],
    };
    sim::Run {
        settings,
        version: now.broker.version.unwrap_or_default(),
        script: Arc::new(Script {
            cues: if now.books.published > 0 { vec![cue] } else { Vec::new() },
            end: End::Settled,
            limit: LabTime(now.clock.now.0.saturating_add(AHEAD.0)),
        }),
        telling: sim::Telling::Needed,
    }
}

/// `None`: it was cancelled.
fn simulate(
    run: &sim::Run,
    (at, published): (LabTime, u32),
    names: &[WorkerId],
    cancel: &AtomicBool,
) -> Option<Prospect> {
    let mut meter = Meter::of_all(&run.settings);
    let mut done = vec![0_u32; names.len()];
    let mut on_time = 0;
    let (events, enough) = (AtomicU32::new(0), AtomicBool::new(false));
    let ran = sim::run(
        run,
        &mut |event| {
            meter.note(event);
            match &event.what {
                Happening::Finished(worker, _) if event.lab <= at => {
                    let place = usize::from(worker.0.saturating_sub(1));
                    if let Some(count) = done.get_mut(place) {
                        *count += 1;
                    }
                }
                Happening::Published(..) if event.lab <= at => on_time += 1,
                _ => {}
            }
            let given_up = events.fetch_add(1, Ordering::Relaxed) > EVENTS;
            enough.store(given_up || cancel.load(Ordering::Relaxed), Ordering::Relaxed);
        },
        &enough,
    );
    if cancel.load(Ordering::Relaxed) {
        return None;
    }
    let measures = meter.measures(ran.snapshot.clock.now);
    Some(Prospect {
        at,
        published,
        on_time,
        done: names.iter().copied().zip(done).collect(),
        ends: (ran.over == Some(Over::Reached)).then_some(ran.snapshot.clock.now),
        wait_p95: measures.wait.map(|wait| wait.p95),
    })
}

#[cfg(test)]
mod tests;
