//! What is for the room: tabs, palette, presenter mode, laser, themes, jobs on their way, and screens without holes.

use super::*;
use crate::lab::{Leg, Travel};
use crate::tui::action::Action;
use crate::tui::fixtures::way;
use crate::tui::keymap::{self, Key};
use crate::tui::room::{Deed, Motion, Presenter, Spot, Trace};
use crate::tui::{ThemeChoice, update};

fn presenting(snapshot: &Snapshot) -> Model {
    let mut model = Model::new(snapshot);
    model.room.presenter = Presenter::On;
    model
}

fn shown(snapshot: &Snapshot, model: &Model, size: (u16, u16)) -> String {
    text(&drawn(snapshot, model, &Theme::plain(), size))
}

#[test]
fn each_view_has_its_tab_and_the_present_one_is_marked_by_its_shape() {
    let snapshot = fixtures::prefetch_one();
    let mut model = Model::new(&snapshot);
    for view in View::ALL {
        model.view = view;
        let head = |size| {
            shown(&snapshot, &model, size)
                .lines()
                .next()
                .expect("a header")
                .to_owned()
        };
        assert!(
            head(LAPTOP).contains(&format!("[{}]", view.title())),
            "{}",
            head(LAPTOP)
        );
        assert_eq!(head(LAPTOP).matches('[').count(), 1);
        for size in [SMALL, PROJECTOR] {
            let narrow = head(size);
            assert_eq!(
                narrow.contains(&format!("▸ {}", view.title())),
                view != View::Lab,
                "{narrow}"
            );
            assert!(narrow.contains("ready 12") && narrow.ends_with("lost 0"), "{narrow}");
        }
    }
}

#[test]
fn a_broker_that_is_down_is_told_whole_in_every_view() {
    let mut snapshot = fixtures::prefetch_one();
    snapshot.broker.state = crate::lab::BrokerState::Ended;
    for view in View::ALL {
        let mut model = Model::new(&snapshot);
        model.view = view;
        let shown = shown(&snapshot, &model, PROJECTOR);
        let head = shown.lines().next().expect("a line");
        assert!(head.contains("down: B"), "{head}");
    }
}

#[test]
fn the_flow_counts_by_the_lab_clock_as_the_producer_does() {
    let mut snapshot = fixtures::prefetch_one();
    Arc::make_mut(&mut snapshot.settings).scale = crate::lab::TimeScale(4_000);
    snapshot.travel.per_s.to_queue = 6;
    let shown = shown(&snapshot, &Model::new(&snapshot), LAPTOP);
    assert!(shown.contains("1.5/s published"), "{shown}");
}

#[test]
fn a_click_on_a_tab_shows_its_view_and_on_a_lone_name_the_next_one() {
    let snapshot = fixtures::prefetch_one();
    let facts = Facts::of(Arc::new(snapshot.clone()));
    let model = Model::new(&snapshot);
    let hit = |(width, height), x| target(Rect::new(0, 0, width, height), Position::new(x, 0), &model, &facts);
    let head = shown(&snapshot, &model, LAPTOP)
        .lines()
        .next()
        .expect("a header")
        .to_owned();
    for view in View::ALL {
        let before = head
            .split(view.title())
            .next()
            .expect("its name is there")
            .chars()
            .count();
        let x = u16::try_from(before).expect("120 columns");
        assert_eq!(hit(LAPTOP, x), Some(Target::Press(Action::Show(view))));
    }
    assert_eq!(hit(PROJECTOR, 3), Some(Target::Press(Action::NextView)));
    assert_eq!(hit(PROJECTOR, 40), None);
}

#[test]
fn the_palette_shows_keys_and_why_something_cannot_be_done() {
    let snapshot = fixtures::prefetch_one();
    let mut model = Model::new(&snapshot);
    model.overlay = Overlay::Palette(1);
    for (name, typed) in [
        ("palette", ""),
        ("palette_revive", "revive"),
        ("palette_nothing", "qzx"),
    ] {
        typed.clone_into(&mut model.typed);
        for size in [SMALL, PROJECTOR] {
            let shown = shown(&snapshot, &model, size);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
        }
    }
}

#[test]
fn a_click_in_the_palette_does_that_line() {
    let snapshot = fixtures::prefetch_one();
    let facts = Facts::of(Arc::new(snapshot.clone()));
    let mut model = Model::new(&snapshot);
    model.overlay = Overlay::Palette(30);
    let area = Rect::new(0, 0, PROJECTOR.0, PROJECTOR.1);
    let shown = shown(&snapshot, &model, PROJECTOR);
    let marked = shown
        .lines()
        .position(|line| line.contains("│ ▸ "))
        .expect("a line is marked");
    let at = Position::new(20, u16::try_from(marked).expect("24 lines"));
    let press = target(area, at, &model, &facts);
    assert_eq!(press, Some(Target::Press(Action::Room(Deed::Pick(30)))));
}

