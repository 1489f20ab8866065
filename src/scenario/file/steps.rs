//! `[[script]]` and `[end]`: from texts to cues.
//!
//! The steps are read once, and then played through in thought, with the settings and the workers that there are at each:
//! a flip plays them again with other settings, or with another action.

use super::super::action::{self, Action};
use super::super::amount::{JOBS_MAX, WORKERS_MAX, time};
use super::super::condition::{self, Moment};
use super::super::fault::Fault;
use super::paper::{Paper, Piece, Section, Value};
use super::settings::Start;
use super::{ACTIONS_MAX, STEPS_MAX, belongs};
use crate::lab::{
    BrokerCommand, Command, Condition, Count, Cue, CueWhen, End, Hold, LabSpan, LabTime, Producing, Sharing, WorkerId,
};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;

pub(in super::super) const STEP_KEYS: [&str; 5] = ["name", "at", "after", "when", "do"];
pub(in super::super) const END_KEYS: [&str; 4] = ["when", "at", "after", "limit"];

/// How long a run may go on after the last moment that is known, where the file says nothing.
const LIMIT: LabTime = LabTime(600 * 1_000_000);

/// A step as it is written.
pub(super) struct Step {
    pub(super) name: Arc<str>,
    at: Range<usize>,
    when: CueWhen,
    /// The worker that its moment names.
    waits_for: Option<(WorkerId, Range<usize>)>,
    does: Vec<Piece>,
}

/// What comes of the steps.
#[derive(Default)]
pub(super) struct Play {
    pub(super) cues: Vec<Cue>,
    /// How many workers there ever are.
    pub(super) workers: u16,
    /// How many jobs there are at most, where that is known.
    pub(super) jobs: Option<u32>,
    /// Where the producer begins to publish for good.
    pub(super) producing: Option<Range<usize>>,
}

/// The steps of a file.
pub(super) fn read<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Vec<Step> {
    let sections = paper.tables(root.get("script"), "[[script]]", STEPS_MAX);
    let mut steps: Vec<Step> = Vec::new();
    let mut latest = LabTime(0);
    for section in sections {
        let step = step(paper, section);
        if let CueWhen::At(time) = step.when {
            if time < latest {
                let place = section.get("at").map_or(section.at(), Spanned::span);
                paper.fault(
                    Fault::new(place, "this is earlier than a step before it")
                        .hint("steps come one after another, in the order of the file"),
                );
            }
            latest = latest.max(time);
        }
        if !step.name.is_empty() && steps.iter().any(|other| other.name == step.name) {
            let place = section.get("name").map_or(section.at(), Spanned::span);
            paper.fault(Fault::new(
                place,
                format!("another step is called `{}` already", step.name),
            ));
        }
        steps.push(step);
    }
    steps
}

fn step<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>) -> Step {
    paper.known(section, &STEP_KEYS, belongs);
    let name = section.get("name").and_then(|value| paper.prose(value, 60));
    let (when, waits_for) = moment(paper, section);
    let mut does = Vec::new();
    match section.get("do") {
        None => paper.missing(section, "do", "\"publish 40\""),
        Some(value) => {
            for value in paper.one_or_more(value, "an action", ACTIONS_MAX) {
                does.extend(paper.piece(value, "an action"));
            }
        }
    }
    Step {
        name: name.unwrap_or_default(),
        at: section.at(),
        when,
        waits_for,
        does,
    }
}

/// The moments that a step or an end names: one at most is right.
fn moments<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>) -> Vec<&'static str> {
    let named: Vec<&str> = ["at", "after", "when"]
        .into_iter()
        .filter(|key| section.get(key).is_some())
        .collect();
    if let [first, second, ..] = named.as_slice() {
        paper.fault(
            Fault::new(
                section.key(second),
                format!("`{first}` and `{second}` in one {}", section.name),
            )
            .hint("it has one moment: leave one of them out"),
        );
    }
    named
}

type Waiting = (CueWhen, Option<(WorkerId, Range<usize>)>);

const AT_ONCE: CueWhen = CueWhen::After(LabTime(0));

fn moment<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>) -> Waiting {
    let mut waiting = (AT_ONCE, None);
    for key in moments(paper, section) {
        let Some(value) = section.get(key) else { continue };
        waiting = match key {
            "at" => (CueWhen::At(paper.said(value, "a time", time).unwrap_or_default()), None),
            "after" => (
                CueWhen::After(paper.said(value, "a time", time).unwrap_or_default()),
                None,
            ),
            _ => step_condition(paper, value),
        };
    }
    waiting
}

