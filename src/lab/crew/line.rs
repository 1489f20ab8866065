//! The line of a worker: its channel to the broker, as far as the lab must know to judge what arrives.

use super::super::command::KillKind;
use super::super::event::Cause;
use super::super::ids::{Elapsed, Epoch};
use super::super::settings::Prefetch;
use super::super::wire::Subscription;

#[derive(Debug)]
pub(in super::super) struct Line {
    /// The present channel's; what carries another is stale.
    pub(super) epoch: Epoch,
    pub(super) phase: Phase,
    /// As last asked for.
    pub(super) subscription: Option<Subscription>,
    /// The limit that `basic.qos` alone has set since; the consumer that is there is not meant by it.
    pub(super) qos: Option<Prefetch>,
    /// Killed and not revived: it does not come back by itself.
    pub(super) killed: Option<KillKind>,
    /// Revived while the line was still being cut, or until its consume is answered.
    pub(super) reviving: Reviving,
    /// When a line that broke by itself is tried again.
    pub(super) retry_at: Option<Elapsed>,
    /// How often in a row it broke.
    pub(super) breaks: u32,
    /// Why the line went last; for jobs of which one hears later.
    pub(super) last_why: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No channel.
    Closed,
    /// Asked for.
    Opening,
    /// Open, with a consumer or (after a cancel) without.
    Open,
    /// Asked to end; what it holds is void when the driver says that it is down.
    Ending(Cause),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reviving {
    No,
    Yes,
}

/// The first pause before a broken line is tried again; it doubles each time.
const RETRY: Elapsed = Elapsed(250_000);

/// How often the pause doubles at most: up to eight seconds.
const DOUBLINGS: u32 = 5;

impl Line {
    pub(in super::super) fn new() -> Self {
        Self {
            epoch: Epoch(0),
            phase: Phase::Closed,
            subscription: None,
            qos: None,
            killed: None,
            reviving: Reviving::No,
            retry_at: None,
            breaks: 0,
            last_why: Cause::ConnectionLost,
        }
    }

    /// Of a client that is not of the lab: there, and never asked for anything.
    pub(super) fn of_guest(epoch: Epoch, subscription: Subscription) -> Self {
        Self {
            epoch,
            phase: Phase::Open,
            subscription: Some(subscription),
            ..Self::new()
        }
    }

    pub(in super::super) fn is_opening(&self) -> bool {
        self.phase == Phase::Opening
    }

    /// The channel exists or soon will.
    pub(super) fn has_channel(&self) -> bool {
        matches!(self.phase, Phase::Opening | Phase::Open)
    }

    /// Whether it consumes in another way than it should.
    pub(super) fn is_stale(&self, wanted: Subscription) -> bool {
        let has = self.subscription.map(|subscription| Subscription {
            prefetch: self.qos.unwrap_or(subscription.prefetch),
            ..subscription
        });
        has != Some(wanted)
    }

    /// The network swallows everything, and the broker has not found out yet.
    pub(super) fn is_silent(&self) -> bool {
        self.phase == Phase::Ending(Cause::Killed(KillKind::HalfOpen))
    }

    /// It broke: when to try again.
    pub(super) fn back_off(&mut self, at: Elapsed) -> Elapsed {
        let pause = RETRY.0 << self.breaks.min(DOUBLINGS);
        let again = Elapsed(at.0 + pause);
        self.retry_at = Some(again);
        self.breaks += 1;
        again
    }
}
