//! A scenario on a real broker, in real time.

use super::Ran;
use super::progress::Progress;
use crate::engine::{Engine, Options, Target};
use crate::lab::{BrokerCommand, BrokerRow, Event, Happening};
use crate::run::report::{Keeper, Keeping};
use crate::scenario::{Outcome, Scenario, Tally};
use anyhow::Result;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Where a scenario runs.
#[derive(Debug)]
pub(super) enum Place {
    /// Nowhere.
    Simulation,
    Broker(Target),
}

/// Batches of events on their way to the tally; when it is full, the engine keeps them back, and loses none.
const BATCHES: usize = 64;

/// The outcome, and the version of the broker as far as it matters; `None`: a signal came first.
pub(super) async fn run(
    scenario: &Scenario,
    target: &Target,
    progress: &Progress,
    (stop, keeping): (&CancellationToken, Keeping),
) -> Result<Option<Ran>> {
    let (teller, events) = mpsc::channel(BATCHES);
    let options = Options {
        target: target.clone(),
        settings: scenario.settings.clone(),
        version: scenario.version,
        script: Some(Arc::clone(&scenario.script)),
    };
    let engine = Engine::start_recorded(options, teller).await?;
    let mut keeper = Keeper::of(engine.beginning(), keeping);
    let followed = follow(&engine, events, (progress, &mut keeper), stop).await;
    let (_, broker) = engine.beginning();
    let left = engine.shutdown().await;
    let outcome = followed?;
    left?;
    let version = broker.likeness().unwrap_or(scenario.version);
    Ok(outcome.map(|outcome| {
        let broker = name_of(&broker);
        Ran {
            outcome: Outcome { broker, ..outcome },
            version,
            past: keeper.and_then(Keeper::past),
        }
    }))
}

/// Until the script is over.
async fn follow(
    engine: &Engine,
    mut events: mpsc::Receiver<Vec<Event>>,
    (progress, keeper): (&Progress, &mut Option<Keeper>),
    stop: &CancellationToken,
) -> Result<Option<Outcome>> {
    let mut tally = Tally::new(&engine.beginning().0);
    let mut ending = Ending::Nobodys;
    let mut pictures = engine.snapshots();
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            batch = events.recv() => {
                let Some(batch) = batch else {
                    anyhow::bail!("the lab ended by itself; run it with --log FILE to see why");
                };
                for event in &batch {
                    tally.note(event);
                    ending.note(&event.what)?;
                    if let Some(keeper) = keeper {
                        keeper.note(event);
                    }
                }
                if tally.over().is_some() {
                    return Ok(Some(tally.outcome()));
                }
            }
            Ok(()) = pictures.changed() => progress.show(&pictures.borrow_and_update()),
        }
    }
}

/// Whether the broker's end is the script's doing.
#[derive(Clone, Copy)]
enum Ending {
    Nobodys,
    Scripted,
}

impl Ending {
    /// `Err`: the broker went away by itself, and no outcome would say anything of the scenario.
    fn note(&mut self, what: &Happening) -> Result<()> {
        match (what, *self) {
            (Happening::BrokerAsked(BrokerCommand::Kill | BrokerCommand::Stop), _) => *self = Self::Scripted,
            (Happening::BrokerUp(_) | Happening::BrokerEndFailed(_), _) => *self = Self::Nobodys,
            (Happening::BrokerDown(why), Self::Nobodys) => anyhow::bail!("the broker went away during the run: {why}"),
            _ => {}
        }
        Ok(())
    }
}

fn name_of(broker: &BrokerRow) -> Arc<str> {
    match broker.version {
        Some(version) => format!("{} as RabbitMQ {version}", broker.name).into(),
        None => Arc::clone(&broker.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{BrokerState, Control, Version};

    #[test]
    fn foreign_broker_is_judged_by_the_version_in_its_name() {
        for (name, version) in [
            ("RabbitMQ 3.10.8 at localhost:5672", Version::V3_10),
            ("RabbitMQ 4.0.5 at localhost:5672", Version::V4_0),
            ("RabbitMQ 4.3.0-rc.1 at localhost:5672", Version::V4_3),
            ("LavinMQ 2.0.0 at localhost:5672", Version::V4_0),
            ("RabbitMQ", Version::V4_0),
        ] {
            let broker = BrokerRow {
                name: name.into(),
                state: BrokerState::Up,
                control: Control::NotOurs("it is not the lab's own"),
                version: None,
            };
            assert_eq!(broker.likeness().unwrap_or(Version::V4_0), version, "{name}");
        }
    }

    #[test]
    fn only_an_end_that_nobody_asked_for_is_a_failure() {
        let down = Happening::BrokerDown("gone".into());
        let mut ending = Ending::Nobodys;
        for what in [Happening::BrokerAsked(BrokerCommand::Kill), down.clone()] {
            assert!(ending.note(&what).is_ok(), "{what:?}");
        }
        let up = Happening::BrokerUp([crate::lab::Knowledge::Exact; 2]);
        assert!(ending.note(&up).is_ok());
        assert!(ending.note(&down).is_err());
    }
}
