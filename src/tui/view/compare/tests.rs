//! The comparison in each of its stages, at the projector's size, a laptop's and a large one.

use crate::lab::{Contest, Snapshot};
use crate::tui::compare::Stage;
use crate::tui::facts::Facts;
use crate::tui::fixtures::{self, contest};
use crate::tui::model::{Model, View};
use crate::tui::theme::{Theme, ThemeChoice};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use std::sync::Arc;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

fn model(snapshot: &Snapshot, stage: Stage) -> Model {
    let mut model = Model::new(snapshot);
    model.view = View::Compare;
    model.compare.stage = stage;
    model
}

fn shown(contest: Option<Contest>, theme: &Theme, (width, height): (u16, u16)) -> String {
    let snapshot = fixtures::prefetch_one();
    let stage = if contest.is_some() {
        Stage::Contest
    } else {
        Stage::SetUp
    };
    let model = model(&snapshot, stage);
    let mut facts = Facts::of(Arc::new(snapshot));
    facts.contest = contest.map(Arc::new);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend takes any size");
    terminal
        .draw(|frame| super::super::render(frame, &model, &facts, theme))
        .expect("it has no errors");
    let lines = terminal.backend().buffer().content().chunks(usize::from(width));
    lines
        .map(|line| line.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned() + "\n")
        .collect()
}

#[test]
fn each_stage_at_each_size() {
    let stages: [(&str, Option<Contest>); 7] = [
        ("setup", None),
        ("preparing", Some(contest::preparing())),
        ("under_way", Some(contest::under_way())),
        ("over", Some(contest::over())),
        ("losses", Some(contest::losses())),
        ("failed", Some(contest::failed())),
        ("crowd", Some(contest::crowd())),
    ];
    for (name, contest) in stages {
        for (width, height) in SIZES {
            let picture = shown(contest.clone(), &Theme::plain(), (width, height));
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture);
        }
    }
}

#[test]
fn the_result_fits_the_projector() {
    let picture = shown(Some(contest::over()), &Theme::plain(), (80, 24));
    for needed in [
        "prefetch 1 finishes 1.7× sooner: 60.0 s against 100.0 s",
        "with prefetch 0, W1 had to work 100.0 s (20 jobs) while W2 had work for",
        "makespan",
        "÷ the ideal",
        "1.67",
        "1.00 ✓",
        "Jain's index",
        "wait p95",
        "sojourn p99",
        "idle",
        "lost",
        "▲ ideal 60.0 s",
    ] {
        assert!(picture.contains(needed), "{needed:?} in\n{picture}");
    }
}

#[test]
fn colour_changes_no_sign() {
    let plain = shown(Some(contest::over()), &Theme::plain(), (120, 40));
    for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
        let theme = Theme::choose(choice, &|_| None);
        assert_eq!(shown(Some(contest::over()), &theme, (120, 40)), plain);
    }
}

#[test]
fn it_is_drawn_at_any_size() {
    for contest in [
        None,
        Some(contest::crowd()),
        Some(contest::over()),
        Some(contest::losses()),
    ] {
        for size in [(60, 16), (61, 17), (79, 23), (300, 100), (60, 100), (300, 16)] {
            let picture = shown(contest.clone(), &Theme::plain(), size);
            assert!(picture.contains("Compare"), "{size:?}\n{picture}");
        }
    }
}
