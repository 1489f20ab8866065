use super::*;
use crate::lab::{DeliveryTag, DeskJob, DeskOwner, DeskSeen, Elapsed, Prefetch};
use crate::tui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn desk(ack: AckMode, prefetch: u16) -> Desk {
    let mut desk = Desk::new(DeskOwner {
        name: "ALICE".into(),
        place: "192.168.1.20:5672".into(),
        queue: "task_queue".into(),
        prefetch: Prefetch(prefetch),
        ack,
    });
    desk.seen(at(1), DeskSeen::Consuming);
    desk
}

fn at(seconds: u64) -> Elapsed {
    Elapsed(seconds * 1_000_000)
}

fn job(number: u64, dots: u32, redelivered: bool) -> DeskSeen {
    DeskSeen::Delivered(DeskJob {
        tag: DeliveryTag(number),
        name: format!("#{}", number + 160),
        body: format!("maple{}", ".".repeat(dots as usize)),
        dots,
        redelivered,
    })
}

fn scenes() -> Vec<(&'static str, Desk)> {
    let waiting = desk(AckMode::Manual, 1);
    let mut working = desk(AckMode::Manual, 3);
    working.seen(at(4), job(3, 5, true));
    working.seen(at(4), job(4, 2, false));
    working.wish(at(5), DeskWish::Work);
    working.wish(at(6), DeskWish::Work);
    let mut done = desk(AckMode::Manual, 1);
    for number in 1..=12 {
        done.seen(at(number * 2), job(number, 1, number == 7));
        done.wish(at(number * 2 + 1), DeskWish::Work);
        if number < 12 {
            done.wish(at(number * 2 + 1), DeskWish::Ack);
        }
    }
    let mut unplugged = working.clone();
    unplugged.wish(at(7), DeskWish::PullPlug);
    unplugged.seen(at(7), DeskSeen::Unplugged);
    let mut lost = done.clone();
    lost.seen(
        at(40),
        DeskSeen::Lost("nothing listens at 192.168.1.20:5672".into(), Again::Soon),
    );
    let mut auto = desk(AckMode::Automatic, 0);
    auto.seen(at(2), job(1, 3, false));
    vec![
        ("waiting", waiting),
        ("working", working),
        ("done", done),
        ("unplugged", unplugged),
        ("lost", lost),
        ("auto", auto),
    ]
}

fn picture(desk: &Desk, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a buffer");
    let theme = Theme::plain();
    terminal
        .draw(|frame| render(frame, desk, None, &theme))
        .expect("a buffer takes all");
    terminal.backend().to_string()
}

#[test]
fn each_scene_of_a_desk_looks_right() {
    for (name, desk) in scenes() {
        for (width, height) in [(80, 24), (60, 16)] {
            insta::assert_snapshot!(format!("desk_{name}_{width}x{height}"), picture(&desk, width, height));
        }
    }
}

#[test]
fn every_size_is_drawn_without_harm() {
    for (_, desk) in scenes() {
        for width in (1..100).step_by(7) {
            for height in 1..30 {
                picture(&desk, width, height);
            }
        }
    }
    assert!(picture(&scenes()[0].1, 30, 5).contains("40×12"));
}
