//! One comparison, from its plan to its last picture.

use super::super::embedded::{self, Started};
use super::super::handle::Options;
use super::super::left::LeftBehind;
use super::super::target::{BrokerUrl, Target};
use super::corner::Corner;
use super::unfinished;
use crate::lab::{
    BrokerRow, BrokerState, Command, Contest, ContestOrder, Control, Feed, LabTime, Phase, Plan, Side, TimeScale,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How long both crews may take to be complete.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long a broker of others may take to let both labs in, or to refuse them, once the arena closes.
const ENTER_WITHIN: Duration = Duration::from_secs(2);
/// What the lab's clock may lose to the machine, beyond the plan's own limit.
const GRACE: Duration = Duration::from_secs(10);

/// What a comparison is given.
pub(super) struct Bout<'k> {
    pub(super) target: &'k Target,
    pub(super) orders: &'k mut mpsc::Receiver<ContestOrder>,
    pub(super) pictures: &'k watch::Sender<Option<Arc<Contest>>>,
    pub(super) cancel: &'k CancellationToken,
}

/// What follows a comparison.
pub(super) enum Next {
    /// Wait for an order.
    Idle,
    /// The order that ended it.
    Begin(Plan),
    /// The arena closes.
    Leave,
}

/// A broker, and two engines on it.
struct Ring {
    /// The one that was started for the comparison.
    broker: Option<Started>,
    corners: [Corner; 2],
}

impl Bout<'_> {
    pub(super) async fn run(mut self, plan: Plan) -> (Next, Result<(), LeftBehind>) {
        let mut contest = Contest::new(plan, &nowhere());
        self.show(&contest);
        let mut ring = match self.enter_or_leave(&contest.plan).await {
            None => {
                contest.phase = Phase::Ended;
                self.show(&contest);
                return (Next::Leave, unfinished(self.target));
            }
            Some(Ok(ring)) => ring,
            Some(Err(why)) => {
                contest.phase = Phase::Failed(why);
                self.show(&contest);
                return (Next::Idle, Ok(()));
            }
        };
        let next = self.fight(&mut contest, &mut ring).await;
        self.show(&contest);
        (next, ring.leave().await)
    }

    fn show(&self, contest: &Contest) {
        self.pictures.send_replace(Some(Arc::new(contest.clone())));
    }

    /// Starts what is needed. An order to end waits for it, since what was half started can't be ended in good order;
    /// each step is bounded in time. `None`: the arena closes, and a broker that may answer nobody was given up.
    async fn enter_or_leave(&self, plan: &Plan) -> Option<Result<Ring, String>> {
        let given_up = async {
            match self.target {
                Target::Embedded | Target::Room(_) => std::future::pending().await,
                Target::Url(_) => {
                    self.cancel.cancelled().await;
                    sleep(ENTER_WITHIN).await;
                }
            }
        };
        tokio::select! {
            entered = self.enter(plan) => Some(entered),
            () = given_up => None,
        }
    }

    async fn enter(&self, plan: &Plan) -> Result<Ring, String> {
        let (url, broker) = match self.target {
            Target::Url(url) => (url.clone(), None),
            Target::Embedded | Target::Room(_) => {
                let started = embedded::start(plan.version, None)
                    .await
                    .map_err(|error| error.to_string())?;
                (BrokerUrl::loopback(started.port()), Some(started))
            }
        };
        let options = |side: Side| Options {
            target: Target::Url(url.clone()),
            settings: plan.sides[side.slot()].clone(),
            version: plan.version,
            script: None,
        };
        let enter = |side: Side| Box::pin(Corner::enter(options(side), &plan.blows));
        let (a, b) = tokio::join!(enter(Side::A), enter(Side::B));
        match (a, b) {
            (Ok(a), Ok(b)) => Ok(Ring {
                broker,
                corners: [a, b],
            }),
            (Ok(one), Err(why)) | (Err(why), Ok(one)) => {
                // Nothing happened in it; what it could not delete expires.
                let _ = one.leave().await;
                stop(broker).await;
                Err(why.to_string())
            }
            (Err(why), Err(_)) => {
                stop(broker).await;
                Err(why.to_string())
            }
        }
    }

    /// From two engines to the last picture.
    async fn fight(&mut self, contest: &mut Contest, ring: &mut Ring) -> Next {
        let ready = tokio::select! {
            next = ordered(self.orders, self.cancel) => {
                contest.phase = Phase::Ended;
                return next;
            }
            ready = timeout(READY_WITHIN, ring.be_ready()) => ready,
        };
        if let Some(why) = why_not(&ready) {
            contest.phase = Phase::Failed(why);
            return Next::Idle;
        }
        ring.begin(&contest.plan).await;
        contest.phase = Phase::Running;
        let limit = Instant::now() + real_time(contest.plan.limit(), contest.plan.scale()) + GRACE;
        loop {
            ring.look(contest);
            if Side::ALL.into_iter().all(|side| contest.is_settled(side)) {
                contest.phase = Phase::Over;
                return Next::Idle;
            }
            self.show(contest);
            let due = ring.next_blow().map_or(limit, |at| at.min(limit));
            tokio::select! {
                next = ordered(self.orders, self.cancel) => {
                    contest.phase = Phase::Ended;
                    return next;
                }
                () = ring.changed() => {}
                () = sleep_until(due) => {
                    if limit <= Instant::now() {
                        contest.phase = Phase::TimedOut;
                        return Next::Idle;
                    }
                    ring.strike().await;
                }
            }
        }
    }
}

