//! Heartbeats as RabbitMQ does them: two looks at a clock, one for each direction.
//!
//! Every `h` seconds the broker looks whether any byte came; after two looks in a row without one the peer counts as
//! dead, so it is noticed between `2h` and `3h` after its last byte. Every `h/2` it looks whether anything was sent,
//! and sends a heartbeat if not. (AMQP 0-9-1, section 4.2.7; RabbitMQ's `rabbit_heartbeat`.)

use crate::broker::dispatch::Millis;

/// The heartbeat of one connection.
#[derive(Debug)]
pub(super) struct Heartbeat {
    every_ms: u64,
    look_in: Millis,
    look_out: Millis,
    received: bool,
    sent: bool,
    /// Looks in a row that found nothing.
    silent: u8,
}

/// What a look at the clock asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pulse {
    /// Nothing.
    Steady,
    /// Send a heartbeat.
    Beat,
    /// The peer is gone: close the socket, without a frame.
    Dead,
}

impl Heartbeat {
    /// `None` for an interval of 0: heartbeats are off.
    pub(super) fn new(now: Millis, seconds: u16) -> Option<Self> {
        let every_ms = u64::from(seconds) * 1000;
        (seconds > 0).then(|| Self {
            every_ms,
            look_in: Millis(now.0 + every_ms),
            look_out: Millis(now.0 + every_ms / 2),
            received: false,
            sent: false,
            silent: 0,
        })
    }

    /// Bytes came. Any byte counts.
    pub(super) fn received(&mut self) {
        self.received = true;
    }

    /// Something other than a heartbeat was sent.
    pub(super) fn sent(&mut self) {
        self.sent = true;
    }

    /// When to look next.
    pub(super) fn deadline(&self) -> Millis {
        self.look_in.min(self.look_out)
    }

    /// Looks.
    pub(super) fn tick(&mut self, now: Millis) -> Pulse {
        if now >= self.look_in {
            self.look_in = Millis(now.0 + self.every_ms);
            self.silent = if std::mem::take(&mut self.received) {
                0
            } else {
                self.silent + 1
            };
            if self.silent == 2 {
                return Pulse::Dead;
            }
        }
        if now >= self.look_out {
            self.look_out = Millis(now.0 + self.every_ms / 2);
            if !std::mem::take(&mut self.sent) {
                return Pulse::Beat;
            }
        }
        Pulse::Steady
    }
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, Pulse};
    use crate::broker::dispatch::Millis;

    #[test]
    fn interval_zero_means_off() {
        assert!(Heartbeat::new(Millis(0), 0).is_none());
    }

    #[test]
    fn peer_silent_since_the_start_is_dead_after_three_intervals() {
        let mut heartbeat = Heartbeat::new(Millis(0), 2).expect("on");
        heartbeat.received();
        let dead = (0..100)
            .map(|i| Millis(i * 100))
            .find(|&now| heartbeat.tick(now) == Pulse::Dead);
        assert_eq!(dead, Some(Millis(6000)));
    }

    #[test]
    fn a_byte_in_each_interval_keeps_it_alive() {
        let mut heartbeat = Heartbeat::new(Millis(0), 1).expect("on");
        for now in (0..20_000).step_by(500) {
            heartbeat.received();
            assert_ne!(heartbeat.tick(Millis(now)), Pulse::Dead);
        }
    }

    #[test]
    fn idle_broker_beats_every_half_interval_and_busy_one_never() {
        let beats = |busy: bool| {
            let mut heartbeat = Heartbeat::new(Millis(0), 2).expect("on");
            (1..=8)
                .filter(|i| {
                    heartbeat.received();
                    if busy {
                        heartbeat.sent();
                    }
                    heartbeat.tick(Millis(i * 1000)) == Pulse::Beat
                })
                .count()
        };
        assert_eq!((beats(false), beats(true)), (8, 0));
    }
}
