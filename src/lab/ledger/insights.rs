//! What is true of the run now: judged from the ledger's state and a few tallies, on lab time.
//!
//! The conditions are pure (`standing`: of settings and crew; `traffic`: of who has how much; `recent`: of what happened
//! just now; `verdict`). Each names candidates; of several cases of one kind the worst is told, and the one that was told
//! before stays as long as it holds. A condition that comes and goes with the traffic has to hold for a while before it
//! counts, and counts for a while after it was last seen, so that nothing flickers.
//!
//! Between two events only time passes. So the state is judged at most four times a second of lab time, when an event
//! comes: once right after the event before, once right before this one. A picture judges it anew for its own moment.

mod recent;
mod standing;
mod tally;
mod traffic;
mod verdict;

use super::super::event::{Event, Happening};
use super::super::ids::{Elapsed, LabTime, WorkerId};
use super::super::insight::{Earlier, Insight, Present, Severity};
use super::{Detail, Ledger, WorkerBook};
use tally::Tally;

/// How often the state is judged at most.
const EVERY_US: u64 = 250_000;

/// For how long what happened just now is told.
const RECENT_US: u64 = 30_000_000;

/// A moment on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Moment {
    lab: LabTime,
    real: Elapsed,
}

/// An insight that may hold, and how bad the case is among others of its kind.
type Case = (u64, Insight);

/// What was found out so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Insights {
    tally: Tally,
    /// Those that hold, or are about to, or did just now.
    found: Vec<Found>,
    /// One for each kind that came and went.
    earlier: Vec<Earlier>,
    /// When the last event was.
    touched: Moment,
    /// When the state is judged again.
    due: LabTime,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    insight: Insight,
    since: LabTime,
    seen: LabTime,
    shown: bool,
}

impl Ledger {
    /// Before an event is entered: what held up to it.
    pub(super) fn watch(&mut self, event: &Event) {
        if event.lab >= self.insights.due {
            let mut insights = std::mem::take(&mut self.insights);
            insights.judge(self, insights.touched);
            insights.judge(self, Moment::of(event));
            insights.due = LabTime(event.lab.0.saturating_add(EVERY_US));
            self.insights = insights;
        }
    }

    /// After it was entered.
    pub(super) fn remember(&mut self, event: &Event) {
        if matches!(event.what, Happening::Reset(_)) {
            self.insights = Insights::default();
        }
        let mut tally = std::mem::take(&mut self.insights.tally);
        tally.enter(event, self);
        self.insights.tally = tally;
        self.insights.touched = Moment {
            lab: self.clock.now(event.at),
            real: event.at,
        };
    }

    /// What holds now, the gravest first, and what held earlier, the latest first.
    pub(super) fn insights(&self, real: Elapsed) -> (Vec<Present>, Vec<Earlier>) {
        if self.detail == Detail::Books {
            return (Vec::new(), Vec::new());
        }
        let mut insights = self.insights.clone();
        let now = Moment {
            lab: self.clock.now(real),
            real,
        };
        insights.judge(self, insights.touched);
        insights.judge(self, now);
        let shown = |f: &&Found| f.shown;
        let mut present: Vec<Present> = insights.found.iter().filter(shown).map(Found::present).collect();
        present.sort_by_key(|p| (p.insight.severity(), std::cmp::Reverse(p.since)));
        let mut earlier = insights.earlier;
        earlier.retain(|e| present.iter().all(|p| !p.insight.is_like(&e.insight)));
        earlier.sort_by_key(|e| std::cmp::Reverse(e.until));
        (present, earlier)
    }
}

impl Insights {
    /// Bytes on the heap.
    pub(super) fn own_bytes(&self) -> usize {
        size_of_val(&self.found[..]) + size_of_val(&self.earlier[..]) + self.tally.own_bytes()
    }

    fn judge(&mut self, ledger: &Ledger, now: Moment) {
        let view = View::of(ledger, &self.tally, now);
        let mut cases = Vec::with_capacity(16);
        standing::look(&view, &mut cases);
        traffic::look(&view, &mut cases);
        recent::look(&view, &mut cases);
        self.weigh(&cases, now.lab, Insight::is_no_verdict);
        let trouble = self.found.iter().any(|f| f.shown && f.insight.is_trouble());
        let was_fair = self.found.iter().any(|f| matches!(f.insight, Insight::Fair { .. }));
        cases.clear();
        if !trouble {
            cases.push((0, verdict::of(&View::of(ledger, &self.tally, now), was_fair)));
        }
        self.weigh(&cases, now.lab, |insight| !insight.is_no_verdict());
    }

