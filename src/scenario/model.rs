//! What a scenario is, once it was read and found to be good.

use super::expression::Expr;
use super::fault::Fault;
use crate::lab::{Script, Settings, Version};
use std::sync::Arc;

/// A scenario: settings, a script, what is expected of it, and what is told about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name: small letters, digits and hyphens.
    pub name: Arc<str>,
    /// What it is called.
    pub title: Arc<str>,
    /// One sentence for a list.
    pub summary: Arc<str>,
    /// How the run begins. The producer holds; jobs come by the script.
    pub settings: Settings,
    /// As which RabbitMQ the embedded broker behaves.
    pub version: Version,
    /// What happens.
    pub script: Arc<Script>,
    /// Asked on the screen, each before the cue that it names; a run without a screen asks nothing, and tells which
    /// choice was right.
    pub predictions: Vec<Prediction>,
    /// What has to be so at the end.
    pub expectations: Vec<Expectation>,
    /// The one setting whose change must break an expectation.
    pub flip: Option<Flip>,
    /// What a person may reach by playing on: looked at while the lab goes on after the script.
    pub goals: Vec<Goal>,
    /// The story around it; empty where the scenario is no lesson.
    pub prose: Prose,
    /// How far a simulated run may be from a real one.
    pub tolerance: Tolerance,
}

/// The texts of a lesson: paragraphs, in the order in which they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prose {
    /// What it is about, and what is going to happen.
    pub story: Vec<Arc<str>>,
    /// What was to be seen, and why it was so.
    pub reveal: Vec<Arc<str>>,
    /// The rule, in one sentence.
    pub rule: Arc<str>,
    /// Where the rule is written.
    pub source: Arc<str>,
}

/// A question before something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The number of the cue at whose hold it is asked; `None`: before the run begins.
    pub before: Option<u16>,
    /// The question.
    pub question: Arc<str>,
    /// What may be answered; that whose expression holds at the end is right. Exactly one must hold.
    pub choices: Vec<Choice>,
    /// Why the right one is right.
    pub because: Arc<str>,
}

/// One answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is chosen.
    pub text: Arc<str>,
    /// Right if this holds at the end.
    pub right_if: Expectation,
    /// What to say to those who chose it though it is wrong; empty: the question's `because` says all.
    pub if_chosen: Arc<str>,
}

/// What has to be so: an expression in the small language of `expression`, as it was written, and understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As written, for example `W1.done within 10% of W2.done`.
    pub text: Arc<str>,
    /// Understood.
    pub expr: Expr,
    /// The RabbitMQ versions of which it is expected; empty: of all.
    pub of: Vec<Version>,
}

impl Expectation {
    /// Of a text, for all versions.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Ok(Self {
            text: text.into(),
            expr: Expr::parse(text)?,
            of: Vec::new(),
        })
    }

    /// Whether it is expected of this version.
    pub fn concerns(&self, version: Version) -> bool {
        self.of.is_empty() || self.of.contains(&version)
    }
}

/// A setting turned, which must break an expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// In words: `prefetch = 0`.
    pub text: Arc<str>,
    /// The settings with it.
    pub settings: Settings,
    /// The version with it.
    pub version: Version,
    /// The script with it (a flip may turn what the script does, such as the kind of a kill).
    pub script: Arc<Script>,
    /// The expectation that breaks: its place in the list.
    pub breaks: usize,
}

/// Something to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// In words.
    pub text: Arc<str>,
    /// Reached when this holds.
    pub reached_if: Expectation,
}

/// How far a simulated run may be from a real one. Fates agree exactly, but where timing decides: there the file says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Jobs whose fate, or whose worker, may differ.
    pub jobs: u32,
    /// Per cent by which times may differ; 0: 10.
    pub times_percent: u16,
}
