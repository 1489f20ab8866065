//! One comparison, from its plan to its last picture.

use super::super::embedded::{self, Started};
use super::super::handle::{LeftBehind, Options};
use super::super::target::{BrokerUrl, Target};
use super::corner::Corner;
use crate::lab::{
    Blow, BlowKind, BrokerRow, BrokerState, Command, Contest, ContestOrder, Control, Feed, LabTime, Phase, Plan, Side,
    TimeScale,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How long both crews may take to be complete.
const READY_WITHIN: Duration = Duration::from_secs(20);
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
        let mut ring = match self.enter(&contest.plan).await {
            Ok(ring) => ring,
            Err(why) => {
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

    /// Starts what is needed. It is not raced with an order to end, since what was half started could not be ended in
    /// good order; each step is bounded in time.
    async fn enter(&self, plan: &Plan) -> Result<Ring, String> {
        let (url, broker) = match self.target {
            Target::Url(url) => (url.clone(), None),
            Target::Embedded => {
                let started = embedded::start(plan.version).await.map_err(|error| error.to_string())?;
                (BrokerUrl::loopback(started.port()), Some(started))
            }
        };
        let options = |side: Side| Options {
            target: Target::Url(url.clone()),
            settings: plan.sides[side.slot()].clone(),
            version: plan.version,
        };
        let (a, b) = tokio::join!(
            Box::pin(Corner::enter(options(Side::A))),
            Box::pin(Corner::enter(options(Side::B)))
        );
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
        if !matches!(ready, Ok(Ok(()))) {
            let seconds = READY_WITHIN.as_secs();
            contest.phase = Phase::Failed(format!("not all workers could subscribe within {seconds} seconds"));
            return Next::Idle;
        }
        ring.begin(&contest.plan).await;
        contest.phase = Phase::Running;
        let begun = Instant::now();
        let real = |lab: LabTime| begun + real_time(lab, contest.plan.scale());
        let limit = real(contest.plan.limit()) + GRACE;
        let mut blows: Vec<(Instant, Blow)> = contest.plan.blows.iter().map(|blow| (real(blow.at), *blow)).collect();
        blows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        loop {
            ring.look(contest);
            if Side::ALL.into_iter().all(|side| contest.is_settled(side)) {
                contest.phase = Phase::Over;
                return Next::Idle;
            }
            self.show(contest);
            let due = blows.last().map_or(limit, |(at, _)| *at);
            tokio::select! {
                next = ordered(self.orders, self.cancel) => {
                    contest.phase = Phase::Ended;
                    return next;
                }
                () = ring.changed() => {}
                () = sleep_until(due) => {
                    let Some((_, blow)) = blows.pop() else {
                        contest.phase = Phase::TimedOut;
                        return Next::Idle;
                    };
                    ring.strike(blow).await;
                }
            }
        }
    }
}

impl Ring {
    /// Both crews complete, both clocks standing at zero.
    async fn be_ready(&mut self) -> Result<(), watch::error::RecvError> {
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

    async fn strike(&self, blow: Blow) {
        self.ask(match blow.what {
            BlowKind::Kill(kind) => Command::Kill(blow.worker, kind),
            BlowKind::Revive => Command::Revive(blow.worker),
        })
        .await;
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

fn real_time(lab: LabTime, scale: TimeScale) -> Duration {
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
