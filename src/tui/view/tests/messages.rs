//! The list of jobs and a journey, at each size and in each theme.

use super::{LAPTOP, LARGE, PROJECTOR, SMALL, seen, text};
use crate::lab::{Filter, JobId, Journey, Sort};
use crate::tui::ThemeChoice;
use crate::tui::action::Action;
use crate::tui::facts::Facts;
use crate::tui::fixtures::jobs::{answer, done_twice, facts, lost, requeue_loop, rows};
use crate::tui::messages::{Deed, Mark, find, observe, update};
use crate::tui::model::{Model, Overlay, View};
use crate::tui::theme::Theme;
use crate::tui::view::{Target, target};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use std::sync::Arc;

const SIZES: [(u16, u16); 4] = [SMALL, PROJECTOR, LAPTOP, LARGE];

/// The view on a screen of that size.
fn opened(size: (u16, u16)) -> Model {
    let mut model = Model::new(&facts(crate::lab::Sight::default()).snapshot);
    model.view = View::Messages;
    model.size = Rect::new(0, 0, size.0, size.1);
    model
}

/// A person looks for that job.
fn seek(model: &mut Model, job: JobId) {
    model.typed = job.0.to_string();
    find(model, &facts(crate::lab::Sight::default()));
}

/// What is told until nothing more is asked.
fn told(model: &mut Model, journey: Option<&Journey>) -> Facts {
    let rows = rows();
    let mut gaze = model.gaze();
    for _ in 0..8 {
        let sight = answer(&gaze, &rows, journey.cloned());
        observe(model, &sight);
        if model.gaze() == gaze {
            return facts(sight);
        }
        gaze = model.gaze();
    }
    panic!("the screen never stops asking: {gaze:?}");
}

fn shown(model: &Model, facts: &Facts) -> String {
    let size = (model.size.width, model.size.height);
    text(&seen(facts, model, &Theme::plain(), size))
}

fn check(name: &str, model: &Model, facts: &Facts) {
    let (width, height) = (model.size.width, model.size.height);
    insta::assert_snapshot!(format!("messages_{name}_{width}x{height}"), shown(model, facts));
}

#[test]
fn every_job_has_a_row() {
    for size in SIZES {
        let mut model = opened(size);
        seek(&mut model, JobId(160));
        let facts = told(&mut model, Some(&done_twice()));
        check("list", &model, &facts);
    }
}

#[test]
fn a_journey_is_read_step_by_step() {
    for (name, journey) in [("twice", done_twice()), ("lost", lost()), ("loop", requeue_loop())] {
        for size in SIZES {
            let mut model = opened(size);
            seek(&mut model, journey.job);
            let facts = told(&mut model, Some(&journey));
            update(&mut model, &facts, Deed::Open);
            let facts = told(&mut model, Some(&journey));
            check(name, &model, &facts);
        }
    }
}

#[test]
fn a_long_journey_scrolls_to_its_beginning_and_back() {
    let mut model = opened(PROJECTOR);
    seek(&mut model, JobId(163));
    told(&mut model, None);
    let journey = requeue_loop();
    let known = told(&mut model, Some(&journey));
    update(&mut model, &known, Deed::Open);
    let known = told(&mut model, Some(&journey));
    assert!(!shown(&model, &known).contains("too old to be known"));
    update(&mut model, &known, Deed::First);
    assert!(
        shown(&model, &known).contains("too old to be known"),
        "{}",
        shown(&model, &known)
    );
    let top = model.messages.back;
    update(&mut model, &known, Deed::Up);
    assert_eq!(model.messages.back, top, "there is nothing above the first step");
    update(&mut model, &known, Deed::Last);
    assert_eq!(model.messages.back, 0);
}

#[test]
fn filters_orders_and_what_is_not_there() {
    for (name, filter, sort) in [
        ("unacked", Filter::Unacked, Sort::Oldest),
        ("lost_filter", Filter::Lost, Sort::Longest),
    ] {
        let mut model = opened(PROJECTOR);
        (model.messages.filter, model.messages.sort) = (filter, sort);
        let facts = told(&mut model, None);
        check(name, &model, &facts);
    }
    let mut model = opened(PROJECTOR);
    model.messages.filter = Filter::Lost;
    let mut facts = told(&mut model, None);
    let mut sight = (*facts.sight).clone();
    let page = sight.page.as_mut().expect("it was asked for");
    page.counts[Filter::Lost.slot()] = 0;
    page.rows.clear();
    facts.sight = Arc::new(sight);
    check("nothing_lost", &model, &facts);
    let before = self::facts(crate::lab::Sight::default());
    check("before_the_first_answer", &opened(PROJECTOR), &before);
}

