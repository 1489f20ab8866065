//! Message priorities: the ready messages of a queue in classes, each in its own order.
//!
//! | | who goes first |
//! |---|---|
//! | classic with `x-max-priority` | the highest; above the maximum counts as the maximum, none as 0 |
//! | quorum, 3.10 | priorities are ignored |
//! | quorum, 4.0 | two above 4, then one of the others, unless that would overtake an elder one above 4 |
//! | quorum, 4.3 | the highest of 32; none counts as 4 |
//!
//! The rules are those of `rabbit_priority_queue`, `rabbit_fifo_q` and `rabbit_fifo_pq`.

use super::args;
use super::message::{Message, Priority};
use super::ready::{Entry, Lane};
use super::value::{Table, Value};
use std::collections::BTreeMap;

/// How a queue orders messages of different priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Not at all.
    Publish,
    /// A classic queue's, with its maximum.
    Capped(Priority),
    /// A quorum queue's of 4.0.
    TwoClasses,
    /// A quorum queue's of 4.3.
    Strict,
}

/// The highest priority that still belongs to the lower of two classes.
const LOWER_CLASS: Priority = Priority(4);
const LOWER: u8 = 0;
const UPPER: u8 = 1;
/// Deliveries of the upper class before one of the lower.
const WEIGHT: u8 = 2;
/// What a message without priority has where there are 32.
const DEFAULT: Priority = Priority(4);
const HIGHEST: Priority = Priority(31);

impl Order {
    /// Of a classic queue with these arguments.
    pub(super) fn classic(args: &Table) -> Self {
        match args.get(args::MAX_PRIORITY) {
            Some(Value::Int(_, max)) => Self::Capped(Priority(u8::try_from(*max).unwrap_or(u8::MAX))),
            _ => Self::Publish,
        }
    }

