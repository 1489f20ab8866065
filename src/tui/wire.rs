//! The AMQP methods as they pass: what its keys do.

use super::facts::Facts;
use super::keymap::Binding;
use super::model::Model;
use super::update::Effect;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {}

/// Its keys.
pub(super) const KEYS: &[Binding] = &[];

pub(super) fn update(_model: &mut Model, _facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {}
}