#[test]
fn presenter_mode_at_each_size_and_in_each_situation() {
    let mut two = fixtures::prefetch_one();
    two.workers.truncate(2);
    let rows = [
        ("presenter", fixtures::prefetch_one()),
        ("presenter_two", two),
        ("presenter_killed", fixtures::killed()),
        ("presenter_auto_ack", fixtures::auto_ack_losses()),
        ("presenter_high_rate", fixtures::high_rate()),
    ];
    for (name, snapshot) in rows {
        for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
            let shown = shown(&snapshot, &presenting(&snapshot), size);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
        }
    }
}

#[test]
fn a_pressed_key_is_shown_for_two_seconds_unless_it_is_hidden() {
    let snapshot = fixtures::prefetch_one();
    let place = Model::new(&snapshot).place();
    let event = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('p'));
    let press = |model: &mut Model| {
        let binding = keymap::binding(place, event);
        model.room.hear(Key::of(event), binding, model.now);
    };
    let mut model = presenting(&snapshot);
    press(&mut model);
    let seen = shown(&snapshot, &model, PROJECTOR);
    assert!(seen.contains(" p  prefetch"), "{seen}");
    assert!(model.tick(Elapsed(2_000_000)), "the picture changes when it goes");
    assert!(!shown(&snapshot, &model, PROJECTOR).contains(" p  prefetch"));
    press(&mut model);
    let facts = Facts::of(Arc::new(snapshot.clone()));
    update::update(&mut model, &facts, Action::Room(Deed::Presenter));
    assert_eq!(model.room.echo, None, "it goes with the mode");
    for (trace, presenter) in [(Trace::Hidden, Presenter::On), (Trace::Shown, Presenter::Off)] {
        (model.room.trace, model.room.presenter) = (trace, presenter);
        press(&mut model);
        assert_eq!(model.room.echo, None);
    }
}

#[test]
fn the_laser_goes_through_all_parts_and_out() {
    let snapshot = fixtures::prefetch_one();
    let facts = Facts::of(Arc::new(snapshot.clone()));
    for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
        let mut model = Model::new(&snapshot);
        model.size = Rect::new(0, 0, size.0, size.1);
        let dark = shown(&snapshot, &model, size);
        let mut seen: Vec<Spot> = Vec::new();
        loop {
            update::update(&mut model, &facts, Action::Room(Deed::Laser));
            let Some(spot) = model.room.laser else { break };
            assert!(!seen.contains(&spot), "{spot:?} twice");
            seen.push(spot);
            let lit = shown(&snapshot, &model, size);
            assert_ne!(lit, dark, "{spot:?} is marked by its shape");
            model.room.trace = Trace::Hidden;
            assert_eq!(shown(&snapshot, &model, size), dark, "hidden is hidden");
            model.room.trace = Trace::Shown;
        }
        assert!(seen.len() >= 6, "{seen:?}");
    }
}

#[test]
fn high_contrast_paints_every_cell_and_thickens_lines() {
    let snapshot = fixtures::prefetch_one();
    let model = Model::new(&snapshot);
    let theme = Theme::choose(ThemeChoice::Contrast, &|_| None);
    let buffer = drawn(&snapshot, &model, &theme, LAPTOP);
    assert!(
        buffer
            .content()
            .iter()
            .all(|cell| cell.fg != Color::Reset && cell.bg != Color::Reset)
    );
    let seen = text(&buffer);
    assert!(seen.contains("┏ Producer") && !seen.contains('┌'), "{seen}");
    let ordinary = shown(&snapshot, &model, LAPTOP);
    let thin: String = seen
        .replace('┏', "┌")
        .replace('━', "─")
        .replace('┃', "│")
        .replace('┓', "┐");
    assert_eq!(
        thin.replace('┗', "└")
            .replace('┛', "┘")
            .replace('┳', "┬")
            .replace('┣', "├"),
        ordinary.replace('┳', "┬")
    );
}

#[test]
fn a_theme_chosen_live_brings_its_background() {
    let snapshot = fixtures::prefetch_one();
    let model = Model::new(&snapshot);
    let env = |name: &str| (name == "COLORTERM").then(|| "truecolor".to_owned());
    for (choice, ground) in [
        (ThemeChoice::Dark, Color::Rgb(0, 0, 0)),
        (ThemeChoice::Light, Color::Rgb(255, 255, 255)),
    ] {
        let buffer = drawn(&snapshot, &model, &Theme::wear(choice, &env), PROJECTOR);
        assert_eq!(buffer[(79, 12)].bg, ground);
    }
    let buffer = drawn(&snapshot, &model, &Theme::choose(ThemeChoice::Dark, &env), PROJECTOR);
    assert_eq!(
        buffer[(79, 12)].bg,
        Color::Reset,
        "asked for at the start, it is what the terminal has"
    );
}

