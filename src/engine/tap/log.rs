//! The newest of what passed. It is read only when someone is about to see it: at a high rate most of it never is.

use super::stream::Passed;
use super::told::{Pass, Reader};
use crate::lab::{Frame, Frames, TapState};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many are kept.
pub(super) const KEPT: usize = 4096;

/// The newest, oldest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<Kept>,
    /// How many passed so far.
    count: u64,
    dropped: u64,
    reader: Reader,
}

#[derive(Debug)]
enum Kept {
    Unread(Pass, Passed),
    Read(Arc<Frame>),
}

impl Log {
    /// Keeps this one, and gives it its number.
    pub(super) fn push(&mut self, mut pass: Pass, passed: Passed) {
        self.count += 1;
        pass.number = self.count;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back(Kept::Unread(pass, passed));
    }

    /// All that is kept, read.
    pub(super) fn frames(&mut self, missed: u64) -> Frames {
        let Self { kept, reader, .. } = self;
        let list = kept.iter_mut().map(|kept| kept.read(reader)).collect();
        Frames {
            list,
            dropped: self.dropped,
            missed,
            state: TapState::On,
        }
    }
}

impl Kept {
    fn read(&mut self, reader: &mut Reader) -> Arc<Frame> {
        let frame = match self {
            Self::Unread(pass, passed) => Arc::new(reader.read(*pass, passed)),
            Self::Read(frame) => return Arc::clone(frame),
        };
        *self = Self::Read(Arc::clone(&frame));
        frame
    }
}
