//! What is told about a run: predictions, expectations, goals, the story, the tolerance.

use super::super::JOBS_TOLD;
use super::super::expression::{Expr, Quantity};
use super::super::fault::{Fault, meant};
use super::super::model::{Choice, Expectation, Goal, Prediction, Prose, Tolerance};
use super::super::words::LIKE;
use super::paper::{Paper, Section, Value};
use super::steps::{Play, Step, there};
use super::{EXPECTATIONS_MAX, GOALS_MAX, PARAGRAPHS_MAX, PREDICTIONS_MAX, belongs};
use crate::lab::JobId;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::DeValue;

pub(in super::super) const PREDICT_KEYS: [&str; 4] = ["before", "ask", "because", "choice"];
pub(in super::super) const CHOICE_KEYS: [&str; 3] = ["text", "right-if", "if-chosen"];
pub(in super::super) const EXPECT_KEYS: [&str; 2] = ["that", "of"];
pub(in super::super) const GOAL_KEYS: [&str; 2] = ["text", "reached-if"];
pub(in super::super) const LESSON_KEYS: [&str; 4] = ["story", "reveal", "rule", "source"];
pub(in super::super) const TOLERANCE_KEYS: [&str; 2] = ["jobs", "times"];

/// The most answers to one question: each has a key.
pub(in super::super) const CHOICES_MAX: usize = 9;

/// The longest texts, in characters.
pub(in super::super) const LINE_MAX: usize = 200;
pub(in super::super) const PARAGRAPH_MAX: usize = 1_200;

/// An expression whose names are those of this play.
pub(super) fn expectation<'t>(paper: &mut Paper<'t>, value: &Value<'t>, play: &Play) -> Option<Expectation> {
    let piece = paper.piece(value, "an expression")?;
    let expr = paper.keep(Expr::parse(&piece.text).map_err(|fault| piece.rebase(fault)))?;
    for (quantity, at) in expr.names() {
        let place = piece.place(at);
        match (quantity, play.jobs) {
            (Quantity::Worker(worker, _), _) => there(paper, *worker, place, play.workers),
            (Quantity::Job(job, _), Some(jobs)) if *job > JobId(jobs) => paper.fault(
                Fault::new(place, format!("there is no job {job} in this scenario"))
                    .hint(format!("{jobs} are published")),
            ),
            (Quantity::Job(..), Some(jobs)) if jobs as usize > JOBS_TOLD => paper.fault(
                Fault::new(place, "in a scenario of so many jobs, no single one can be asked for").hint(format!(
                    "{jobs} are published, and {JOBS_TOLD} at most are told one by one"
                )),
            ),
            (Quantity::Job(job, _), None) if job.0 as usize > JOBS_TOLD => paper.fault(
                Fault::new(place, format!("job {job} can't be asked for"))
                    .hint(format!("{JOBS_TOLD} jobs at most are told one by one")),
            ),
            _ => {}
        }
    }
    let text = piece.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Expectation {
        text: text.into(),
        expr,
        of: Vec::new(),
    })
}

/// What is expected.
pub(super) struct Expected {
    pub(super) all: Vec<Expectation>,
    /// Whether each that is written was understood.
    pub(super) whole: bool,
}

/// `[[expect]]`.
pub(super) fn expectations<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>, play: &Play) -> Expected {
    let mut all = Vec::new();
    let mut written = 0;
    for section in paper.tables(root.get("expect"), "[[expect]]", EXPECTATIONS_MAX) {
        paper.known(section, &EXPECT_KEYS, belongs);
        written += 1;
        let Some(value) = section.get("that") else {
            paper.missing(section, "that", "\"lost == 0\"");
            continue;
        };
        let Some(mut expectation) = expectation(paper, value, play) else {
            continue;
        };
        if let Some(value) = section.get("of") {
            for value in paper.one_or_more(value, "a list of versions", 8) {
                expectation
                    .of
                    .extend(paper.word(value, LIKE, "a version of RabbitMQ that is known here"));
            }
        }
        all.push(expectation);
    }
    let whole = all.len() == written;
    Expected { all, whole }
}

