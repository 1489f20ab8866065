//! The comparison of two settings: the set-up before it; then two timelines under one clock, the numbers of both sides,
//! and in the end who won.

mod arena;
mod numbers;
mod setup;
mod verdict;

#[cfg(test)]
mod tests;

use super::Scene;
use super::pen::Pen;
use crate::tui::compare::Stage;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let state = &scene.model.compare;
    match (state.shown(scene.facts), state.stage) {
        (Some(contest), _) => arena::draw(buf, area, scene, contest),
        (None, Stage::SetUp) => setup::draw(buf, area, scene),
        (None, Stage::Contest) => {
            Pen::new(buf, area, 1).skip(1).put(verdict::PREPARING, scene.theme.warn);
        }
    }
}
