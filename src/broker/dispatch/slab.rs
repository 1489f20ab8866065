//! A store whose keys are small numbers, found without hashing and never reused.

use super::ids::QueueId;
use std::marker::PhantomData;

/// A key: the slot in the low half, how often the slot was used before in the high half.
pub(super) trait Key: Copy + Eq {
    fn from_raw(raw: u64) -> Self;
    fn raw(self) -> u64;
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(super) struct $name(u64);

        impl Key for $name {
            fn from_raw(raw: u64) -> Self {
                Self(raw)
            }
            fn raw(self) -> u64 {
                self.0
            }
        }
    )+};
}

keys! {
    /// An open channel.
    ChannelKey,
    /// A consumer, until it is cancelled.
    ConsumerKey,
    /// What a queue knows of one channel.
    LinkKey,
    /// A declared exchange.
    ExchangeKey
}

impl Key for QueueId {
    fn from_raw(raw: u64) -> Self {
        Self(raw)
    }
    fn raw(self) -> u64 {
        self.0
    }
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Values by key.
#[derive(Debug)]
pub(super) struct Slab<K, T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    key: PhantomData<K>,
}

impl<K, T> Default for Slab<K, T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            key: PhantomData,
        }
    }
}

fn split(raw: u64) -> (usize, u32) {
    let slot = usize::try_from(raw & u64::from(u32::MAX)).unwrap_or(usize::MAX);
    (slot, (raw >> 32) as u32)
}

fn join<K: Key>(slot: usize, generation: u32) -> K {
    K::from_raw((u64::from(generation) << 32) | slot as u64)
}

impl<K: Key, T> Slab<K, T> {
    /// Stores what `make` returns for its own key.
    pub(super) fn insert_with(&mut self, make: impl FnOnce(K) -> T) -> K {
        let slot = if let Some(slot) = self.free.pop() {
            slot as usize
        } else {
            self.slots.push(Slot {
                generation: 0,
                value: None,
            });
            self.slots.len() - 1
        };
        let key = join(slot, self.slots[slot].generation);
        self.slots[slot].value = Some(make(key));
        key
    }

    /// Takes a value out; its key finds nothing from then on.
    pub(super) fn remove(&mut self, key: K) -> Option<T> {
        let (index, generation) = split(key.raw());
        let slot = self.slots.get_mut(index)?;
        if slot.generation != generation {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(u32::try_from(index).unwrap_or(u32::MAX));
        Some(value)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn get(&self, key: K) -> Option<&T> {
        let (index, generation) = split(key.raw());
        let slot = self.slots.get(index)?;
        if slot.generation == generation {
            slot.value.as_ref()
        } else {
            None
        }
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut T> {
        let (index, generation) = split(key.raw());
        let slot = self.slots.get_mut(index)?;
        if slot.generation == generation {
            slot.value.as_mut()
        } else {
            None
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let value = slot.value.as_ref()?;
            Some((join(index, slot.generation), value))
        })
    }
}

// Indexing is for keys that the invariants keep valid: a panic here is a bug of dispatch, not of a client.
impl<K: Key, T> std::ops::Index<K> for Slab<K, T> {
    type Output = T;
    fn index(&self, key: K) -> &T {
        self.get(key).expect("a key that dispatch holds is live")
    }
}

impl<K: Key, T> std::ops::IndexMut<K> for Slab<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        self.get_mut(key).expect("a key that dispatch holds is live")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_key_finds_nothing_though_its_slot_is_used_again() {
        let mut slab: Slab<QueueId, &str> = Slab::default();
        let old = slab.insert_with(|_| "old");
        assert_eq!(slab.remove(old), Some("old"));
        let new = slab.insert_with(|_| "new");
        assert_ne!(old, new);
        assert_eq!(slab.get(old), None);
        assert_eq!(slab.get_mut(old), None);
        assert_eq!(slab.remove(old), None);
        assert_eq!(slab[new], "new");
        assert_eq!(slab.iter().map(|(key, _)| key).collect::<Vec<_>>(), [new]);
    }
}
