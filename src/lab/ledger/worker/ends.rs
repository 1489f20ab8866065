//! How a worker ends, what it knows of it, and what it costs.

use super::super::super::command::KillKind;
use super::super::super::event::Breakage;
use super::super::super::ids::{Elapsed, LabTime};
use super::super::super::settings::Heartbeat;
use super::super::super::snapshot::{GoneHow, Mark, Toll, WorkerState};
use super::{Knows, WorkerBook};

impl WorkerBook {
    pub(in super::super) fn killed(&mut self, at: LabTime, kind: KillKind) {
        self.timeline.mark(at, Mark::Killed);
        self.doomed = false;
        self.idle_since = None;
        if kind != KillKind::Cancel {
            self.rest(at);
        }
        self.state = match kind {
            KillKind::Cancel => WorkerState::Cancelled,
            KillKind::CloseChannel => WorkerState::ChannelClosed(Toll::default()),
            KillKind::HalfOpen | KillKind::CloseConnection | KillKind::Reset | KillKind::CrashBeforeAck => {
                WorkerState::Gone(GoneHow::Killed(kind), self.toll())
            }
            KillKind::Freeze => WorkerState::Frozen,
        };
    }

    /// It goes on with what it holds: its program does not know.
    pub(in super::super) fn silenced(&mut self, at: LabTime, since: Elapsed, heartbeat: Heartbeat) {
        self.timeline.mark(at, Mark::Silenced);
        self.doomed = false;
        self.knows = Knows::Nothing;
        self.idle_since = None;
        self.state = WorkerState::Silent(since, heartbeat);
    }

    pub(in super::super) fn gave_up(&mut self, at: LabTime) {
        self.knows = Knows::Silence;
        self.rest(at);
    }

    /// The network swallows what it says.
    pub(in super::super) fn acks_in_vain(&self) -> bool {
        matches!(self.state, WorkerState::Silent(..))
    }

    pub(in super::super) fn broke(&mut self, at: LabTime, how: &Breakage) {
        self.timeline.mark(at, Mark::Killed);
        self.idle_since = None;
        self.state = match how {
            Breakage::Cancelled => {
                self.state = WorkerState::Cancelled;
                return;
            }
            // It was killed, and this is how one found out.
            Breakage::Lost(_) if self.acks_in_vain() => {
                WorkerState::Gone(GoneHow::Killed(KillKind::HalfOpen), Toll::default())
            }
            Breakage::Lost(text) => WorkerState::Gone(GoneHow::Lost(text.to_string()), Toll::default()),
            Breakage::Refused(text) => WorkerState::Gone(GoneHow::Refused(text.to_string()), Toll::default()),
        };
        self.rest(at);
    }

    pub(in super::super) fn inactive(&mut self, at: LabTime, state: WorkerState) {
        self.state = state;
        self.idle_since = None;
        self.rest(at);
    }

    pub(in super::super) fn charge(&mut self, back: u32, lost: u32) {
        self.lost += lost;
        if let WorkerState::ChannelClosed(toll) | WorkerState::Gone(_, toll) = &mut self.state {
            toll.back += back;
            toll.lost += lost;
        }
    }

    fn toll(&self) -> Toll {
        match &self.state {
            WorkerState::ChannelClosed(toll) | WorkerState::Gone(_, toll) => *toll,
            _ => Toll::default(),
        }
    }

    /// It neither consumes nor will by itself.
    pub(in super::super) fn is_gone(&self) -> bool {
        !self.removed
            && self.guest.is_none()
            && matches!(
                self.state,
                WorkerState::Cancelled | WorkerState::ChannelClosed(_) | WorkerState::Gone(..)
            )
    }
}
