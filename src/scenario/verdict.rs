//! Whether a run did what its scenario says.

use super::model::{Choice, Expectation, Prediction, Scenario};
use super::outcome::{Answered, Expected, Outcome};
use crate::lab::Version;
use std::sync::Arc;

impl Scenario {
    /// Enters the scenario's name, what was expected of this version, and which choices were right.
    pub fn judge(&self, outcome: &mut Outcome, version: Version) {
        outcome.scenario = Arc::clone(&self.name);
        let concerned = self.expectations.iter().filter(|e| e.concerns(version));
        outcome.expectations = concerned.map(|e| judged(e, outcome)).collect();
        outcome.predictions = self.predictions.iter().map(|p| answered(p, outcome)).collect();
    }

    /// The same with its key setting turned, and nothing expected but what has to break by it; `None` where no setting
    /// is named.
    pub fn flipped(&self) -> Option<Self> {
        let flip = self.flip.as_ref()?;
        Some(Self {
            settings: flip.settings.clone(),
            version: flip.version,
            script: Arc::clone(&flip.script),
            expectations: self.expectations.get(flip.breaks).into_iter().cloned().collect(),
            predictions: Vec::new(),
            flip: None,
            ..self.clone()
        })
    }

    /// Why the outcome of [`Scenario::flipped`] does not show that the flip breaks what it says, and what was seen;
    /// `None`: it does. A run that did not play the script, or does not know the number, shows nothing.
    pub fn flip_shows_not(&self, outcome: &Outcome) -> Option<(String, String)> {
        let broken = self.expectations.get(self.flip.as_ref()?.breaks)?;
        let judged = broken.expr.judge(outcome);
        match (outcome.unplayed().into_iter().next(), judged.holds) {
            (Some(why), _) => Some((why, String::new())),
            (None, Some(true)) => Some(("this holds all the same".to_owned(), judged.seen)),
            (None, None) => Some(("this is not known, which is not broken".to_owned(), judged.seen)),
            (None, Some(false)) => None,
        }
    }
}

impl Prediction {
    /// The choices that turned out to be right, by their places.
    pub fn right(&self, outcome: &Outcome) -> Vec<usize> {
        let holds = |choice: &Choice| choice.right_if.expr.judge(outcome).holds == Some(true);
        let right = self.choices.iter().enumerate().filter(|(_, choice)| holds(choice));
        right.map(|(place, _)| place).collect()
    }
}

impl Outcome {
    /// Whether the run did what its scenario says.
    pub fn holds(&self) -> bool {
        self.in_time && self.declined.is_empty() && self.expectations.iter().all(|e| e.holds)
    }

    /// Why the run did not play the script as it is written: a sentence each, without a final stop.
    pub fn unplayed(&self) -> Vec<String> {
        let late = (!self.in_time).then(|| "the script did not come to its end within its limit".to_owned());
        let declined = self.declined.iter();
        let declined = declined.map(|why| format!("the script asked for what could not be done: {why}"));
        late.into_iter().chain(declined).collect()
    }

    /// What did not come as the scenario says: a sentence each, without a final stop.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = self.unplayed();
        let broken = self.expectations.iter().filter(|e| !e.holds);
        complaints.extend(broken.map(|e| format!("expected {}, but saw {}", e.text, e.seen)));
        complaints
    }
}

fn judged(expectation: &Expectation, outcome: &Outcome) -> Expected {
    let judged = expectation.expr.judge(outcome);
    Expected {
        text: Arc::clone(&expectation.text),
        // A number that is not known holds nothing up.
        holds: judged.holds == Some(true),
        seen: judged.seen,
    }
}

fn answered(prediction: &Prediction, outcome: &Outcome) -> Answered {
    let right = prediction.right(outcome).into_iter();
    Answered {
        question: Arc::clone(&prediction.question),
        right: right.map(|place| Arc::clone(&prediction.choices[place].text)).collect(),
    }
}

#[cfg(test)]
mod tests;
