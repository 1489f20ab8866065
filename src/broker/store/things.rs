//! Exchanges, queues and bindings, found by what they are: one goes in one step, however many others there are.

use super::record::Thing;
use crate::broker::dispatch::{Binding, Destination};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Things {
    /// By the record that declared it.
    all: BTreeMap<u64, Thing>,
    /// Bindings, by their bytes.
    bindings: HashMap<Vec<u8>, u64>,
    /// What goes with an exchange or queue: itself, and the bindings from it and to it.
    ends: HashMap<Destination, BTreeSet<u64>>,
}

impl Things {
    pub(super) fn get(&self, seq: u64) -> Option<&Thing> {
        self.all.get(&seq)
    }

    pub(super) fn insert(&mut self, seq: u64, thing: Thing) {
        for end in ends(&thing) {
            self.ends.entry(end).or_default().insert(seq);
        }
        if let Thing::Binding(_) = thing {
            self.bindings.insert(thing.write(), seq);
        }
        self.all.insert(seq, thing);
    }

    /// Removes an exchange or queue with its bindings; these went.
    pub(super) fn remove_end(&mut self, end: &Destination) -> BTreeSet<u64> {
        let gone = self.ends.remove(end).unwrap_or_default();
        for seq in &gone {
            self.remove(*seq);
        }
        gone
    }

    /// Removes a binding; it went.
    pub(super) fn remove_binding(&mut self, binding: Binding) -> Option<u64> {
        let thing = Thing::Binding(binding);
        let known = self.bindings.get(&thing.write()).copied();
        // Equal arguments need not have equal bytes: there are two zeros.
        let seq = known.or_else(|| self.all.iter().find(|(_, other)| **other == thing).map(|(seq, _)| *seq))?;
        self.remove(seq);
        Some(seq)
    }

    fn remove(&mut self, seq: u64) {
        let Some(thing) = self.all.remove(&seq) else { return };
        if let Thing::Binding(_) = thing {
            self.bindings.remove(&thing.write());
        }
        for end in ends(&thing) {
            if let Some(here) = self.ends.get_mut(&end) {
                here.remove(&seq);
                if here.is_empty() {
                    self.ends.remove(&end);
                }
            }
        }
    }
}

/// What takes it along when it goes.
fn ends(thing: &Thing) -> impl Iterator<Item = Destination> {
    let (one, other) = match thing {
        Thing::Exchange(exchange) => (Destination::Exchange(exchange.name.clone()), None),
        Thing::Queue(queue) => (Destination::Queue(queue.name.clone()), None),
        Thing::Binding(binding) => (
            Destination::Exchange(binding.exchange.clone()),
            Some(binding.to.clone()),
        ),
    };
    std::iter::once(one).chain(other)
}
