//! When each worker's job in hand is due, and which is due first: looked at all the time, by crews of any size.
//!
//! A tournament: each place above two others has the earlier of their times. So a change costs as many steps as the crew's
//! number has bits, and so does finding the first.

use super::super::ids::{LabTime, WorkerId};

/// Later than anything.
const NEVER: LabTime = LabTime(u64::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dues {
    /// Places of workers; a power of two, or none.
    width: usize,
    workers: usize,
    /// The root is at 1, the children of `n` at `2n` and `2n + 1`, the workers from `width` on.
    tree: Vec<LabTime>,
}

impl Dues {
    /// One more worker, with nothing in hand.
    pub(super) fn push(&mut self) {
        if self.workers == self.width {
            self.widen();
        }
        self.workers += 1;
    }

    pub(super) fn set(&mut self, worker: usize, due: Option<LabTime>) {
        let due = due.unwrap_or(NEVER);
        let mut at = self.width + worker;
        if self.tree[at] == due {
            return;
        }
        self.tree[at] = due;
        while at > 1 {
            at /= 2;
            let earlier = self.tree[2 * at].min(self.tree[2 * at + 1]);
            if self.tree[at] == earlier {
                return;
            }
            self.tree[at] = earlier;
        }
    }

    /// Of equals the one of the first worker.
    pub(super) fn first(&self) -> Option<(LabTime, WorkerId)> {
        let due = *self.tree.get(1)?;
        if due == NEVER {
            return None;
        }
        let mut at = 1;
        while at < self.width {
            at *= 2;
            at += usize::from(self.tree[at] != due);
        }
        let number = u16::try_from(at - self.width + 1).ok()?;
        Some((due, WorkerId(number)))
    }

    #[cfg(test)]
    pub(super) fn get(&self, worker: usize) -> Option<LabTime> {
        self.tree.get(self.width + worker).copied().filter(|due| *due != NEVER)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes on the heap.
    pub(super) fn own_bytes(&self) -> usize {
        size_of_val(&self.tree[..])
    }

    fn widen(&mut self) {
        let before = self.tree.get(self.width..).map(<[_]>::to_vec).unwrap_or_default();
        self.width = (self.width * 2).max(2);
        self.tree = vec![NEVER; self.width * 2];
        for (worker, due) in before.into_iter().enumerate() {
            self.set(worker, Some(due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn first_is_what_a_look_at_all_finds(
            crew in 1..20_usize,
            changes in prop::collection::vec((0..20_usize, prop::option::of(0..6_u64)), 0..60),
        ) {
            let mut dues = Dues::default();
            let mut list = vec![None; crew];
            (0..crew / 2).for_each(|_| dues.push());
            for (worker, due) in &changes {
                if *worker < crew / 2 {
                    list[*worker] = due.map(LabTime);
                    dues.set(*worker, due.map(LabTime));
                }
            }
            (crew / 2..crew).for_each(|_| dues.push());
            for (worker, due) in changes {
                if worker < crew {
                    list[worker] = due.map(LabTime);
                    dues.set(worker, due.map(LabTime));
                }
                let there = list.iter().zip(1..).filter_map(|(due, id)| Some(((*due)?, WorkerId(id))));
                prop_assert_eq!(dues.first(), there.min());
            }
        }
    }
}
