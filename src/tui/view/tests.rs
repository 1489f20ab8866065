//! Each view at the smallest size, the projector's, a laptop's and a large one, from pictures made by hand.

use super::*;
use crate::lab::{Change, Elapsed, Entry, Pace, Rate, WorkerId};
use crate::tui::fixtures;
use crate::tui::model::Overlay;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Position;
use ratatui::style::Color;
use std::sync::Arc;

mod code;
mod messages;
mod past;
mod random;
mod room;
mod wire;

const SMALL: (u16, u16) = (60, 16);
const PROJECTOR: (u16, u16) = (80, 24);
const LAPTOP: (u16, u16) = (120, 40);
const LARGE: (u16, u16) = (200, 60);
const WALL: (u16, u16) = (300, 100);

fn screen(snapshot: &Snapshot, overlay: Overlay, (width, height): (u16, u16)) -> Buffer {
    let mut model = Model::new(snapshot);
    model.overlay = overlay;
    drawn(snapshot, &model, &Theme::plain(), (width, height))
}

pub(super) fn drawn(snapshot: &Snapshot, model: &Model, theme: &Theme, size: (u16, u16)) -> Buffer {
    seen(&Facts::of(Arc::new(snapshot.clone())), model, theme, size)
}

fn seen(facts: &Facts, model: &Model, theme: &Theme, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend takes any size");
    terminal
        .draw(|frame| render(frame, model, facts, theme))
        .expect("it has no errors");
    terminal.backend().buffer().clone()
}

pub(super) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut text = String::new();
    for line in buffer.content().chunks(width) {
        let line: String = line.iter().map(ratatui::buffer::Cell::symbol).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Snapshot files by scene and size.
fn check(name: &str, snapshot: &Snapshot, sizes: &[(u16, u16)]) {
    for &(width, height) in sizes {
        let buffer = screen(snapshot, Overlay::Closed, (width, height));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(&buffer));
    }
}

#[test]
fn pile_up_at_prefetch_zero() {
    check(
        "pile_up",
        &fixtures::pile_up(),
        &[SMALL, PROJECTOR, LAPTOP, LARGE, WALL],
    );
}

#[test]
fn fair_dispatch_at_prefetch_one() {
    check("prefetch_one", &fixtures::prefetch_one(), &[SMALL, PROJECTOR, LAPTOP]);
}

#[test]
fn each_kind_of_end_has_its_words() {
    check("killed", &fixtures::killed(), &[SMALL, PROJECTOR, LAPTOP]);
}

#[test]
fn a_silent_network_and_each_bad_habit_have_their_words() {
    check("faults", &fixtures::faults::faults(), &[SMALL, PROJECTOR, LAPTOP]);
}

#[test]
fn auto_ack_fills_the_tray_and_loses_it() {
    check("auto_ack", &fixtures::auto_ack_losses(), &[SMALL, PROJECTOR, LAPTOP]);
}

#[test]
fn books_that_do_not_balance_say_so() {
    check("unbalanced", &fixtures::unbalanced(), &[SMALL, PROJECTOR]);
}

#[test]
fn a_broker_that_is_away_is_named() {
    check("broker_away", &fixtures::broker_away(), &[SMALL, PROJECTOR]);
}

#[test]
fn sixty_four_workers_scroll_or_spread() {
    check("crowd", &fixtures::crowd(), &[SMALL, PROJECTOR, LAPTOP, LARGE]);
}

#[test]
fn a_high_rate_is_shown_as_density() {
    check("high_rate", &fixtures::high_rate(), &[SMALL, PROJECTOR, LAPTOP]);
}

#[test]
fn an_empty_lab_and_a_paused_one() {
    let mut paused = fixtures::empty();
    paused.clock.pace = Pace::Paused;
    check("empty", &fixtures::empty(), &[PROJECTOR]);
    check("paused", &paused, &[PROJECTOR]);
}

#[test]
fn the_selected_worker_is_always_in_sight() {
    let crowd = fixtures::crowd();
    let mut model = Model::new(&crowd);
    for worker in &crowd.workers {
        model.selected = worker.id;
        let areas = layout::areas(Rect::new(0, 0, 80, 24), &model, &crowd).expect("large enough");
        let visible = areas.visible_workers(&model, &crowd);
        assert!(
            visible.contains(&model.selected_row(&crowd)),
            "{} in {visible:?}",
            worker.id
        );
        assert_eq!(visible.len(), usize::from(areas.rows));
    }
}

