//! What is known of messages, by queue: a queue goes in one step, however many messages others have.

use super::shelf::{Place, QueueNo};
use crate::broker::dispatch::Position;
use std::collections::HashMap;

/// See the module.
#[derive(Debug)]
pub(super) struct Places<T>(HashMap<QueueNo, HashMap<Position, T>>);

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Places<T> {
    pub(super) fn get(&self, (queue, position): &Place) -> Option<&T> {
        self.0.get(queue)?.get(position)
    }

    pub(super) fn insert(&mut self, (queue, position): Place, value: T) {
        self.0.entry(queue).or_default().insert(position, value);
    }

    pub(super) fn remove(&mut self, (queue, position): &Place) -> Option<T> {
        self.0.get_mut(queue)?.remove(position)
    }

    pub(super) fn get_or_default(&mut self, (queue, position): Place) -> &mut T
    where
        T: Default,
    {
        self.0.entry(queue).or_default().entry(position).or_default()
    }

    pub(super) fn remove_queue(&mut self, queue: QueueNo) {
        self.0.remove(&queue);
    }

    pub(super) fn into_each(self) -> impl Iterator<Item = (Place, T)> {
        let queues = self.0.into_iter();
        queues.flat_map(|(queue, here)| {
            here.into_iter()
                .map(move |(position, value)| ((queue, position), value))
        })
    }
}
