//! Draws frames to nowhere, as they would be drawn on a terminal: for `benches/frame.rs` alone.

use super::facts::Facts;
use super::model::{Model, View};
use super::room::Presenter;
use super::theme::{Theme, ThemeChoice};
use super::view;
use crate::lab::Snapshot;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::io::{self, Sink};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What can be drawn, by name: each view, and presenter mode.
pub const VIEWS: [&str; 8] = [
    "Lab",
    "Messages",
    "Compare",
    "Wire",
    "Code",
    "Why",
    "Lesson",
    "presenter",
];

/// A screen of a fixed size whose bytes go nowhere.
#[doc(hidden)]
#[derive(Debug)]
pub struct Painter {
    tty: Terminal<CrosstermBackend<Sink>>,
    theme: Theme,
    model: Model,
    facts: Facts,
}

impl Painter {
    /// A screen of that many columns and lines that shows the view of that place in [`VIEWS`].
    pub fn new(snapshot: Arc<Snapshot>, view: usize, columns: u16, lines: u16) -> io::Result<Self> {
        let size = Rect::new(0, 0, columns, lines);
        let mut model = Model::new(&snapshot);
        model.size = size;
        model.view = View::ALL.get(view).copied().unwrap_or_default();
        if view >= View::ALL.len() {
            model.room.presenter = Presenter::On;
        }
        let viewport = Viewport::Fixed(size);
        Ok(Self {
            tty: Terminal::with_options(CrosstermBackend::new(io::sink()), TerminalOptions { viewport })?,
            theme: Theme::choose(ThemeChoice::Dark, &|name| {
                (name == "COLORTERM").then(|| "truecolor".to_owned())
            }),
            model,
            facts: Facts::of(snapshot),
        })
    }

    /// Draws that picture, and tells how long it took.
    pub fn draw(&mut self, snapshot: Arc<Snapshot>) -> io::Result<Duration> {
        let began = Instant::now();
        self.model.observe(&self.facts.live, &snapshot);
        self.facts.live = Arc::clone(&snapshot);
        self.facts.snapshot = snapshot;
        let (model, facts, theme) = (&self.model, &self.facts, &self.theme);
        self.tty.draw(|frame| view::render(frame, model, facts, theme))?;
        Ok(began.elapsed())
    }
}
