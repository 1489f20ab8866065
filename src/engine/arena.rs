//! Runs comparisons: two labs on one broker, with two queues each and clocks that start one right after the other.
//!
//! 1. Where the lab's own broker is the embedded one, a broker of its own is started for the comparison, so that what is
//!    done to the lab's does not disturb it. Elsewhere it is the same broker, and there is only the one to compare on.
//! 2. Both engines are started, held and paused; when both crews are complete, both clocks are let run, and both are
//!    told to publish. The orders go out one right after the other, and each engine takes its own as soon as it is
//!    scheduled: the two clocks start within one scheduling delay of each other, which a busy machine draws out.
//! 3. What happens is folded into the measures of each side; pictures of both go to the screen.
//! 4. At the end, however it comes, both engines are shut down, which deletes their queues on a broker of others.

mod bout;
mod corner;

use super::left::LeftBehind;
use super::target::Target;
use crate::lab::{Contest, ContestOrder, Plan};
use bout::{Bout, Next};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Orders on their way here; when it is full, the screen keeps the wish and says so.
const ORDERS: usize = 4;

/// The end of it all, whatever hangs: longer than an engine takes to shut down.
const CLOSE_WITHIN: Duration = Duration::from_secs(25);

/// Whoever runs comparisons, one at a time.
#[derive(Debug)]
pub struct Arena {
    orders: mpsc::Sender<ContestOrder>,
    contests: watch::Receiver<Option<Arc<Contest>>>,
    cancel: DropGuard,
    target: Target,
    task: JoinHandle<Result<(), LeftBehind>>,
}

impl Arena {
    /// On which broker, or on one like the lab's own. Nothing is started before the first order.
    pub fn open(target: Target) -> Self {
        let (orders, inlet) = mpsc::channel(ORDERS);
        let (outlet, contests) = watch::channel(None);
        let cancel = CancellationToken::new();
        let keeper = Keeper {
            target: target.clone(),
            orders: inlet,
            pictures: outlet,
            cancel: cancel.clone(),
        };
        Self {
            orders,
            contests,
            cancel: cancel.drop_guard(),
            target,
            task: tokio::spawn(keeper.run()),
        }
    }

    /// Where orders go; bounded.
    pub fn orders(&self) -> mpsc::Sender<ContestOrder> {
        self.orders.clone()
    }

    /// Pictures of the comparison under way, or of the last one; `None` before the first.
    pub fn contests(&self) -> watch::Receiver<Option<Arc<Contest>>> {
        self.contests.clone()
    }

    /// Ends what is under way and cleans up; bounded in time. `Err`: queues that could not be deleted.
    pub async fn close(mut self) -> Result<(), LeftBehind> {
        drop(self.cancel);
        match timeout(CLOSE_WITHIN, &mut self.task).await {
            // Should it have panicked, its engines ended with it.
            Ok(ended) => ended.unwrap_or(Ok(())),
            Err(_elapsed) => {
                self.task.abort();
                unfinished(&self.target)
            }
        }
    }
}

/// What a comparison leaves that was not ended in good order.
fn unfinished(target: &Target) -> Result<(), LeftBehind> {
    match target {
        // Its queues end with it.
        Target::Embedded | Target::Room(_) => Ok(()),
        Target::Url(url) => Err(LeftBehind {
            queues: vec!["of the comparison".to_owned()],
            place: url.place(),
            why: "it did not answer in time".to_owned(),
            exchange: None,
            start: None,
        }),
    }
}

/// What the arena's task has.
struct Keeper {
    target: Target,
    orders: mpsc::Receiver<ContestOrder>,
    pictures: watch::Sender<Option<Arc<Contest>>>,
    cancel: CancellationToken,
}

impl Keeper {
    async fn run(mut self) -> Result<(), LeftBehind> {
        let mut result = Ok(());
        let mut next = Next::Idle;
        loop {
            let plan = match next {
                Next::Begin(plan) => plan,
                Next::Leave => return result,
                Next::Idle => match self.order().await {
                    Some(plan) => plan,
                    None => return result,
                },
            };
            let bout = Bout {
                target: &self.target,
                orders: &mut self.orders,
                pictures: &self.pictures,
                cancel: &self.cancel,
            };
            let left;
            (next, left) = Box::pin(bout.run(plan.levelled())).await;
            result = result.and(left);
        }
    }

    /// The next plan to carry out; `None`: it is time to leave.
    async fn order(&mut self) -> Option<Plan> {
        loop {
            let order = tokio::select! {
                () = self.cancel.cancelled() => None,
                order = self.orders.recv() => order,
            };
            match order? {
                ContestOrder::Begin(plan) => return Some(*plan),
                ContestOrder::End => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