    /// Enters the cases that hold at that moment; `among`: which kinds were looked for.
    fn weigh(&mut self, cases: &[Case], at: LabTime, among: impl Fn(&Insight) -> bool) {
        for (i, (_, insight)) in cases.iter().enumerate() {
            if cases[..i].iter().all(|(_, before)| !before.is_like(insight)) {
                self.enter(cases, insight, at);
            }
        }
        for found in &mut self.found {
            let held = found.seen.0.saturating_sub(found.since.0);
            found.shown |= found.seen == at && held >= patience_us(&found.insight);
        }
        let mut earlier = std::mem::take(&mut self.earlier);
        self.found.retain(|found| {
            let gone_us = at.0.saturating_sub(found.seen.0);
            let linger = if found.shown { linger_us(&found.insight) } else { 0 };
            let stays = found.seen == at || !among(&found.insight) || (found.shown && gone_us < linger);
            if !stays && found.shown && found.insight.severity() != Severity::Verdict {
                record(&mut earlier, found);
            }
            stays
        });
        self.earlier = earlier;
    }

    /// The case to tell of a kind: the one told before while it holds, else the worst.
    fn enter(&mut self, cases: &[Case], kind: &Insight, at: LabTime) {
        let like = || cases.iter().filter(|(_, case)| case.is_like(kind));
        let before = self.found.iter_mut().find(|f| f.insight.is_like(kind));
        let told = before.as_ref().and_then(|f| f.insight.worker());
        let same = like().find(|(_, case)| told.is_some() && case.worker() == told);
        let worst = || like().reduce(|worst, case| if case.0 > worst.0 { case } else { worst });
        let Some(&(_, insight)) = same.or_else(worst) else {
            return;
        };
        match before {
            Some(found) => {
                found.insight = insight;
                found.seen = at;
            }
            None => self.found.push(Found {
                insight,
                since: at,
                seen: at,
                shown: false,
            }),
        }
    }
}

fn record(earlier: &mut Vec<Earlier>, found: &Found) {
    let (insight, since, until) = (found.insight, found.since, found.seen);
    match earlier.iter_mut().find(|e| e.insight.is_like(&insight)) {
        Some(e) => {
            *e = Earlier {
                insight,
                since,
                until,
                times: e.times.saturating_add(1),
            };
        }
        None => earlier.push(Earlier {
            insight,
            since,
            until,
            times: 1,
        }),
    }
}

/// For how long a condition has to hold before it counts. What depends on a queue's length of the moment needs some;
/// what is a state, a sum or has its own window needs none.
const fn patience_us(insight: &Insight) -> u64 {
    match insight {
        Insight::AllUnacked { .. } | Insight::RoundTrips { .. } | Insight::Fair { .. } => 2_000_000,
        Insight::Overload { .. } => 3_000_000,
        Insight::NobodyConsumes(_) | Insight::HeadOfLine { .. } => 1_000_000,
        _ => 0,
    }
}

/// For how long it counts after it was last seen.
const fn linger_us(insight: &Insight) -> u64 {
    match insight {
        Insight::Hoarding { .. } | Insight::Starving { .. } | Insight::AllUnacked { .. } => 2_000_000,
        Insight::HeadOfLine { .. } | Insight::Fair { .. } => 3_000_000,
        Insight::Overload { .. }
        | Insight::CountsNotLoad { .. }
        | Insight::RoundTrips { .. }
        | Insight::OutOfOrder { .. } => 5_000_000,
        _ => 0,
    }
}

impl Moment {
    fn of(event: &Event) -> Self {
        Self {
            lab: event.lab,
            real: event.at,
        }
    }
}

impl Found {
    const fn present(&self) -> Present {
        Present {
            insight: self.insight,
            since: self.since,
            seen: self.seen,
        }
    }
}

impl Insight {
    fn is_no_verdict(&self) -> bool {
        self.severity() != Severity::Verdict
    }

    /// While such a thing holds there is no verdict on the whole.
    fn is_trouble(&self) -> bool {
        matches!(
            self.severity(),
            Severity::Loss | Severity::Stuck | Severity::NoEffect | Severity::Waste
        )
    }
}

/// What the conditions are judged on.
struct View<'a> {
    ledger: &'a Ledger,
    tally: &'a Tally,
    now: Moment,
}

impl<'a> View<'a> {
    const fn of(ledger: &'a Ledger, tally: &'a Tally, now: Moment) -> Self {
        Self { ledger, tally, now }
    }

    /// How long ago that was, in microseconds of lab time.
    const fn ago(&self, at: LabTime) -> u64 {
        self.now.lab.0.saturating_sub(at.0)
    }

    /// Whether that was a moment ago.
    const fn is_recent(&self, at: LabTime) -> bool {
        self.ago(at) < RECENT_US
    }

    fn deeds(&self, id: WorkerId) -> tally::Deeds {
        self.tally.of(id)
    }
}

/// Whole seconds.
fn seconds(us: u64) -> u32 {
    u32::try_from(us / 1_000_000).unwrap_or(u32::MAX)
}

/// A length.
fn tray_of(worker: &WorkerBook) -> u32 {
    u32::try_from(worker.tray.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