#[test]
fn jobs_travel_at_low_rates_and_are_bars_at_high_ones() {
    for (name, snapshot) in [("on_the_way", way::on_the_way()), ("rush", way::rush())] {
        check(name, &snapshot, &[PROJECTOR, LAPTOP, LARGE]);
    }
}

/// The column of a job's number on the line of jobs on their way.
fn column(snapshot: &Snapshot, model: &Model, job: &str) -> Option<usize> {
    let shown = shown(snapshot, model, PROJECTOR);
    let line = shown.lines().find(|line| line.starts_with(" producer "))?;
    line.find(job).map(|at| line[..at].chars().count())
}

#[test]
fn a_job_moves_on_with_time_and_a_returning_one_moves_back() {
    let snapshot = way::on_the_way();
    let mut model = Model::new(&snapshot);
    let facts = Facts::of(Arc::new(snapshot.clone()));
    let at = |model: &Model, job| column(&snapshot, model, job).expect("it is on its way");
    let (published, back) = (at(&model, "180"), at(&model, "161"));
    assert!(moving_until(&model, &facts) > model.travel_now(&facts));
    model.tick(Elapsed(200_000));
    assert!(at(&model, "180") > published);
    assert!(at(&model, "161") < back);
    model.tick(Elapsed(5_000_000));
    assert_eq!(column(&snapshot, &model, "180"), None);
    assert!(
        moving_until(&model, &facts) < model.travel_now(&facts),
        "and then nothing moves"
    );
}

#[test]
fn without_motion_while_paused_and_in_the_past_the_picture_stands_still() {
    let snapshot = way::on_the_way();
    let mut still = Model::new(&snapshot);
    still.room.motion = Motion::Still;
    let mut paused = snapshot.clone();
    paused.clock.pace = Pace::Paused;
    for (snapshot, mut model) in [(snapshot.clone(), still), (paused, Model::new(&snapshot))] {
        let facts = Facts::of(Arc::new(snapshot.clone()));
        assert_eq!(moving_until(&model, &facts), None);
        let before = column(&snapshot, &model, "180");
        assert!(before.is_some(), "the last one of each leg is shown");
        model.tick(Elapsed(9_000_000));
        assert_eq!(column(&snapshot, &model, "180"), before);
    }
}

#[test]
fn a_quiet_lab_and_a_rushing_one_need_no_frames_of_their_own() {
    let quiet = {
        let mut quiet = way::on_the_way();
        quiet.travel = Travel::default();
        quiet
    };
    for snapshot in [quiet, way::rush()] {
        let model = Model::new(&snapshot);
        let facts = Facts::of(Arc::new(snapshot.clone()));
        assert_eq!(moving_until(&model, &facts), None);
    }
}

#[test]
fn what_goes_back_is_seen_at_any_rate() {
    let mut snapshot = way::rush();
    let at = Elapsed(snapshot.at.0 - 500_000);
    snapshot.travel.moves.push(crate::lab::Move {
        job: crate::lab::JobId(161),
        leg: Leg::Back(WorkerId(3)),
        at,
    });
    assert!(column(&snapshot, &Model::new(&snapshot), "161").is_some());
}

/// The largest rectangle of nothing, in cells.
fn hole(buffer: &Buffer) -> u32 {
    let width = usize::from(buffer.area.width);
    let mut heights = vec![0_u32; width];
    let mut largest = 0;
    for line in buffer.content().chunks(width) {
        for (height, cell) in heights.iter_mut().zip(line) {
            *height = if cell.symbol() == " " { *height + 1 } else { 0 };
        }
        for left in 0..width {
            let mut lowest = u32::MAX;
            for (columns, height) in (1..).zip(&heights[left..]) {
                lowest = lowest.min(*height);
                if lowest == 0 {
                    break;
                }
                largest = largest.max(lowest * columns);
            }
        }
    }
    largest
}

#[test]
fn no_screen_has_a_hole() {
    let snapshot = way::lasting();
    for size @ (width, height) in [SMALL, PROJECTOR, LAPTOP, LARGE, WALL, (100, 100), (300, 30)] {
        for model in [Model::new(&snapshot), presenting(&snapshot)] {
            let buffer = drawn(&snapshot, &model, &Theme::plain(), size);
            let hole = hole(&buffer);
            let all = u32::from(width) * u32::from(height);
            assert!(
                hole * 100 <= all * 20,
                "{hole} of {all} cells are one hole:\n{}",
                text(&buffer)
            );
        }
    }
}
