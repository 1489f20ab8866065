//! What was predicted beside what happened.

use super::{State, count};
use crate::lab::Snapshot;
use crate::scenario::{Expectation, Prediction, Scenario};
use crate::tui::facts::Facts;

/// How a prediction came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Verdict {
    /// What was answered.
    pub(in crate::tui) said: Option<u16>,
    /// What was right; `None`: none of the answers is what happened in this run.
    pub(in crate::tui) right: Option<u16>,
    /// The numbers that decided it.
    pub(in crate::tui) seen: String,
}

impl Verdict {
    /// Whether what was said is what happened.
    pub(in crate::tui) fn is_right(&self) -> bool {
        self.said.is_some() && self.said == self.right
    }
}

/// How that question came out in this run; `None`: that is not known yet.
pub(in crate::tui) fn verdict(state: &State, lesson: &Scenario, question: u16, facts: &Facts) -> Option<Verdict> {
    let prediction = lesson.predictions.get(usize::from(question))?;
    let outcome = facts.outcome.as_deref()?;
    let judged = |number: u16| {
        let choice = &prediction.choices[usize::from(number)];
        choice.right_if.expr.judge(outcome)
    };
    let right = numbers(prediction).find(|number| judged(*number).holds == Some(true));
    let said = state.answer(question);
    let seen = right.or(said).map(|number| judged(number).seen);
    Some(Verdict {
        said,
        right,
        seen: seen.unwrap_or_default(),
    })
}

/// How many predictions were right.
pub(super) fn right_answers(state: &State, lesson: &Scenario, facts: &Facts) -> u16 {
    let all = 0..count(&lesson.predictions);
    let right = all.filter(|question| verdict(state, lesson, *question, facts).is_some_and(|v| v.is_right()));
    u16::try_from(right.count()).unwrap_or(u16::MAX)
}

/// Whether it is so at this moment.
pub(super) fn holds_now(expectation: &Expectation, snapshot: &Snapshot) -> bool {
    expectation.expr.judge(snapshot).holds == Some(true)
}

fn numbers(prediction: &Prediction) -> impl Iterator<Item = u16> {
    0..count(&prediction.choices)
}
