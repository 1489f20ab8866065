//! Tells whoever keeps the run's history what happened, in order and without a gap.
//!
//! The hub gives what a turn brought as one batch, with `try_reserve`: where there is no room, it keeps the batch and
//! adds the next turn's events to it, so a listener that is busy for a while costs memory and nothing else. Only one
//! that stays behind by [`KEPT`] events holds the hub up. That is no breach of the hub's rule: a listener waits for
//! its disk at most, never for the hub.

use crate::lab::Event;
use tokio::sync::mpsc;

/// Events that may wait here, about 100 bytes each, before the hub waits too.
const KEPT: usize = 1 << 20;

/// The hub's end of the channel to whoever listens, if anyone does.
#[derive(Debug, Default)]
pub(super) struct Teller {
    listener: Option<mpsc::Sender<Vec<Event>>>,
    kept: Vec<Event>,
}

impl Teller {
    pub(super) fn new(listener: Option<mpsc::Sender<Vec<Event>>>) -> Self {
        Self {
            listener,
            kept: Vec::new(),
        }
    }

    /// One more event of this turn.
    pub(super) fn tell(&mut self, event: Event) {
        if self.listener.is_some() {
            self.kept.push(event);
        }
    }

    /// Gives what was kept, if there is room; true: nothing is kept now.
    pub(super) fn flush(&mut self) -> bool {
        let Some(listener) = self.listener.as_ref().filter(|_| !self.kept.is_empty()) else {
            return true;
        };
        let room = listener.try_reserve();
        match room.map(|room| room.send(std::mem::take(&mut self.kept))) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(())) => false,
            Err(mpsc::error::TrySendError::Closed(())) => {
                *self = Self::default();
                true
            }
        }
    }

    /// Whether so much is kept that the hub has to wait.
    pub(super) fn is_overdue(&self) -> bool {
        self.kept.len() >= KEPT
    }

    /// Gives what was kept, however long the listener takes.
    pub(super) async fn catch_up(&mut self) {
        if let Some(listener) = self.listener.as_ref().filter(|_| !self.kept.is_empty())
            && let Ok(room) = listener.reserve().await
        {
            room.send(std::mem::take(&mut self.kept));
        }
    }

    /// Gives what was kept, and tells by its end that no more comes. Nobody waits for that: a disk that hangs would keep
    /// the hub, and so the crew, from ending.
    pub(super) fn leave(mut self) {
        tokio::spawn(async move { self.catch_up().await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Elapsed, Happening, LabTime};

    fn event(at: u64) -> Event {
        Event {
            at: Elapsed(at),
            lab: LabTime(at),
            what: Happening::Burst(1),
        }
    }

    #[tokio::test]
    async fn nothing_is_lost_or_reordered_while_the_listener_is_busy() {
        let (listener, mut told) = mpsc::channel(1);
        let mut teller = Teller::new(Some(listener));
        for at in 0..10 {
            teller.tell(event(at));
            assert_eq!(teller.flush(), at == 0);
        }
        let mut times: Vec<u64> = told.recv().await.expect("a batch").iter().map(|e| e.at.0).collect();
        teller.catch_up().await;
        assert!(teller.flush());
        times.extend(told.recv().await.expect("a batch").iter().map(|e| e.at.0));
        assert_eq!(times, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn without_a_listener_nothing_is_kept() {
        let (listener, told) = mpsc::channel(1);
        drop(told);
        for mut teller in [Teller::default(), Teller::new(Some(listener))] {
            teller.tell(event(1));
            assert!(teller.flush());
            teller.tell(event(2));
            assert!(teller.kept.is_empty());
        }
    }

    #[tokio::test]
    async fn whoever_leaves_gives_all_that_was_kept_and_waits_for_nobody() {
        let (listener, mut told) = mpsc::channel(1);
        let mut teller = Teller::new(Some(listener));
        for at in 0..2 {
            teller.tell(event(at));
            teller.flush();
        }
        teller.leave();
        assert_eq!(told.recv().await, Some(vec![event(0)]));
        assert_eq!(told.recv().await, Some(vec![event(1)]));
        assert_eq!(told.recv().await, None);
    }
}