#[test]
fn a_number_is_asked_for() {
    let mut model = opened(PROJECTOR);
    let facts = told(&mut model, None);
    model.overlay = Overlay::Find;
    model.typed = "16".to_owned();
    check("find", &model, &facts);
}

#[test]
fn the_past_is_named() {
    let mut model = opened(PROJECTOR);
    let mut facts = told(&mut model, None);
    facts.live = Arc::new((*facts.live).clone());
    assert!(facts.is_past());
    assert!(
        shown(&model, &facts).contains("as of 00:42"),
        "{}",
        shown(&model, &facts)
    );
}

#[test]
fn the_old_page_stays_until_the_new_one_is_there() {
    let mut model = opened(PROJECTOR);
    let known = told(&mut model, None);
    let before = shown(&model, &known);
    update(&mut model, &known, Deed::Show(Filter::Lost));
    let after = shown(&model, &known);
    assert_eq!(before.lines().last(), after.lines().last());
    let rows = |text: &str| text.lines().skip(5).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&before), rows(&after));
    assert!(!after.contains("still looking"), "{after}");
    model.now.0 += 2_000_000;
    assert!(shown(&model, &known).contains("still looking"));
}

#[test]
fn colour_tells_the_places_apart_and_changes_no_sign() {
    let mut model = opened(LAPTOP);
    seek(&mut model, JobId(160));
    let facts = told(&mut model, Some(&done_twice()));
    let plain = shown(&model, &facts);
    for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
        let theme = Theme::choose(choice, &|name| (name == "COLORTERM").then(|| "truecolor".to_owned()));
        let buffer = seen(&facts, &model, &theme, LAPTOP);
        assert_eq!(text(&buffer), plain);
        let style_of = |word: &str| -> Style {
            let width = usize::from(buffer.area.width);
            let lines = buffer.content().chunks(width).enumerate().skip(5);
            let at = lines.into_iter().find_map(|(y, line)| {
                let line: String = line.iter().take(50).map(ratatui::buffer::Cell::symbol).collect();
                line.find(word).map(|byte| (line[..byte].chars().count(), y))
            });
            let (x, y) = at.unwrap_or_else(|| panic!("{word} in {plain}"));
            buffer[(u16::try_from(x).expect("small"), u16::try_from(y).expect("small"))].style()
        };
        let styles = ["ready", "W2's tray", "W2's hand", "done", "lost", "dead-lettered"].map(style_of);
        for (i, style) in styles.iter().enumerate() {
            assert!(!styles[..i].contains(style), "{i} in {choice:?}");
        }
    }
}

#[test]
fn a_click_selects_a_row_or_a_filter() {
    for size in SIZES {
        let mut model = opened(size);
        let known = told(&mut model, None);
        let picture = shown(&model, &known);
        let line = picture
            .lines()
            .position(|line| line.contains("#178 "))
            .expect("it is shown");
        let at = Position::new(8, u16::try_from(line).expect("few"));
        let Some(Target::Press(Action::Messages(deed))) = target(model.size, at, &model, &known) else {
            panic!("nothing to click on in {picture}");
        };
        update(&mut model, &known, deed);
        assert_eq!(model.messages.mark, Mark::Job(JobId(178)));
        let all = target(model.size, Position::new(2, 1), &model, &known);
        assert_eq!(all, Some(Target::Press(Action::Messages(Deed::Show(Filter::All)))));
    }
}

#[test]
fn every_size_is_drawn() {
    let journeys = [done_twice(), requeue_loop()];
    for width in (60..=240).step_by(17) {
        for height in (16..=70).step_by(6) {
            for journey in &journeys {
                let mut model = opened((width, height));
                seek(&mut model, journey.job);
                let known = told(&mut model, Some(journey));
                assert!(shown(&model, &known).contains(&format!("▸ {} ", journey.job)));
                update(&mut model, &known, Deed::Open);
                let known = told(&mut model, Some(journey));
                let picture = shown(&model, &known);
                assert!(picture.contains("Journey of"), "{picture}");
            }
        }
    }
}