/// `[[predict]]`.
pub(super) fn predictions<'t>(
    paper: &mut Paper<'t>,
    root: Section<'_, 't>,
    steps: &[Step],
    play: &Play,
) -> Vec<Prediction> {
    let sections = paper.tables(root.get("predict"), "[[predict]]", PREDICTIONS_MAX);
    sections
        .into_iter()
        .filter_map(|section| prediction(paper, section, steps, play))
        .collect()
}

fn prediction<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, steps: &[Step], play: &Play) -> Option<Prediction> {
    paper.known(section, &PREDICT_KEYS, belongs);
    let before = section.get("before").and_then(|value| before(paper, value, steps));
    let question = text(paper, section, "ask", LINE_MAX, "\"Who is busy longer?\"");
    let because = text(paper, section, "because", PARAGRAPH_MAX, "\"RabbitMQ deals in turn.\"");
    let list = paper.tables(section.get("choice"), "[[predict.choice]]", CHOICES_MAX);
    let (listed, mut choices) = (list.len(), Vec::<Choice>::new());
    for section in list {
        let Some(choice) = choice(paper, section, play) else {
            continue;
        };
        if choices.iter().any(|other| other.text == choice.text) {
            let place = section.get("text").map_or(section.at(), Spanned::span);
            paper.fault(Fault::new(place, "another choice of this question says the same"));
        }
        choices.push(choice);
    }
    if listed < 2 {
        let what = match listed {
            0 => "this question has no choices",
            _ => "this question has one choice only",
        };
        paper.fault(Fault::new(section.at(), what).hint("two at least: [[predict.choice]] with text and right-if"));
    }
    Some(Prediction {
        before,
        question: question?,
        choices,
        because: because?,
    })
}

fn before<'t>(paper: &mut Paper<'t>, value: &Value<'t>, steps: &[Step]) -> Option<u16> {
    let piece = paper.piece(value, "the name of a step")?;
    let found = steps
        .iter()
        .position(|step| !step.name.is_empty() && *step.name == *piece.text);
    if found.is_none() {
        paper.fault(no_step(&piece.text, piece.at, steps));
    }
    found.and_then(|place| u16::try_from(place).ok())
}

/// That no step is called so.
pub(super) fn no_step(name: &str, at: Range<usize>, steps: &[Step]) -> Fault {
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step.name.as_ref())
        .filter(|name| !name.is_empty())
        .collect();
    let fault = Fault::new(at, format!("no step is called `{name}`")).hint(meant(name, names.iter().copied()));
    if names.is_empty() {
        fault.hint("no step has a name: give one to it, name = \"jobs\"")
    } else {
        fault.help(format!("steps with a name: {}", names.join(", ")))
    }
}

fn choice<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, play: &Play) -> Option<Choice> {
    paper.known(section, &CHOICE_KEYS, belongs);
    let says = text(paper, section, "text", LINE_MAX, "\"W1\"");
    let if_chosen = section
        .get("if-chosen")
        .and_then(|value| paper.prose(value, PARAGRAPH_MAX));
    let right_if = if let Some(value) = section.get("right-if") {
        expectation(paper, value, play)
    } else {
        paper.missing(section, "right-if", "\"W1.done > W2.done\"");
        None
    };
    Some(Choice {
        text: says?,
        right_if: right_if?,
        if_chosen: if_chosen.unwrap_or_default(),
    })
}

/// A text that has to be there.
pub(super) fn text<'t>(
    paper: &mut Paper<'t>,
    section: Section<'_, 't>,
    key: &str,
    most: usize,
    example: &str,
) -> Option<Arc<str>> {
    let Some(value) = section.get(key) else {
        paper.missing(section, key, example);
        return None;
    };
    paper.prose(value, most)
}