fn step_condition<'t>(paper: &mut Paper<'t>, value: &Value<'t>) -> Waiting {
    match condition(paper, value) {
        Some(Met::When(condition, worker)) => (CueWhen::When(condition), worker),
        Some(Met::Settled(at)) => {
            let fault = Fault::new(at, "`settled` ends a run: a step can't wait for it");
            paper.fault(fault.hint("for example `done >= 40`"));
            (AT_ONCE, None)
        }
        None => (AT_ONCE, None),
    }
}

/// A condition of the file.
enum Met {
    When(Condition, Option<(WorkerId, Range<usize>)>),
    Settled(Range<usize>),
}

fn condition<'t>(paper: &mut Paper<'t>, value: &Value<'t>) -> Option<Met> {
    let piece = paper.piece(value, "a condition")?;
    let read = condition::parse(&piece.text).map_err(|fault| piece.rebase(fault));
    Some(match paper.keep(read)? {
        Moment::When(condition, place) => {
            let worker = worker_of(condition).map(|worker| (worker, piece.place(&place)));
            Met::When(condition, worker)
        }
        Moment::Settled => Met::Settled(piece.at),
    })
}

const fn worker_of(condition: Condition) -> Option<WorkerId> {
    match condition.what {
        Count::Worker(worker, _) => Some(worker),
        _ => None,
    }
}

/// `[end]`: when it is over, and when at the latest.
pub(super) fn end<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>, play: &Play) -> (End, LabTime) {
    let section = root.get("end").and_then(|value| paper.table(value, "[end]"));
    let (mut end, mut limit) = (End::Settled, LIMIT);
    let mut written = None;
    if let Some(section) = section {
        paper.known(section, &END_KEYS, belongs);
        if let Some(value) = section.get("limit") {
            limit = paper.said(value, "a time", time).unwrap_or(limit);
            written = Some(value.span());
        }
        for key in moments(paper, section) {
            let Some(value) = section.get(key) else { continue };
            end = match key {
                "at" => End::At(paper.said(value, "a time", time).unwrap_or_default()),
                "after" => End::After(paper.said(value, "a time", time).unwrap_or_default()),
                _ => end_condition(paper, value, play),
            };
        }
    }
    (end, limited(paper, end, limit, written, play))
}

fn end_condition<'t>(paper: &mut Paper<'t>, value: &Value<'t>, play: &Play) -> End {
    match condition(paper, value) {
        Some(Met::When(condition, worker)) => {
            if let Some((worker, at)) = worker {
                there(paper, worker, at, play.workers);
            }
            End::When(condition)
        }
        Some(Met::Settled(_)) | None => End::Settled,
    }
}

/// The limit of a run with this end. `written`: where the file says it.
fn limited(paper: &mut Paper<'_>, end: End, limit: LabTime, written: Option<Range<usize>>, play: &Play) -> LabTime {
    if let (End::Settled, Some(place)) = (end, &play.producing) {
        paper.fault(
            Fault::new(
                place.clone(),
                "the producer publishes on and on, so the run never settles",
            )
            .hint("add a step with `hold`, or let [end] name a time: at = \"60s\""),
        );
    }
    let last = last_step(&play.cues);
    let (earliest, what) = match end {
        End::At(at) => (at.max(last), if at < last { "the last step" } else { "the end" }),
        End::After(after) => (LabTime(last.0 + after.0), "the end"),
        End::Settled | End::When(_) => (last, "the last step"),
    };
    match written {
        // A limit that nobody wrote gives way.
        None => LabTime(earliest.0 + limit.0),
        Some(place) => {
            if limit == LabTime(0) {
                paper.fault(Fault::new(place, "with this limit the run is over before it begins"));
            } else if earliest > limit {
                let earliest = LabSpan(earliest.0);
                let fault = Fault::new(place, format!("the limit comes before {what}"));
                paper.fault(fault.hint(format!("it has to be later: that comes at {earliest} at the earliest")));
            }
            limit
        }
    }
}

/// When the last step comes at the earliest.
fn last_step(cues: &[Cue]) -> LabTime {
    cues.iter().fold(LabTime(0), |last, cue| match cue.when {
        CueWhen::At(time) => last.max(time),
        CueWhen::After(time) => LabTime(last.0 + time.0),
        CueWhen::When(_) => last,
    })
}

/// Notes a worker that never is.
pub(super) fn there(paper: &mut Paper<'_>, worker: WorkerId, at: Range<usize>, of: u16) {
    if worker.0 == 0 || worker.0 > of {
        let hint = match of {
            1 => "the only one is W1".to_owned(),
            of => format!("there are W1 to W{of}"),
        };
        paper.fault(Fault::new(at, format!("there is no {worker} in this scenario")).hint(hint));
    }
}

