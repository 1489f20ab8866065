//! What lies between the workers and the broker: the same for all of them, now and later.

use super::{Link, Shared};
use crate::lab::{Heartbeat, LineQuality};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Where nobody says otherwise, in seconds.
const HEARTBEAT: Heartbeat = Heartbeat(10);

/// The quality of the workers' lines, and their heartbeat; clones share them.
#[derive(Clone)]
pub(in crate::engine) struct Conditions {
    heartbeat: Heartbeat,
    shared: Arc<Mutex<Lines>>,
}

#[derive(Default)]
struct Lines {
    quality: LineQuality,
    links: Vec<Weak<Mutex<Shared>>>,
}

impl Default for Conditions {
    /// No delay, no limit, and a heartbeat that hardly ever matters.
    fn default() -> Self {
        Self::new(LineQuality::default(), HEARTBEAT)
    }
}

impl Conditions {
    pub(in crate::engine) fn new(quality: LineQuality, heartbeat: Heartbeat) -> Self {
        let lines = Lines {
            quality,
            links: Vec::new(),
        };
        Self {
            heartbeat,
            shared: Arc::new(Mutex::new(lines)),
        }
    }

    pub(in crate::engine) fn heartbeat(&self) -> Heartbeat {
        self.heartbeat
    }

    /// Holds for this link, too, as long as it lives.
    pub(in crate::engine) fn cover(&self, link: &Link) {
        let mut lines = self.lock();
        lines.links.retain(|link| link.strong_count() > 0);
        lines.links.push(Arc::downgrade(&link.shared));
        link.set_quality(lines.quality);
    }

    /// At once, on all lines.
    pub(in crate::engine) fn set_quality(&self, quality: LineQuality) {
        let mut lines = self.lock();
        lines.quality = quality;
        for link in lines.links.iter().filter_map(Weak::upgrade) {
            Link::of(link).set_quality(quality);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        // Nothing here panics with the lock held; a poisoned one is as good as any.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conditions")
            .field("heartbeat", &self.heartbeat)
            .field("quality", &self.lock().quality)
            .finish_non_exhaustive()
    }
}
