//! The past: scrubbing to earlier moments and playing from there.

use super::facts::Facts;
use super::keymap::Binding;
use super::model::Model;
use super::update::Effect;

/// What is remembered of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {}

/// Its keys.
pub(super) const KEYS: &[Binding] = &[];

pub(super) fn update(_model: &mut Model, _facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {}
}
