//! A list in sheets of equal size. Copies of it share the sheets; the first one to write on a sheet gets its own. So
//! the books of many moments together take little more than what changed between them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// A list that takes in at its end, gives out at its front, and is changed in place. `N`: items on a sheet.
#[derive(Clone, Debug)]
pub(in super::super) struct Sheets<T, const N: usize> {
    parts: VecDeque<Arc<[T; N]>>,
    /// Sheets that were given out whole; so the same sheet is known in another copy.
    gone: usize,
    /// Items of the first sheet that were given out.
    skipped: usize,
    len: usize,
}

impl<T, const N: usize> Default for Sheets<T, N> {
    fn default() -> Self {
        Self {
            parts: VecDeque::new(),
            gone: 0,
            skipped: 0,
            len: 0,
        }
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Sheets<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T, const N: usize> Sheets<T, N> {
    pub(in super::super) const fn len(&self) -> usize {
        self.len
    }

    pub(in super::super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(in super::super) fn front(&self) -> Option<&T> {
        self.get(0)
    }

    pub(in super::super) fn get(&self, i: usize) -> Option<&T> {
        if i >= self.len {
            return None;
        }
        let i = self.skipped + i;
        Some(&self.parts[i / N][i % N])
    }

    pub(in super::super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.slices(0..self.len).flatten()
    }

    /// These items, a sheet at a time.
    pub(in super::super) fn slices(
        &self,
        range: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = &[T]> + ExactSizeIterator {
        let end = self.skipped + range.end.min(self.len);
        let start = (self.skipped + range.start).min(end);
        let sheets = start / N..end.div_ceil(N);
        sheets.map(move |sheet| {
            let first = sheet * N;
            &self.parts[sheet][start.saturating_sub(first)..(end - first).min(N)]
        })
    }

    /// Bytes that it takes besides those shared with an older copy.
    pub(super) fn own_bytes(&self, older: Option<&Self>) -> usize {
        let shared = |at: usize, sheet: &Arc<[T; N]>| {
            let there = older.and_then(|older| older.parts.get((self.gone + at).checked_sub(older.gone)?));
            there.is_some_and(|there| Arc::ptr_eq(there, sheet))
        };
        let own = self.parts.iter().enumerate().filter(|(at, sheet)| !shared(*at, sheet));
        // Each sheet has two counts in front.
        own.count() * (size_of::<[T; N]>() + 2 * size_of::<usize>()) + self.parts.capacity() * size_of::<usize>()
    }
}

impl<T: Copy, const N: usize> Sheets<T, N> {
    pub(super) fn get_mut(&mut self, i: usize) -> Option<&mut T> {
        if i >= self.len {
            return None;
        }
        let i = self.skipped + i;
        Some(&mut Arc::make_mut(&mut self.parts[i / N])[i % N])
    }

    pub(super) fn push_back(&mut self, item: T) {
        let end = self.skipped + self.len;
        match self.parts.get_mut(end / N) {
            Some(sheet) => Arc::make_mut(sheet)[end % N] = item,
            None => self.parts.push_back(Arc::new([item; N])),
        }
        self.len += 1;
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let item = *self.get(0)?;
        self.len -= 1;
        self.skipped += 1;
        if self.skipped == N {
            self.parts.pop_front();
            self.gone += 1;
            self.skipped = 0;
        }
        Some(item)
    }

    pub(super) fn clear(&mut self) {
        self.gone += self.parts.len();
        self.parts.clear();
        self.skipped = 0;
        self.len = 0;
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let kept: Vec<T> = self.iter().filter(|item| keep(item)).copied().collect();
        if kept.len() < self.len {
            self.clear();
            for item in kept {
                self.push_back(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Push(u32),
        Pop,
        Set(usize, u32),
        Keep(u32),
        Clear,
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            12 => any::<u32>().prop_map(Deed::Push),
            8 => Just(Deed::Pop),
            4 => (0..20_usize, any::<u32>()).prop_map(|(i, n)| Deed::Set(i, n)),
            1 => (1..5_u32).prop_map(Deed::Keep),
            1 => Just(Deed::Clear),
        ]
    }

    fn act(deed: Deed, sheets: &mut Sheets<u32, 4>, list: &mut VecDeque<u32>) {
        match deed {
            Deed::Push(n) => {
                sheets.push_back(n);
                list.push_back(n);
            }
            Deed::Pop => assert_eq!(sheets.pop_front(), list.pop_front()),
            Deed::Set(i, n) => {
                assert_eq!(sheets.get_mut(i).map(|at| *at = n), list.get_mut(i).map(|at| *at = n));
            }
            Deed::Keep(part) => {
                sheets.retain(|n| n % part == 0);
                list.retain(|n| n % part == 0);
            }
            Deed::Clear => {
                sheets.clear();
                list.clear();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sheets_hold_what_a_plain_list_holds(
            deeds in prop::collection::vec(deed(), 0..200),
            range in (0..30_usize, 0..30_usize),
        ) {
            let (mut sheets, mut list) = (Sheets::<u32, 4>::default(), VecDeque::new());
            let mut copies = Vec::new();
            for deed in deeds {
                copies.push((sheets.clone(), list.clone()));
                act(deed, &mut sheets, &mut list);
                prop_assert!(sheets.iter().eq(list.iter()));
                prop_assert!(sheets.iter().rev().eq(list.iter().rev()));
                prop_assert_eq!((sheets.len(), sheets.front()), (list.len(), list.front()));
                let some = sheets.slices(range.0..range.1).flatten();
                let expected = list.iter().take(range.1).skip(range.0);
                prop_assert!(some.eq(expected));
            }
            for (sheets, list) in copies {
                prop_assert!(sheets.iter().eq(list.iter()), "a copy stays as it was");
            }
        }
    }

    #[test]
    fn copies_share_what_neither_wrote_on() {
        let mut old = Sheets::<u64, 4>::default();
        for n in 0..40 {
            old.push_back(n);
        }
        let mut new = old.clone();
        let shared = new.own_bytes(Some(&old));
        new.pop_front();
        *new.get_mut(20).expect("it is there") = 0;
        assert_eq!(new.own_bytes(Some(&old)) - shared, 4 * 8 + 16);
        assert_eq!(new.own_bytes(None) - shared, 10 * (4 * 8 + 16));
    }
}