#[test]
fn menus_and_help() {
    let auto_ack = fixtures::auto_ack_losses();
    let theirs = fixtures::unbalanced();
    let at_stake = fixtures::ends::running();
    let rows = [
        ("kill_menu", &auto_ack, Overlay::Kill(WorkerId(1), 3)),
        ("broker_menu", &auto_ack, Overlay::Broker(0)),
        ("broker_menu_with_jobs", &at_stake, Overlay::Broker(3)),
        ("broker_menu_not_ours", &theirs, Overlay::Broker(0)),
        ("remove", &auto_ack, Overlay::Remove(WorkerId(1))),
        ("help", &auto_ack, Overlay::Help(0)),
        ("help_end", &auto_ack, Overlay::Help(u16::MAX)),
    ];
    for (name, snapshot, overlay) in rows {
        for size in [SMALL, PROJECTOR] {
            let shown = text(&screen(snapshot, overlay, size));
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
        }
    }
    let wide = text(&screen(&auto_ack, Overlay::Help(0), LARGE));
    insta::assert_snapshot!("help_200x60", wide);
}

#[test]
fn the_table_of_what_survived_at_each_moment() {
    let rows = [
        ("matrix_running", fixtures::ends::running()),
        ("matrix_down", fixtures::ends::down()),
        ("matrix_killed", fixtures::ends::killed()),
        ("matrix_stopped", fixtures::ends::stopped()),
        ("matrix_away", fixtures::ends::away()),
    ];
    for (name, snapshot) in rows {
        for size in [SMALL, PROJECTOR, LAPTOP] {
            let shown = text(&screen(&snapshot, Overlay::Matrix, size));
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
        }
    }
}

#[test]
fn loss_of_what_was_promised_is_never_excused() {
    let mut snapshot = fixtures::ends::killed();
    let [kept, _] = &mut snapshot.matrix.cells[0];
    kept.confirmed_lost = 1;
    let shown = text(&screen(&snapshot, Overlay::Matrix, PROJECTOR));
    assert!(shown.contains("lost all the same"), "{shown}");
    assert!(!shown.contains("promises nothing"), "{shown}");
}

#[test]
fn what_matters_stays_in_sight_while_dispatches_rush_by() {
    let mut snapshot = fixtures::auto_ack_losses();
    let dispatch = snapshot.log.last().expect("it has lines").clone();
    let change = |rate| (dispatch.0, Entry::Changed(Change::Rate(Rate(rate))));
    snapshot.log.extend([change(200), change(300), change(400)]);
    snapshot.log.extend(std::iter::repeat_n(dispatch, 50));
    let shown = text(&screen(&snapshot, Overlay::Closed, PROJECTOR));
    assert!(shown.contains("7 jobs lost: W2's socket was reset"), "{shown}");
    let rates: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("the producer publishes"))
        .collect();
    assert!(
        matches!(rates[..], [line] if line.contains("4.0/s")),
        "the last turn of a key stands for all: {rates:?}"
    );
    assert!(
        shown.contains("next in turn"),
        "the newest dispatch is there too: {shown}"
    );
}

#[test]
fn a_screen_too_small_names_the_size_it_needs() {
    for size in [(59, 16), (60, 15), (30, 5)] {
        let shown = text(&screen(&fixtures::empty(), Overlay::Closed, size));
        assert!(shown.replace('\n', " ").contains("needs 60×16"), "{shown}");
    }
}

#[test]
fn long_names_are_shown_whole() {
    let mut snapshot = fixtures::prefetch_one();
    for (worker, number) in snapshot.workers.iter_mut().zip([99, 100, 65_535]) {
        worker.id = WorkerId(number);
    }
    for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
        let shown = text(&screen(&snapshot, Overlay::Closed, size));
        for name in ["W99 ", "W100 ", "W65535 "] {
            let times = shown.matches(name).count();
            assert!(times >= 2, "{name}in table and timeline: {shown}");
        }
    }
}

#[test]
fn older_lines_of_the_log_say_so_at_every_size() {
    let snapshot = fixtures::pile_up();
    let mut model = Model::new(&snapshot);
    for size in [SMALL, PROJECTOR, LAPTOP, LARGE] {
        model.log_back = 0;
        let newest = text(&drawn(&snapshot, &model, &Theme::plain(), size));
        model.log_back = 3;
        let older = text(&drawn(&snapshot, &model, &Theme::plain(), size));
        assert!(!newest.contains("Esc follows the newest"), "{newest}");
        assert!(older.contains("Esc follows the newest"), "{older}");
    }
}

