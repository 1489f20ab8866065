//! Course, picture and circumstances → report.

use super::course::{Block, Course, Ended, Sign, SignKind, Span, Track, Weight};
use super::date::Written;
use super::json::SCHEMA;
use super::model::{
    Aftermath, Answer, Busy, Fact, Happened, Mark, MarkKind, Micros, Numbers, Played, Report, Row, Stretch, Sum,
    Taught, Timeline, Work, WorkEnd, Worker,
};
use super::{again, words};
use crate::lab::{
    Balance, Delivery, Insight, LabTime, Lesson, Matrix, Measures, Moment, QueueKind, Remedy, Severity, Snapshot,
    Thousandths, WorkerId,
};
use crate::scenario::Outcome;
use std::sync::Arc;

/// So many insights are told, the gravest first.
const INSIGHTS: usize = 12;

/// What the run itself does not know.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The version of the program.
    pub version: &'static str,
    /// The time of day.
    pub written: Written,
    /// How the run came to be.
    pub played: Played,
    /// What was run: the title of a lesson or a scenario; none: workers and broker are the title.
    pub title: Option<Arc<str>>,
    /// Who hands it in.
    pub by: Option<Arc<str>>,
    /// What repeats the run; none: the lab's own options are worked out from the settings.
    pub command: Option<String>,
    /// The predictions of a lesson.
    pub answers: Vec<Answer>,
    /// Whether something was changed by hand while a script played.
    pub meddled: bool,
    /// What a scenario came to, with its expectations.
    pub outcome: Option<Outcome>,
}

impl About {
    /// The same, handed in by this person; blank is nobody.
    #[must_use]
    pub fn by(self, name: Option<&str>) -> Self {
        let by = name.map(str::trim).filter(|name| !name.is_empty()).map(Arc::from);
        Self { by, ..self }
    }
}

impl Report {
    /// Of a run up to the moment of that picture.
    pub fn new(course: &Course, picture: &Snapshot, about: About) -> Self {
        let now = picture.clock.now;
        let measures = course.measures(now);
        let workers = workers(course, &measures, picture);
        let title = about.title.map_or_else(
            || words::title(course.began(), course.broker()),
            |title| title.to_string(),
        );
        Self {
            schema: SCHEMA,
            program: format!("dispatch-lab {}", about.version),
            written: about.written.machine(),
            written_words: about.written.to_string(),
            by: about.by,
            title,
            sentence: words::sentence(course, &measures),
            played: about.played,
            broker: words::broker(course.broker()),
            seed: picture.settings.seed.0,
            ended_ms: Micros(now.0),
            figures: words::figures(&measures),
            numbers: Numbers::of(&measures),
            books: books(picture),
            meddled: about.meddled,
            predictions: about.answers,
            outcome: about.outcome,
            workers,
            timeline: timeline(course, now),
            survived: survived(&picture.matrix),
            survived_words: words::moment(picture.matrix.moment),
            insights: insights(picture),
            happened: course.highlights.lines().map(happened).collect(),
            left_out: (course.highlights.before_gap(), course.highlights.omitted),
            settings: words::settings(course, picture),
            command: about
                .command
                .unwrap_or_else(|| again::command_line(course.began(), course.broker())),
            unrepeated: words::unrepeated(course),
        }
    }
}

fn books(picture: &Snapshot) -> Sum {
    let books = &picture.books;
    let always = [("done", books.done), ("waiting", books.waiting)];
    let sometimes = [
        ("in trays", books.tray),
        ("in hands", books.hand),
        ("returned", books.returned),
        ("dead-lettered", books.dead),
    ];
    let sometimes = sometimes.into_iter().filter(|(_, count)| *count > 0);
    let terms = always.into_iter().chain(sometimes).chain([("lost", books.lost)]);
    let (balanced, verdict) = match books.balance {
        Balance::Balanced => (
            true,
            "The books balance, and the broker agrees as far as it can be asked.".to_owned(),
        ),
        Balance::Settling => (
            true,
            "The books balance; messages are under way, so the broker's own count differs for a moment.".to_owned(),
        ),
        Balance::Differs(more) => {
            let word = if more < 0 { "fewer" } else { "more" };
            (
                false,
                format!("The broker holds {} {word} than clients saw.", more.unsigned_abs()),
            )
        }
    };
    Sum {
        published: books.published,
        terms: terms.collect(),
        done_twice: books.twice,
        balanced,
        verdict,
    }
}

fn workers(course: &Course, measures: &Measures, picture: &Snapshot) -> Vec<Worker> {
    debug_assert_eq!(
        measures.workers.len(),
        course.crew.len(),
        "both know all workers there ever were"
    );
    let all = measures
        .workers
        .iter()
        .filter_map(|share| Some((share, course.served(share.worker)?)));
    all.map(|(share, served)| {
        let row = picture.workers.binary_search_by_key(&share.worker, |row| row.id).ok();
        let row = row.map(|at| &picture.workers[at]);
        Worker {
            name: share.worker.to_string(),
            guest: served.guest.clone(),
            speed: served.guest.is_none().then(|| served.speed.to_string()),
            done: share.done,
            redelivered: served.redelivered,
            twice: served.twice,
            lost: served.lost,
            unacked: row.map_or(0, |row| row.unacked),
            busy_ms: Micros(share.busy.0),
            share_percent: share.share.map(Thousandths::percent),
            state: row.map_or_else(|| "removed".to_owned(), words::state),
        }
    })
    .collect()
}

