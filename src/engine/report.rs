//! What tasks tell the hub, and the one rule that keeps them from waiting for each other.
//!
//! **Everyone may wait for the hub; the hub waits for no one.** Tasks send reports with `send().await`: a full channel
//! holds them back until the hub has caught up, and what they read from waits in turn (lapin's buffers, the socket).
//! The hub gives orders with `try_send` and keeps what does not fit ([`Outbox`]), so it always comes back to reading.

use super::embedded::Window;
use crate::lab::Seen;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Reports under way to the hub; when it is full, tasks wait.
pub(super) const REPORTS: usize = 1024;
/// Orders under way to one task; when it is full, the hub keeps them.
pub(super) const ORDERS: usize = 256;

/// One task's news.
#[derive(Debug)]
pub(super) enum Report {
    /// For the lab.
    Seen(Seen),
    /// For the lab, in order.
    Many(Vec<Seen>),
    /// The embedded broker runs, and this is what it lets one look at.
    Window(Box<Window>),
    /// The old tasks have ended, the queues are empty.
    ResetDone,
}

/// The hub's end of a channel to a task.
#[derive(Debug)]
pub(super) struct Outbox<T> {
    orders: mpsc::Sender<T>,
    /// What did not fit. What the lab asks is bounded by what it was told (acks) and by its rate (jobs).
    kept: VecDeque<T>,
}

impl<T> Outbox<T> {
    pub(super) fn new() -> (Self, mpsc::Receiver<T>) {
        let (orders, receiver) = mpsc::channel(ORDERS);
        (
            Self {
                orders,
                kept: VecDeque::new(),
            },
            receiver,
        )
    }

    /// Gives an order, now or when there is room. A task that has ended gets nothing.
    pub(super) fn give(&mut self, order: T) {
        self.kept.push_back(order);
        self.flush();
    }

    /// Takes back what did not fit so far.
    pub(super) fn take_back(&mut self) -> VecDeque<T> {
        std::mem::take(&mut self.kept)
    }

    /// Gives what was kept, as far as there is room; true: all of it.
    pub(super) fn flush(&mut self) -> bool {
        while !self.kept.is_empty() {
            match self.orders.try_reserve() {
                Ok(room) => {
                    if let Some(order) = self.kept.pop_front() {
                        room.send(order);
                    }
                }
                Err(mpsc::error::TrySendError::Full(())) => return false,
                Err(mpsc::error::TrySendError::Closed(())) => self.kept.clear(),
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_that_do_not_fit_are_kept_in_order() {
        let (mut outbox, mut orders) = Outbox::new();
        let count = ORDERS * 2 + 7;
        (0..count).for_each(|n| outbox.give(n));
        let mut got = Vec::new();
        loop {
            let all = outbox.flush();
            got.extend(std::iter::from_fn(|| orders.try_recv().ok()));
            if all && orders.is_empty() {
                break;
            }
        }
        assert_eq!(got, (0..count).collect::<Vec<_>>());
    }

    #[test]
    fn orders_for_a_task_that_has_ended_are_let_go() {
        let (mut outbox, orders) = Outbox::new();
        drop(orders);
        outbox.give(1);
        assert!(outbox.flush());
    }
}