#[test]
fn what_another_broker_does_not_tell_is_not_made_up() {
    let mut theirs = fixtures::unbalanced();
    theirs.queue.ready = crate::lab::Figure::Unknown;
    theirs.queue.consumers = crate::lab::Figure::Unknown;
    theirs.workers[2].hand = None;
    let shown = text(&screen(&theirs, Overlay::Closed, LAPTOP));
    assert!(!shown.contains("classic") && !shown.contains("on its way"), "{shown}");
    for unknown in [r"ready       ?", r"unacked     ?", "consumers ?", "ready ?"] {
        assert!(shown.contains(unknown), "{unknown:?} in {shown}");
    }
}

#[test]
fn a_message_takes_the_place_of_the_keys() {
    let snapshot = fixtures::empty();
    let mut model = Model::new(&snapshot);
    model.say("this is why not");
    let shown = text(&drawn(&snapshot, &model, &Theme::plain(), PROJECTOR));
    assert!(
        shown.lines().last().expect("lines").contains("this is why not"),
        "{shown}"
    );
}

#[test]
fn a_changed_setting_is_marked_for_two_seconds() {
    let before = fixtures::prefetch_one();
    let mut after = before.clone();
    fixtures::change(&mut after, |s| s.prefetch = crate::lab::Prefetch(5));
    let mut model = Model::new(&before);
    model.observe(&before, &after);
    let theme = Theme::plain();
    let marked = |model: &Model| {
        let buffer = drawn(&after, model, &theme, PROJECTOR);
        let titles = text(&buffer)
            .lines()
            .position(|line| line.contains("Workers ·"))
            .expect("it is shown");
        let reversed = |cell: &&ratatui::buffer::Cell| cell.style().add_modifier == theme.flash.add_modifier;
        let title = buffer.content().chunks(80).nth(titles).expect("the workers' title");
        title
            .iter()
            .filter(reversed)
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
    };
    assert_eq!(marked(&model), "prefetch 5");
    assert!(model.tick(Elapsed(2_000_000)), "the picture changes when the mark goes");
    assert_eq!(marked(&model), "");
}

#[test]
fn without_colour_no_cell_has_any() {
    for snapshot in [fixtures::killed(), fixtures::auto_ack_losses(), fixtures::unbalanced()] {
        for overlay in [Overlay::Closed, Overlay::Kill(WorkerId(1), 0), Overlay::Help(0)] {
            let buffer = screen(&snapshot, overlay, LAPTOP);
            let coloured = buffer
                .content()
                .iter()
                .find(|c| c.fg != Color::Reset || c.bg != Color::Reset);
            assert_eq!(coloured, None);
        }
    }
}

#[test]
fn colour_changes_no_sign() {
    let snapshot = fixtures::killed();
    let model = Model::new(&snapshot);
    let plain = text(&drawn(&snapshot, &model, &Theme::plain(), LAPTOP));
    let choose = |choice| Theme::choose(choice, &|_| None);
    for theme in [
        choose(crate::tui::ThemeChoice::Dark),
        choose(crate::tui::ThemeChoice::Light),
    ] {
        assert_eq!(text(&drawn(&snapshot, &model, &theme, LAPTOP)), plain);
    }
}

#[test]
fn a_click_finds_workers_keys_and_menu_lines() {
    let snapshot = fixtures::prefetch_one();
    let facts = Facts::of(Arc::new(snapshot.clone()));
    let area = Rect::new(0, 0, PROJECTOR.0, PROJECTOR.1);
    let mut model = Model::new(&snapshot);
    let hit = |model: &Model, x, y| target(area, Position::new(x, y), model, &facts);
    let shown = text(&screen(&snapshot, Overlay::Closed, PROJECTOR));
    let line_of = |needle: &str| {
        let line = shown
            .lines()
            .position(|line| line.contains(needle))
            .expect("it is shown");
        u16::try_from(line).expect("24 lines")
    };
    let second = Some(Target::Worker(snapshot.workers[1].id));
    assert_eq!(hit(&model, 20, line_of("W2   ×0.5")), second);
    assert_eq!(hit(&model, 2, 23), Some(Target::Press(Action::OpenKillMenu)));
    assert_eq!(hit(&model, 5, 2), None);
    model.overlay = Overlay::Kill(WorkerId(1), 0);
    let place = kill_menu::place(area);
    let third = Some(Target::Press(Action::Kill(crate::lab::KillKind::CloseConnection)));
    assert_eq!(hit(&model, place.x + 8, place.y + 1 + 4), third);
    assert_eq!(hit(&model, place.x + 8, place.y + 1 + 5), third);
    assert_eq!(hit(&model, 2, line_of("W2   ×0.5")), None);
}