fn timeline(course: &Course, now: LabTime) -> Timeline {
    let grid = &course.grid;
    let whole = course.has_all_blocks();
    let levels = grid.levels();
    let numbered = (1..).zip(&course.tracks);
    let outages = course.outages.iter().filter(|span| span.from < now);
    Timeline {
        cell_ms: Micros(grid.cell_us),
        waiting: levels.iter().map(|level| level.waiting).collect(),
        held: levels.iter().map(|level| level.held).collect(),
        rows: numbered
            .map(|(number, track)| Row {
                worker: WorkerId(number).to_string(),
                guest: course.served(WorkerId(number)).and_then(|served| served.guest.clone()),
                since_ms: Micros(track.since.0),
                blocks: if whole { blocks(track, now) } else { Vec::new() },
                cells: if whole { Vec::new() } else { cells(course, track, now) },
                down: track.downs.iter().map(|span| stretch(*span, now)).collect(),
                signs: track.signs.iter().map(mark).collect(),
            })
            .collect(),
        undrawn: course.crew.len() - course.tracks.len(),
        outages: outages.map(|span| stretch(*span, now)).collect(),
    }
}

fn blocks(track: &Track, now: LabTime) -> Vec<Work> {
    track
        .blocks
        .iter()
        .copied()
        .chain(track.ongoing(now))
        .map(work)
        .collect()
}

const fn work(block: Block) -> Work {
    Work {
        job: block.job.0,
        when: Stretch {
            from_ms: Micros(block.from.0),
            to_ms: Micros(block.to.0),
        },
        redelivered: block.again,
        ended: match block.ended {
            Ended::Done => WorkEnd::Done,
            Ended::Twice => WorkEnd::DoneTwice,
            Ended::Cut => WorkEnd::BrokenOff,
            Ended::Not => WorkEnd::GoesOn,
        },
    }
}

fn cells(course: &Course, track: &Track, now: LabTime) -> Vec<Busy> {
    let width = course.grid.cell_us;
    let percent = |busy_us: u64| u8::try_from((busy_us * 100 / width).min(100)).unwrap_or(100);
    let cells = track.cells_until(now, &course.grid);
    cells
        .iter()
        .map(|cell| Busy {
            percent: percent(cell.busy_us),
            done: cell.done,
            redelivered: cell.again,
            twice: cell.twice,
        })
        .collect()
}

fn stretch(span: Span, now: LabTime) -> Stretch {
    Stretch {
        from_ms: Micros(span.from.0),
        to_ms: Micros(span.to.unwrap_or(now).0),
    }
}

fn mark(sign: &Sign) -> Mark {
    Mark {
        at_ms: Micros(sign.at.0),
        kind: match sign.kind {
            SignKind::Killed => MarkKind::Ended,
            SignKind::Cancelled => MarkKind::Cancelled,
            SignKind::Silenced => MarkKind::Silenced,
            SignKind::Revived => MarkKind::Revived,
            SignKind::Removed => MarkKind::Removed,
        },
        text: sign.text.clone(),
    }
}

fn survived(matrix: &Matrix) -> Vec<Aftermath> {
    if matrix.moment == Moment::Running {
        return Vec::new();
    }
    let kinds = QueueKind::ALL
        .into_iter()
        .flat_map(|queue| Delivery::ALL.map(|messages| (queue, messages)));
    kinds
        .map(|(queue, messages)| {
            let cell = matrix.cell(queue, messages);
            Aftermath {
                queue: queue.to_string(),
                messages: messages.to_string(),
                kept: cell.published,
                confirmed: cell.confirmed,
                survived: words::figure(cell.survived),
                lost: words::figure(cell.lost),
                done_and_there_again: cell.again,
            }
        })
        .collect()
}

fn insights(picture: &Snapshot) -> Vec<Taught> {
    let telling = |insight: &Insight| !matches!(insight, Insight::NotEnoughData { .. });
    let present = picture.insights.iter().filter(|present| telling(&present.insight));
    let present = present.map(|present| (present.insight, format!("since {}", Micros(present.since.0))));
    let earlier = picture.earlier.iter().filter(|earlier| telling(&earlier.insight));
    let earlier = earlier.map(|earlier| {
        let times = if earlier.times > 1 {
            format!(", {} times", earlier.times)
        } else {
            String::new()
        };
        let when = format!("from {} to {}{times}", Micros(earlier.since.0), Micros(earlier.until.0));
        (earlier.insight, when)
    });
    let mut all: Vec<(Insight, String)> = present.chain(earlier).collect();
    all.sort_by_key(|(insight, _)| insight.severity());
    let last = all.iter().map(|(insight, _)| insight.severity()).max();
    // A verdict that all is well says something only where nothing else is to be said.
    if all
        .first()
        .is_some_and(|(insight, _)| insight.severity() < Severity::Verdict)
        && last == Some(Severity::Verdict)
    {
        all.retain(|(insight, _)| insight.severity() < Severity::Verdict || matches!(insight, Insight::Fair { .. }));
    }
    all.truncate(INSIGHTS);
    all.into_iter()
        .map(|(insight, when)| taught(insight, when, picture))
        .collect()
}

fn taught(insight: Insight, when: String, picture: &Snapshot) -> Taught {
    let Lesson {
        title,
        belief,
        rule,
        source,
    } = *insight.lesson();
    let remedy: Remedy = insight.remedy(&picture.settings);
    Taught {
        title,
        weight: insight.severity().to_string(),
        seen: words::upper(&insight.to_string()),
        when,
        belief,
        rule,
        source,
        try_next: words::upper(&remedy.to_string()),
    }
}

fn happened(line: &super::course::Line) -> Happened {
    Happened {
        at_ms: Micros(line.at.0),
        sign: match line.weight {
            Weight::Loss => "lost",
            Weight::End => "ended",
            Weight::Again => "again",
            Weight::Plain => "",
        },
        what: line.text.clone(),
    }
}

/// Kept here so that `words` needs no picture for it.
impl Fact {
    pub(super) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            note: String::new(),
        }
    }

    pub(super) fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