    fn level(self, message: &Message) -> u8 {
        match self {
            Self::Publish => 0,
            Self::Capped(max) => message.priority.unwrap_or_default().min(max).0,
            Self::TwoClasses if message.priority > Some(LOWER_CLASS) => UPPER,
            Self::TwoClasses => LOWER,
            Self::Strict => message.priority.unwrap_or(DEFAULT).min(HIGHEST).0,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Levels {
    order: Order,
    /// None is empty.
    lanes: BTreeMap<u8, Lane>,
    len: usize,
    /// Taken since a turn of the lower class.
    turn: u8,
}

impl Levels {
    /// None where messages keep the order of publishing.
    pub(super) fn new(order: Order) -> Option<Box<Self>> {
        (order != Order::Publish).then(|| {
            Box::new(Self {
                order,
                lanes: BTreeMap::new(),
                len: 0,
                turn: 0,
            })
        })
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.lane(&entry).push(entry);
    }

    pub(super) fn put_back(&mut self, entry: Entry) {
        self.lane(&entry).put_back(entry);
    }

    fn lane(&mut self, entry: &Entry) -> &mut Lane {
        self.len += 1;
        self.lanes.entry(self.order.level(&entry.message)).or_default()
    }

    pub(super) fn first(&self) -> Option<&Entry> {
        self.lanes.get(&self.next()?)?.first()
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let level = self.next()?;
        self.turn = if self.turn == WEIGHT { 0 } else { self.turn + 1 };
        self.pop_from(level)
    }

    /// The level whose turn it is.
    fn next(&self) -> Option<u8> {
        let highest = *self.lanes.last_key_value()?.0;
        if self.order == Order::TwoClasses && self.turn == WEIGHT {
            let place = |level| Some(self.lanes.get(&level)?.first()?.position);
            if let (Some(upper), Some(lower)) = (place(UPPER), place(LOWER)) {
                return Some(if upper < lower { UPPER } else { LOWER });
            }
        }
        Some(highest)
    }

    fn pop_from(&mut self, level: u8) -> Option<Entry> {
        let lane = self.lanes.get_mut(&level)?;
        let entry = lane.pop()?;
        if lane.is_empty() {
            self.lanes.remove(&level);
        }
        self.len -= 1;
        Some(entry)
    }

    /// Those that may expire now.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Entry> {
        let each = self.expire_each();
        let lanes = self.lanes.values().filter(move |_| each);
        self.first().into_iter().chain(lanes.filter_map(Lane::first))
    }

    /// Takes the first of `heads` of which that is true, from the highest level on.
    pub(super) fn pop_head(&mut self, is_meant: impl Fn(&Entry) -> bool) -> Option<Entry> {
        if self.first().is_some_and(&is_meant) {
            return self.pop();
        }
        if !self.expire_each() {
            return None;
        }
        let meant = |(_, lane): &(&u8, &Lane)| lane.first().is_some_and(&is_meant);
        let level = *self.lanes.iter().rev().find(meant)?.0;
        self.pop_from(level)
    }

    /// Whether a message expires as soon as it is the first of its priority, though others go before it.
    pub(super) fn expire_each(&self) -> bool {
        self.order == Order::Strict
    }

    /// A purged queue begins anew.
    pub(super) fn forget_turn(&mut self) {
        self.turn = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// By level, the highest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.values().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::Position;
    use super::super::message::{Failures, Persistence, Returns};
    use super::*;
    use crate::broker::dispatch::Charge;
    use std::sync::Arc;

    fn entry(position: u64, priority: Option<u8>) -> Entry {
        let message = Message {
            exchange: "".into(),
            routing_key: "".into(),
            properties: Arc::new([]),
            body: Arc::new([]),
            persistence: Persistence::Transient,
            headers: None,
            priority: priority.map(Priority),
            expiration: None,
            added: None,
            failures: Failures(0),
            charge: Charge::default(),
        };
        Entry {
            position: Position(position),
            message: Arc::new(message),
            returns: Returns(0),
            failures: Failures(0),
            redelivered: false,
            stored: false,
        }
    }

    fn served(order: Order, priorities: &[Option<u8>]) -> Vec<u64> {
        let mut levels = Levels::new(order).expect("an order of priorities");
        for (position, priority) in (0..).zip(priorities) {
            levels.push(entry(position, *priority));
        }
        assert_eq!(levels.len(), priorities.len());
        std::iter::from_fn(|| levels.pop())
            .map(|entry| entry.position.0)
            .collect()
    }

    #[test]
    fn each_order_serves_as_measured() {
        let mixed = [Some(0), Some(5), Some(3), Some(9), None, Some(5), Some(0), Some(3)];
        for (order, expected) in [
            (Order::Capped(Priority(5)), [1, 3, 5, 2, 7, 0, 4, 6]),
            (Order::TwoClasses, [1, 3, 0, 5, 2, 4, 6, 7]),
            (Order::Strict, [3, 1, 5, 4, 2, 7, 0, 6]),
        ] {
            assert_eq!(served(order, &mixed), expected, "{order:?}");
        }
        let eleven: Vec<_> = (0..22).map(|number| Some(number % 11)).collect();
        let expected: Vec<u64> = (0..11).rev().flat_map(|priority| [priority, priority + 11]).collect();
        assert_eq!(served(Order::Capped(Priority(10)), &eleven), expected);
    }

    #[test]
    fn lower_class_never_overtakes_an_elder_message() {
        let priorities = [Some(5), Some(5), Some(5), Some(5), None, Some(5)];
        assert_eq!(served(Order::TwoClasses, &priorities), [0, 1, 2, 3, 5, 4]);
    }

    #[test]
    fn priorities_above_the_highest_are_equal() {
        assert_eq!(served(Order::Strict, &[Some(31), Some(40), Some(255)]), [0, 1, 2]);
        assert_eq!(served(Order::Capped(Priority(0)), &[None, Some(9)]), [0, 1]);
    }
}
