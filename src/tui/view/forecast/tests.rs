use super::*;
use crate::lab::{LabSpan, LabTime, Snapshot};
use crate::tui::facts::Facts;
use crate::tui::fixtures;
use crate::tui::foresee::Parting;
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use crate::tui::view::render;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

fn facts(snapshot: &Snapshot) -> Facts {
    let done = snapshot.workers.iter().zip([31, 12, 22]);
    let prospect = Prospect {
        at: snapshot.clock.now,
        published: snapshot.books.published,
        on_time: snapshot.books.published,
        done: done.map(|(worker, done)| (worker.id, done)).collect(),
        ends: Some(LabTime(71_000_000)),
        wait_p95: Some(LabSpan(9_400_000)),
    };
    Facts {
        forecast: Some(Arc::new(Forecast::Of(prospect))),
        ..Facts::of(Arc::new(snapshot.clone()))
    }
}

fn shown(model: &Model, facts: &Facts, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend takes any size");
    let theme = Theme::plain();
    terminal
        .draw(|frame| render(frame, model, facts, &theme))
        .expect("it has no errors");
    crate::tui::view::tests::text(terminal.backend().buffer())
}

#[test]
fn the_forecast_stands_beside_what_really_happens_at_each_size() {
    let snapshot = fixtures::pile_up();
    let facts = facts(&snapshot);
    let mut model = Model::new(&snapshot);
    model.foresee.turn();
    for size in SIZES {
        let name = format!("forecast_{}x{}", size.0, size.1);
        insta::assert_snapshot!(name, shown(&model, &facts, size));
    }
}

#[test]
fn a_run_that_has_parted_from_it_says_so() {
    let snapshot = fixtures::killed();
    let facts = facts(&snapshot);
    let mut model = Model::new(&snapshot);
    model.foresee.turn();
    model.foresee.parted = Some((LabTime(31_000_000), Parting::Ended(WorkerId(2))));
    for size in SIZES {
        let shown = shown(&model, &facts, size);
        assert!(shown.contains("since 00:31, W2 was ended"), "{shown}");
    }
}

#[test]
fn without_a_forecast_nothing_is_made_up() {
    let snapshot = fixtures::pile_up();
    let mut facts = facts(&snapshot);
    let mut model = Model::new(&snapshot);
    assert!(
        !shown(&model, &facts, (120, 40)).contains("forecast  "),
        "it is hidden at first"
    );
    model.foresee.turn();
    facts.forecast = None;
    assert!(shown(&model, &facts, (80, 24)).contains("simulating"));
    facts.forecast = Some(Arc::new(Forecast::TooMany(30_000)));
    assert!(shown(&model, &facts, (120, 40)).contains("too many to simulate"));
}