impl Ring {
    /// Both crews complete, both clocks standing at zero.
    async fn be_ready(&mut self) -> Result<(), RecvError> {
        let [a, b] = &mut self.corners;
        let (a, b) = tokio::join!(a.be_ready(), b.be_ready());
        a.and(b)
    }

    /// Jobs that come at a rate are planned while the clock stands, so that they come at the same lab times.
    async fn begin(&self, plan: &Plan) {
        let orders = match plan.feed {
            Feed::AtOnce => [Command::Resume, Command::Publish(plan.jobs)],
            Feed::AtRate => [Command::PublishAtRate(plan.jobs), Command::Resume],
        };
        for order in orders {
            self.ask(order).await;
        }
    }

    /// When the next blow is due on either side.
    fn next_blow(&self) -> Option<Instant> {
        self.corners.iter().filter_map(Corner::next_blow).min()
    }

    async fn strike(&mut self) {
        let now = Instant::now();
        for corner in &mut self.corners {
            corner.strike(now).await;
        }
    }

    async fn ask(&self, command: Command) {
        for corner in &self.corners {
            corner.ask(command).await;
        }
    }

    async fn changed(&mut self) {
        let [a, b] = &mut self.corners;
        tokio::select! {
            () = a.changed() => {}
            () = b.changed() => {}
        }
    }

    fn look(&mut self, contest: &mut Contest) {
        for (corner, side) in self.corners.iter_mut().zip(&mut contest.sides) {
            corner.look(side);
        }
    }

    async fn leave(self) -> Result<(), LeftBehind> {
        let [a, b] = self.corners;
        let (a, b) = tokio::join!(a.leave(), b.leave());
        let own = self.broker.is_some();
        stop(self.broker).await;
        // What is left on a broker that ends is not left.
        if own { Ok(()) } else { a.and(b) }
    }
}

async fn stop(broker: Option<Started>) {
    if let Some(started) = broker {
        started.server.stop().await;
    }
}

/// Waits for what ends a comparison early.
async fn ordered(orders: &mut mpsc::Receiver<ContestOrder>, cancel: &CancellationToken) -> Next {
    tokio::select! {
        () = cancel.cancelled() => Next::Leave,
        order = orders.recv() => match order {
            None => Next::Leave,
            Some(ContestOrder::Begin(plan)) => Next::Begin(*plan),
            Some(ContestOrder::End) => Next::Idle,
        },
    }
}

/// Why a comparison can't begin; `None`: it can.
fn why_not(ready: &Result<Result<(), RecvError>, Elapsed>) -> Option<String> {
    match ready {
        Ok(Ok(())) => None,
        Ok(Err(_ended)) => {
            Some("one of its labs ended by itself while it got ready; run with --log FILE to see why".to_owned())
        }
        Err(_elapsed) => {
            let seconds = READY_WITHIN.as_secs();
            Some(format!("not all workers could subscribe within {seconds} seconds"))
        }
    }
}

pub(super) fn real_time(lab: LabTime, scale: TimeScale) -> Duration {
    Duration::from_micros(lab.0 * 1000 / u64::from(scale.0.max(1)))
}

/// Before there is a broker.
fn nowhere() -> BrokerRow {
    BrokerRow {
        name: "the comparison's broker".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("it is the comparison's"),
        version: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lab_that_ended_is_not_told_as_one_that_is_slow() {
        let (pictures, mut inlet) = watch::channel(());
        assert_eq!(why_not(&Ok(Ok(()))), None);
        let slow = timeout(Duration::ZERO, std::future::pending()).await;
        assert!(why_not(&slow).is_some_and(|why| why.contains("within 20 seconds")));
        drop(pictures);
        let ended = inlet.changed().await;
        assert!(why_not(&Ok(ended)).is_some_and(|why| why.contains("ended by itself")));
    }
}
