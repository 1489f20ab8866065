//! What a long run costs to keep, and how long it takes to look at it: a million jobs through 64 workers of different
//! speeds, some of which die all the time.
//!
//! `cargo bench --bench history -- [--jobs N] [--prefetch N]`. Prefetch 0 is no limit: trays grow without end.

mod run;

use anyhow::{Context, Result};
use dispatch_lab::lab::{Elapsed, Event, Filter, Gaze, History, JobId, PageQuery, Sort, When};
use run::Run;
use std::time::{Duration, Instant};

/// Rows on a large screen.
const ROWS: u16 = 60;
/// More than is needed: nothing is to be forgotten here.
const LIMIT: u64 = 4 << 30;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u32| -> Result<u32> {
        let at = arguments.iter().position(|a| a == name);
        let text = at.and_then(|at| arguments.get(at + 1));
        text.map_or(Ok(default), |text| {
            text.parse().with_context(|| format!("{name} {text}"))
        })
    };
    let (jobs, prefetch) = (number("--jobs", 1_000_000)?, number("--prefetch", 20)?);
    let mut history = fill(jobs, u16::try_from(prefetch)?);
    pages(&mut history, jobs);
    rewinds(&mut history);
    journeys(&mut history, jobs);
    println!(
        "bytes, with what the looks left   {:8.1} a job",
        per(history.bytes(), jobs)
    );
    Ok(())
}

fn fill(jobs: u32, prefetch: u16) -> History {
    let mut run = Run::new(prefetch);
    let mut history = History::new(run.settings.clone(), run.broker.clone(), LIMIT);
    let mut spent = Duration::ZERO;
    let mut longest = Duration::ZERO;
    let mut events: Vec<Event> = Vec::new();
    while run.done < jobs {
        events.clear();
        run.go_on(jobs, &mut events);
        let start = Instant::now();
        for event in &events {
            history.push(event);
        }
        let took = start.elapsed();
        spent += took;
        longest = longest.max(took);
    }
    let extent = history.extent();
    println!(
        "{jobs} jobs, {} events, {} deaths, prefetch {prefetch}",
        extent.last.events, run.deaths
    );
    println!("push            {:10.0} events/s", rate(extent.last.events, spent));
    println!("push, longest   {:10.2} ms for a piece", ms(longest));
    println!(
        "bytes           {:10.1} a job, {:.1} MB",
        per(history.bytes(), jobs),
        per(history.bytes(), 1_000_000)
    );
    println!("  of the past   {:10.1} a job", per(extent.bytes, jobs));
    history
}

fn pages(history: &mut History, jobs: u32) {
    let query = |filter, sort, first, find| PageQuery {
        filter,
        sort,
        first,
        rows: ROWS,
        find,
    };
    for sort in [Sort::Newest, Sort::Oldest, Sort::Longest] {
        let mut scroll = Times::new(format!("page {sort:?}, scrolled anywhere"));
        let mut open = Times::new(format!("page {sort:?}, first"));
        let mut find = Times::new(format!("page {sort:?}, a job found"));
        // All jobs are done by now, some of them more than once delivered; other filters have nothing to show.
        for filter in [Filter::All, Filter::Done, Filter::Redelivered, Filter::Tray] {
            for step in 0..10 {
                let first = jobs / 10 * step;
                open.time(|| look(history, When::Now, Some(query(filter, sort, 0, None)), None));
                scroll.time(|| look(history, When::Now, Some(query(filter, sort, first, None)), None));
                let job = Some(JobId(first + 1));
                find.time(|| look(history, When::Now, Some(query(filter, sort, 0, job)), None));
            }
        }
        for times in [&mut open, &mut scroll, &mut find] {
            times.print();
        }
    }
}

fn rewinds(history: &mut History) {
    let last = history.extent().last;
    let mut random = run::Random::new(3);
    let mut times = Times::new("rewind to a random event");
    for _ in 0..100 {
        let when = When::After(random.below(last.events));
        times.time(|| look(history, when, None, None));
    }
    times.print();
    let mut times = Times::new("rewind to a random time");
    for _ in 0..100 {
        let when = When::At(Elapsed(random.below(last.at.0)));
        times.time(|| look(history, when, None, None));
    }
    times.print();
    let middle = last.events / 2;
    let (mut on, mut back) = (Times::new("a single event forward"), Times::new("a single event back"));
    for step in 0..1000 {
        on.time(|| look(history, When::After(middle + step), None, None));
    }
    for step in (0..1000).rev() {
        back.time(|| look(history, When::After(middle + step), None, None));
    }
    on.print();
    back.print();
    let mut scrub = Times::new("a hundredth back, twenty times");
    for step in 1..20 {
        let when = When::After(middle - last.events / 100 * step);
        scrub.time(|| look(history, when, None, None));
    }
    scrub.print();
}

fn journeys(history: &mut History, jobs: u32) {
    let mut random = run::Random::new(4);
    let mut times = Times::new("journey of a random job");
    let mut longest = 0;
    for _ in 0..200 {
        let job = 1 + u32::try_from(random.below(u64::from(jobs))).unwrap_or(0);
        let mut steps = 0;
        times.time(|| steps = look(history, When::Now, None, Some(JobId(job))));
        longest = longest.max(steps);
    }
    times.print();
    println!("  its steps, at most {longest}");
}

fn look(history: &mut History, when: When, page: Option<PageQuery>, journey: Option<JobId>) -> usize {
    let now = history.extent().last.at;
    let sight = history.look(&Gaze { when, page, journey }, now);
    sight.journey.map_or(0, |journey| journey.steps.len())
}

struct Times {
    what: String,
    all: Vec<Duration>,
}

impl Times {
    fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            all: Vec::new(),
        }
    }

    fn time<T>(&mut self, f: impl FnOnce() -> T) {
        let start = Instant::now();
        f();
        self.all.push(start.elapsed());
    }

    fn print(&mut self) {
        self.all.sort_unstable();
        let median = self.all[self.all.len() / 2];
        let max = self.all[self.all.len() - 1];
        println!("{:34} {:8.2} ms median {:8.2} ms max", self.what, ms(median), ms(max));
    }
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(count: u64, spent: Duration) -> f64 {
    count as f64 / spent.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per(bytes: u64, jobs: u32) -> f64 {
    bytes as f64 / f64::from(jobs)
}
