//! What is true here, worked out from the state.

use super::super::ids::{LabTime, WorkerId};
use super::super::note::Note;
use super::super::settings::{AckMode, Confirms, Delivery, Prefetch, QueueKind, Settings};
use super::{Ledger, WorkerBook};

/// How long a worker is idle before another's full tray is worth a remark.
const IDLE_US: u64 = 2_000_000;

/// A tray from which one could give.
const HOARD: usize = 2;

impl Ledger {
    pub(super) fn notes(&self, now: LabTime) -> Vec<Note> {
        let mut notes = settings_notes(&self.settings);
        let elsewhere = self.jobs.counts().waiting[self.settings.queue.other().slot()];
        if elsewhere > 0 {
            notes.push(Note::JobsElsewhere(elsewhere));
        }
        notes.extend(self.hoarding(now));
        notes.extend(self.over_limit());
        if self.decisions_lost > 0 {
            notes.push(Note::DecisionsLost(self.decisions_lost));
        }
        if self.foreign > 0 {
            notes.push(Note::ForeignMessages(self.foreign));
        }
        notes
    }

    /// The fullest tray, while another worker has nothing and the queue neither.
    fn hoarding(&self, now: LabTime) -> Option<Note> {
        if self.jobs.counts().waiting[self.settings.queue.slot()] > 0 {
            return None;
        }
        let idle = self.present().find(|w| w.idle_for(now) >= IDLE_US)?;
        let trays = self.present().filter(|w| w.tray.len() >= HOARD);
        let hoarder = trays.max_by_key(|w| (w.tray.len(), std::cmp::Reverse(w.id)))?;
        Some(Note::Hoarding {
            worker: hoarder.id,
            tray: u32::try_from(hoarder.tray.len()).unwrap_or(u32::MAX),
            idle: idle.id,
        })
    }

    /// The worker that is furthest above the limit.
    fn over_limit(&self) -> Option<Note> {
        let Prefetch(limit) = self.settings.prefetch;
        if limit == 0 || self.settings.ack == AckMode::Automatic {
            return None;
        }
        let over = self.present().filter(|w| w.unacked > u32::from(limit));
        let most: Option<(u32, WorkerId)> = over.map(|w| (w.unacked, w.id)).max_by_key(|(n, _)| *n);
        most.map(|(unacked, id)| Note::OverLimit(id, unacked))
    }
}

impl WorkerBook {
    fn idle_for(&self, now: LabTime) -> u64 {
        self.idle_since.map_or(0, |since| now.0.saturating_sub(since.0))
    }
}

fn settings_notes(s: &Settings) -> Vec<Note> {
    let mut notes = Vec::new();
    if s.ack == AckMode::Automatic && s.prefetch.0 > 0 {
        notes.push(Note::PrefetchWithoutAcks);
    }
    match (s.queue, s.messages) {
        (QueueKind::Durable, Delivery::Transient) => notes.push(Note::DurableQueueTransientMessages),
        (QueueKind::Transient, Delivery::Persistent) => notes.push(Note::PersistentMessagesTransientQueue),
        (QueueKind::Durable, Delivery::Persistent) if s.confirms == Confirms::Off => {
            notes.push(Note::PersistentWithoutConfirms);
        }
        _ => {}
    }
    notes
}
