//! One way of a line: frames, each with the time at which it is through. Nothing is lost, nothing overtakes.
//!
//! A frame leaves when those before it have left and the bandwidth allows it, and arrives one latency later. Of all
//! that is under way only the first is on the agenda.

use crate::lab::{Elapsed, LineQuality};
use std::collections::VecDeque;

/// What a frame takes from process to process, each way, on a line without any delay of its own: as on loopback.
pub(super) const HOP: Elapsed = Elapsed(50);

/// Bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) u32);

#[derive(Debug)]
pub(super) struct Pipe<T> {
    frames: VecDeque<Frame<T>>,
    /// When the last byte in it has left.
    free_at: Elapsed,
    /// The time at which it is on the agenda.
    wake: Option<Elapsed>,
}

#[derive(Debug)]
struct Frame<T> {
    due: Elapsed,
    bytes: Bytes,
    what: T,
}

impl<T> Default for Pipe<T> {
    fn default() -> Self {
        Self {
            frames: VecDeque::new(),
            free_at: Elapsed(0),
            wake: None,
        }
    }
}

impl<T> Pipe<T> {
    /// Sends a frame. `Some`: enter it into the agenda for that time.
    pub(super) fn push(&mut self, now: Elapsed, (what, bytes): (T, Bytes), quality: LineQuality) -> Option<Elapsed> {
        self.free_at = after(self.free_at.max(now), time_for(bytes, quality));
        let through = after(self.free_at, delay(quality));
        let due = self.frames.back().map_or(through, |last| last.due.max(through));
        self.frames.push_back(Frame { due, bytes, what });
        self.schedule()
    }

    /// It is this time on the agenda: what is through, one frame at a time.
    pub(super) fn pop(&mut self, now: Elapsed) -> Option<T> {
        if self.frames.front()?.due > now {
            return None;
        }
        self.frames.pop_front().map(|frame| frame.what)
    }

    /// The next frame, though it is not through.
    pub(super) fn take(&mut self) -> Option<T> {
        self.frames.pop_front().map(|frame| frame.what)
    }

    /// An entry of the agenda has come; false: it is out of date.
    pub(super) fn wakes(&mut self, at: Elapsed) -> bool {
        let wakes = self.wake == Some(at);
        if wakes {
            self.wake = None;
        }
        wakes
    }

    /// When to look again, if that is not on the agenda.
    pub(super) fn schedule(&mut self) -> Option<Elapsed> {
        let due = self.frames.front()?.due;
        if self.wake.is_some_and(|wake| wake <= due) {
            return None;
        }
        self.wake = Some(due);
        self.wake
    }

    /// A better line hurries on what is on its way; a worse one holds for what comes.
    pub(super) fn hurry(&mut self, now: Elapsed, quality: LineQuality) -> Option<Elapsed> {
        self.free_at = now;
        for frame in &mut self.frames {
            self.free_at = after(self.free_at, time_for(frame.bytes, quality));
            frame.due = frame.due.min(after(self.free_at, delay(quality)));
        }
        self.schedule()
    }

    /// All that is on its way is lost.
    pub(super) fn cut(&mut self) {
        self.frames.clear();
        self.free_at = Elapsed(0);
        self.wake = None;
    }
}

fn after(at: Elapsed, span: Elapsed) -> Elapsed {
    Elapsed(at.0.saturating_add(span.0))
}

fn delay(quality: LineQuality) -> Elapsed {
    Elapsed(HOP.0 + u64::from(quality.latency.0) * 1000)
}

fn time_for(bytes: Bytes, quality: LineQuality) -> Elapsed {
    match quality.bandwidth.0 {
        0 => Elapsed(0),
        per_s => Elapsed(u64::from(bytes.0) * 1_000_000 / u64::from(per_s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Bandwidth, Latency};

    const SLOW: LineQuality = LineQuality {
        latency: Latency(20),
        bandwidth: Bandwidth(1000),
    };

    fn arrivals(pipe: &mut Pipe<char>, until: u64) -> Vec<(u64, char)> {
        let mut seen = Vec::new();
        for now in 0..=until {
            while let Some(what) = pipe.pop(Elapsed(now)) {
                seen.push((now, what));
            }
        }
        seen
    }

    #[test]
    fn frames_share_the_bandwidth_and_keep_their_order() {
        let mut pipe = Pipe::default();
        for what in ['a', 'b'] {
            pipe.push(Elapsed(0), (what, Bytes(100)), SLOW);
        }
        assert_eq!(arrivals(&mut pipe, 300_000), [(120_050, 'a'), (220_050, 'b')]);
    }

    #[test]
    fn better_line_hurries_on_what_is_on_its_way() {
        let mut pipe = Pipe::default();
        let first = pipe.push(Elapsed(0), ('a', Bytes(100)), SLOW);
        assert_eq!(first, Some(Elapsed(120_050)));
        let sooner = pipe.hurry(Elapsed(1_000), LineQuality::default());
        assert_eq!(sooner, Some(Elapsed(1_050)));
        assert!(!pipe.wakes(Elapsed(120_050)), "the older entry is out of date");
        assert!(pipe.wakes(Elapsed(1_050)));
        assert_eq!(arrivals(&mut pipe, 2_000), [(1_050, 'a')]);
    }

    #[test]
    fn only_the_first_of_many_is_on_the_agenda() {
        let mut pipe = Pipe::default();
        let entered: Vec<_> = ['a', 'b', 'c']
            .map(|what| pipe.push(Elapsed(0), (what, Bytes(1)), SLOW))
            .into();
        assert_eq!(entered, [Some(Elapsed(21_050)), None, None]);
        assert!(pipe.wakes(Elapsed(21_050)));
        assert_eq!(pipe.pop(Elapsed(21_050)), Some('a'));
        assert_eq!(pipe.pop(Elapsed(21_050)), None);
        assert_eq!(pipe.schedule(), Some(Elapsed(22_050)));
    }
}
