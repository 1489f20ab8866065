//! What a run comes to, counted while it runs: a fold over its events, the same for a run in real time and a simulated
//! one.
//!
//! It stands still at [`Happening::Over`]: what happens until whoever runs it has ended it belongs to no outcome.

mod jobs;
mod worker;

use self::jobs::Jobs;
use self::worker::Workers;
use super::outcome::{Outcome, SCHEMA, WaitMs};
use crate::lab::{Elapsed, Event, Happening, LabSpan, LabTime, Meter, Over, Settings, Thousandths};
use std::sync::Arc;

/// So many jobs are told one by one, in [`Outcome::jobs`]; where there are more, none is.
pub const JOBS_TOLD: usize = 100_000;

/// So many sentences on what was declined are kept; a script that is declined more often fails no less.
const DECLINED_TOLD: usize = 20;

/// The count of one run.
#[derive(Clone, Debug)]
pub struct Tally {
    beginning: Settings,
    meter: Meter,
    jobs: Jobs,
    workers: Workers,
    redelivered: u32,
    /// When the last cue came: what is declined at that very moment is declined to the script.
    cued: Option<(Elapsed, LabTime)>,
    declined: Vec<Arc<str>>,
    now: LabTime,
    over: Option<Over>,
}

impl Tally {
    /// Of a run that begins with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            beginning: settings.clone(),
            meter: Meter::of_all(settings),
            jobs: Jobs::default(),
            workers: Workers::new(settings.speeds.len()),
            redelivered: 0,
            cued: None,
            declined: Vec::new(),
            now: LabTime(0),
            over: None,
        }
    }

    /// One more event, in their order.
    pub fn note(&mut self, event: &Event) {
        if let Happening::Reset(speeds) = &event.what {
            let speeds = speeds.to_vec();
            *self = Self::new(&Settings {
                speeds,
                ..self.beginning.clone()
            });
        } else if self.over.is_none() {
            self.now = event.lab;
            self.meter.note(event);
            self.jobs.note(&event.what);
            self.workers.note(&event.what, &self.jobs);
            self.note_script(event);
        }
    }

    /// How the script came to its end, if it did.
    pub const fn over(&self) -> Option<Over> {
        self.over
    }

    /// What it came to. The scenario's name, the broker and what was expected are for others to say.
    pub fn outcome(&self) -> Outcome {
        let measures = self.meter.measures(self.now);
        let makespan = measures.makespan;
        let counts = self.jobs.counts();
        let mut workers = self.workers.outcome();
        for (worker, share) in workers.iter_mut().zip(&measures.workers) {
            let part = |whole: LabSpan| (whole.0 > 0).then(|| (ms(share.busy) / ms(whole)).min(1.0));
            worker.done = share.done;
            worker.busy = makespan.and_then(part);
        }
        self.jobs.charge(&mut workers);
        Outcome {
            schema: SCHEMA,
            seed: self.beginning.seed.0,
            published: counts.published,
            confirmed: counts.confirmed,
            done: counts.done,
            lost: counts.lost,
            twice: counts.twice,
            dead: counts.dead,
            redelivered: self.redelivered,
            ready: counts.ready,
            unacked: counts.unacked,
            makespan_ms: makespan.map(ms),
            ideal_ms: ms(measures.ideal),
            fairness: measures.fairness.map(part),
            idle: measures.idle.map(part),
            wait_ms: measures.wait.map(|wait| WaitMs {
                p50: ms(wait.p50),
                p95: ms(wait.p95),
                p99: ms(wait.p99),
            }),
            workers,
            declined: self.declined.clone(),
            ended_ms: ms(LabSpan(self.now.0)),
            in_time: self.over == Some(Over::Reached),
            jobs: self.jobs.told(),
            ..Outcome::default()
        }
    }

    fn note_script(&mut self, event: &Event) {
        let moment = Some((event.at, event.lab));
        match &event.what {
            Happening::Delivered(_, d) => self.redelivered += u32::from(d.redelivered),
            Happening::Cued(_) => self.cued = moment,
            Happening::Declined(why) if self.cued == moment => self.decline(why),
            Happening::Refused(_, why) | Happening::BrokerStartFailed(why) | Happening::BrokerEndFailed(why) => {
                self.decline(why);
            }
            Happening::Over(over) => self.over = Some(*over),
            _ => {}
        }
    }

    fn decline(&mut self, why: &Arc<str>) {
        if self.declined.len() < DECLINED_TOLD {
            self.declined.push(Arc::clone(why));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 years of lab time")]
fn ms(span: LabSpan) -> f64 {
    span.0 as f64 / 1000.0
}

fn part(thousandths: Thousandths) -> f64 {
    f64::from(thousandths.0) / 1000.0
}

#[cfg(test)]
mod tests;