/// `[[goal]]`.
pub(super) fn goals<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Vec<Goal> {
    let mut goals = Vec::new();
    // The learner plays on: there may be more workers and jobs than the script knows.
    let open = Play {
        workers: u16::MAX,
        ..Play::default()
    };
    for section in paper.tables(root.get("goal"), "[[goal]]", GOALS_MAX) {
        paper.known(section, &GOAL_KEYS, belongs);
        let says = text(paper, section, "text", LINE_MAX, "\"Lose a job\"");
        let Some(value) = section.get("reached-if") else {
            paper.missing(section, "reached-if", "\"lost > 0\"");
            continue;
        };
        let reached_if = expectation(paper, value, &open);
        if let Some(expectation) = &reached_if {
            for (quantity, _) in expectation.expr.names() {
                if !quantity.known_live() {
                    let what = format!("{quantity} is not known while the lab runs");
                    let hint = "a goal speaks of counts: done, lost, W1.held …";
                    paper.fault(Fault::new(value.span(), what).hint(hint));
                }
            }
        }
        goals.extend(says.zip(reached_if).map(|(text, reached_if)| Goal { text, reached_if }));
    }
    goals
}

/// `[lesson]`.
pub(super) fn prose<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Prose {
    let section = root.get("lesson").and_then(|value| paper.table(value, "[lesson]"));
    let Some(section) = section else {
        return Prose::default();
    };
    paper.known(section, &LESSON_KEYS, belongs);
    let rule = text(
        paper,
        section,
        "rule",
        LINE_MAX,
        "\"Round-robin deals jobs, not load.\"",
    );
    let source = section.get("source").and_then(|value| {
        let source = paper.prose(value, LINE_MAX)?;
        if source.starts_with("https://") || source.starts_with("http://") {
            return Some(source);
        }
        paper.fault(Fault::new(value.span(), "the source is not an address").hint("it begins with https://"));
        None
    });
    Prose {
        story: paragraphs(paper, section, "story"),
        reveal: paragraphs(paper, section, "reveal"),
        rule: rule.unwrap_or_default(),
        source: source.unwrap_or_default(),
    }
}

fn paragraphs<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, key: &str) -> Vec<Arc<str>> {
    let Some(value) = section.get(key) else {
        paper.missing(section, key, "[\"Two workers wait.\", \"Forty jobs come.\"]");
        return Vec::new();
    };
    let list = paper.one_or_more(value, "a text, or a list of texts", PARAGRAPHS_MAX);
    list.into_iter()
        .filter_map(|value| paper.prose(value, PARAGRAPH_MAX))
        .collect()
}

/// `[tolerance]`.
pub(super) fn tolerance<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Tolerance {
    let section = root
        .get("tolerance")
        .and_then(|value| paper.table(value, "[tolerance]"));
    let Some(section) = section else {
        return Tolerance::default();
    };
    paper.known(section, &TOLERANCE_KEYS, belongs);
    let jobs = section
        .get("jobs")
        .and_then(|value| paper.integer(value, &(0..=1_000_000)));
    let times = section.get("times").and_then(|value| {
        if let DeValue::Integer(_) = value.get_ref() {
            let number = paper.says(&value.span()).to_owned();
            paper.fault(Fault::new(value.span(), "a part is a text").hint(format!("write \"{number}%\"")));
            return None;
        }
        paper.said(value, "a part, \"10%\"", percent)
    });
    Tolerance {
        jobs: jobs.unwrap_or_default(),
        times_percent: times.unwrap_or_default(),
    }
}

fn percent(text: &str) -> Result<u16, (String, String)> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse().ok());
    number
        .filter(|percent| (1..=1000).contains(percent))
        .ok_or_else(|| (format!("`{text}` is not a part"), "for example \"10%\"".to_owned()))
}