/// How it stands at one moment of the script.
struct Stage {
    start: Start,
    workers: u16,
    removed: BTreeMap<WorkerId, usize>,
    /// What was done to it last.
    broker: BrokerCommand,
    jobs: u64,
    counted: bool,
    too_many: bool,
    producing: Option<Range<usize>>,
}

/// Plays the steps through in thought. `instead`: what a flip has a step do.
pub(super) fn play(
    paper: &mut Paper<'_>,
    steps: &[Step],
    start: &Start,
    instead: &BTreeMap<usize, Vec<Piece>>,
) -> Play {
    let mut stage = Stage {
        start: start.clone(),
        workers: u16::try_from(start.settings.speeds.len()).unwrap_or(u16::MAX),
        removed: BTreeMap::new(),
        broker: BrokerCommand::Start,
        jobs: 0,
        counted: true,
        too_many: false,
        producing: None,
    };
    let mut cues = Vec::with_capacity(steps.len());
    for (number, step) in steps.iter().enumerate() {
        let mut does = Vec::new();
        for piece in instead.get(&number).unwrap_or(&step.does) {
            let read = action::parse(&piece.text, &stage.start.settings);
            let Some(action) = paper.keep(read.map_err(|fault| piece.rebase(fault))) else {
                // It may have been about to publish.
                stage.counted = false;
                continue;
            };
            stage.act(paper, piece, &action, number);
            does.push(action.does);
        }
        cues.push(Cue {
            name: Arc::clone(&step.name),
            when: step.when,
            hold: Hold::No,
            does,
        });
    }
    for step in steps {
        if let Some((worker, at)) = &step.waits_for {
            there(paper, *worker, at.clone(), stage.workers);
        }
    }
    if stage.jobs == 0 && stage.counted {
        let place = steps.first().map_or(0..0, |step| step.at.clone());
        paper.fault(
            Fault::new(place, "nothing is ever published").hint("a step has to: do = \"publish 40\", or \"produce\""),
        );
    }
    Play {
        cues,
        workers: stage.workers,
        jobs: stage.counted.then(|| u32::try_from(stage.jobs).unwrap_or(u32::MAX)),
        producing: stage.producing,
    }
}

impl Stage {
    fn act(&mut self, paper: &mut Paper<'_>, piece: &Piece, action: &Action, step: usize) {
        if let Some((worker, at)) = &action.worker {
            let place = piece.place(at);
            there(paper, *worker, place.clone(), self.workers);
            if let Some(by) = self.removed.get(worker) {
                let what = format!("{worker} is not there any more");
                paper.fault(Fault::new(place, what).hint(format!("step {} removed it", by + 1)));
            }
        }
        let settings = &mut self.start.settings;
        match action.does {
            Command::Publish(n) => self.publish(paper, piece, n),
            Command::PublishAtRate(n) => {
                // The producer is done with these.
                self.producing = None;
                self.publish(paper, piece, n);
            }
            Command::PublishSample(_) | Command::CrashTest(_) => self.counted = false,
            Command::Produce(Producing::On) => {
                self.counted = false;
                self.producing = Some(piece.at.clone());
            }
            Command::Produce(Producing::Held) => self.producing = None,
            Command::SetWorkload(workload) => settings.workload = workload,
            Command::SetLine(line) => settings.line = line,
            Command::SetVersion(version) => self.start.version = version,
            Command::AddWorker(_) if self.workers >= WORKERS_MAX => {
                paper.fault(Fault::new(piece.at.clone(), format!("more than {WORKERS_MAX} workers")));
            }
            Command::AddWorker(_) => self.workers += 1,
            Command::RemoveWorker(worker) => {
                self.removed.insert(worker, step);
            }
            Command::Broker(command) => self.broker(paper, piece, command),
            _ => {}
        }
    }

    fn publish(&mut self, paper: &mut Paper<'_>, piece: &Piece, messages: u32) {
        let copies = match self.start.settings.sharing {
            Sharing::OneQueue => 1,
            Sharing::QueueEach => self.start.settings.speeds.len() as u64,
        };
        self.jobs += u64::from(messages) * copies;
        if self.jobs > u64::from(JOBS_MAX) && !self.too_many {
            self.too_many = true;
            paper.fault(
                Fault::new(piece.at.clone(), format!("{} jobs in all are too many", self.jobs))
                    .hint(format!("{JOBS_MAX} are allowed")),
            );
        }
    }

    fn broker(&mut self, paper: &mut Paper<'_>, piece: &Piece, command: BrokerCommand) {
        let is_up = |last: BrokerCommand| last == BrokerCommand::Start;
        if is_up(command) == is_up(self.broker) {
            let how = if is_up(command) { "up" } else { "down" };
            paper.fault(Fault::new(
                piece.at.clone(),
                format!("the broker is {how} already at this step"),
            ));
        }
        self.broker = command;
    }
}
