use super::*;
use crate::lab::{
    BrokerRow, BrokerState, Confirms, Control, Delivery, Event, Gaze, Happening, History, LabTime, Page, Published,
    QueueKind, Settings,
};
use crate::tui::fixtures;
use std::sync::Arc;

/// A screen in front of a run that goes on.
struct Desk {
    model: Model,
    history: History,
    facts: Facts,
    published: u32,
}

impl Desk {
    fn new(jobs: u32) -> Self {
        let broker = BrokerRow {
            name: "broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: None,
        };
        let snapshot = Arc::new(fixtures::empty());
        let mut model = Model::new(&snapshot);
        model.view = View::Messages;
        let mut desk = Self {
            model,
            history: History::new(Settings::default(), broker, 1 << 20),
            facts: Facts::of(snapshot),
            published: 0,
        };
        desk.publish(jobs);
        desk
    }

    fn happens(&mut self, what: Happening) {
        let at = Elapsed(u64::from(self.published) * 1_000);
        self.history.push(&Event {
            at,
            lab: LabTime(at.0),
            what,
        });
    }

    /// That many more, then the screen is told.
    fn publish(&mut self, jobs: u32) {
        for _ in 0..jobs {
            self.published += 1;
            self.happens(Happening::Published(Published {
                job: JobId(self.published),
                queue: QueueKind::Durable,
                delivery: Delivery::Persistent,
                confirms: Confirms::Off,
            }));
        }
        Arc::make_mut(&mut self.facts.snapshot).books.published = self.published;
        self.settle();
    }

    /// Answers until nothing more is asked.
    fn settle(&mut self) {
        let mut asked: Option<Gaze> = None;
        for _ in 0..10 {
            let gaze = self.model.gaze();
            if asked.as_ref() == Some(&gaze) {
                return;
            }
            self.facts.sight = Arc::new(self.history.look(&gaze, Elapsed(9_000_000)));
            observe(&mut self.model, &self.facts.sight);
            asked = Some(gaze);
        }
        panic!("the screen never stops asking");
    }

    fn press(&mut self, deeds: &[Deed]) {
        for deed in deeds {
            update(&mut self.model, &self.facts, *deed);
            self.settle();
        }
    }

    fn page(&self) -> &Page {
        self.facts.sight.page.as_ref().expect("it is asked for")
    }

    /// The numbers in sight, and the line of the selected one.
    fn sight(&self) -> (Vec<u32>, Option<usize>) {
        let state = &self.model.messages;
        let rows = state.in_sight(self.page(), view::message_lines(self.model.size));
        let numbers = rows.iter().map(|row| row.job.0).collect();
        (numbers, rows.iter().position(|row| state.is_marked(self.page(), row)))
    }

    fn selected(&self) -> Option<u32> {
        self.model.messages.job.map(|job| job.0)
    }

    fn find(&mut self, number: &str) -> Option<String> {
        self.press(&[Deed::Find]);
        number.chars().for_each(|c| type_in(&mut self.model, c));
        self.model.message = None;
        find(&mut self.model, &self.facts);
        self.settle();
        self.model.message.as_ref().map(|m| m.text.to_string())
    }
}

#[test]
fn the_list_follows_the_newest_until_one_moves() {
    let mut desk = Desk::new(50);
    assert_eq!(
        (desk.sight().0[0], desk.sight().1, desk.selected()),
        (50, Some(0), Some(50))
    );
    desk.publish(30);
    assert_eq!(
        (desk.sight().0[0], desk.sight().1, desk.selected()),
        (80, Some(0), Some(80))
    );
}

#[test]
fn the_selected_job_keeps_its_line_while_others_are_published() {
    for more in [1, 7, 40, 900] {
        let mut desk = Desk::new(500);
        desk.press(&[Deed::Down, Deed::Down, Deed::Down]);
        let (_, line) = desk.sight();
        assert_eq!((desk.selected(), line), (Some(497), Some(3)));
        desk.publish(more);
        let (numbers, line) = desk.sight();
        assert_eq!(
            (desk.selected(), line),
            (Some(497), Some(3)),
            "{more} more: {numbers:?}"
        );
    }
}

#[test]
fn every_row_can_be_reached() {
    let mut desk = Desk::new(300);
    let lines = u32::from(view::message_lines(desk.model.size));
    for number in (1..300).rev() {
        desk.press(&[Deed::Down]);
        assert_eq!(desk.selected(), Some(number));
        assert!(desk.sight().1.is_some(), "{number} is in sight");
    }
    desk.press(&[Deed::Down]);
    assert_eq!(desk.selected(), Some(1), "the last one");
    desk.press(&[Deed::PageUp]);
    assert_eq!(desk.selected(), Some(1 + lines));
    desk.press(&[Deed::PageDown, Deed::PageUp, Deed::PageUp, Deed::Up]);
    assert_eq!(desk.selected(), Some(2 + 2 * lines));
    desk.press(&[Deed::First]);
    assert_eq!(desk.sight(), ((301 - lines..=300).rev().collect(), Some(0)));
    desk.press(&[Deed::Last]);
    assert_eq!(desk.sight().0, (1..=lines).rev().collect::<Vec<_>>());
    assert_eq!(desk.selected(), Some(1));
}

#[test]
fn keys_pressed_faster_than_answers_come_add_up() {
    let mut desk = Desk::new(5_000);
    let lines = u32::from(view::message_lines(desk.model.size));
    for _ in 0..20 {
        update(&mut desk.model, &desk.facts, Deed::PageDown);
    }
    desk.settle();
    assert_eq!(desk.selected(), Some(5_000 - 20 * lines));
    assert!(desk.sight().1.is_some());
}

#[test]
fn a_number_is_found_wherever_it_is() {
    let mut desk = Desk::new(4_000);
    for number in ["1234", "1", "4000", "17"] {
        assert_eq!(desk.find(number), None);
        assert_eq!(desk.selected(), number.parse().ok());
        assert!(desk.sight().1.is_some(), "{number} is in sight");
    }
}

#[test]
fn a_number_that_is_nobodys_is_said() {
    let mut desk = Desk::new(3_412);
    for (typed, said) in [
        ("9999", "there is no job #9999: they are numbered from 1 to 3,412"),
        ("0", "there is no job #0: they are numbered from 1 to 3,412"),
        (
            "999999999999",
            "there is no job #999999999: they are numbered from 1 to 3,412",
        ),
    ] {
        assert_eq!(desk.find(typed).as_deref(), Some(said));
        assert_eq!(desk.selected(), Some(3_412));
    }
    assert_eq!(desk.find("x-"), None, "only digits are typed");
    assert_eq!(
        Desk::new(0).find("3").as_deref(),
        Some("there is no job #3: none is published yet")
    );
}

#[test]
fn the_filter_goes_for_a_number_that_does_not_pass_it() {
    let mut desk = Desk::new(100);
    desk.press(&[Deed::Show(Filter::Lost)]);
    assert_eq!(desk.find("42").as_deref(), Some("#42 is not lost: all jobs are listed"));
    assert_eq!((desk.model.messages.filter, desk.selected()), (Filter::All, Some(42)));
}

#[test]
fn when_the_job_leaves_the_filter_the_next_one_takes_its_line() {
    let mut desk = Desk::new(10);
    desk.press(&[Deed::Show(Filter::Ready), Deed::Down, Deed::Down]);
    assert_eq!(desk.selected(), Some(8));
    desk.happens(Happening::Returned(JobId(8)));
    desk.publish(0);
    assert_eq!((desk.selected(), desk.sight().1), (Some(7), Some(2)));
}

#[test]
fn a_journey_that_is_read_stays_whatever_becomes_of_the_list() {
    let mut desk = Desk::new(10);
    desk.press(&[Deed::Show(Filter::Ready), Deed::Open]);
    assert_eq!(desk.model.gaze().journey, Some(JobId(10)));
    desk.happens(Happening::Returned(JobId(10)));
    desk.publish(200);
    assert_eq!(desk.model.gaze().journey, Some(JobId(10)));
    desk.press(&[Deed::Back]);
    assert_eq!(desk.model.messages.focus, Focus::List);
}

#[test]
fn nothing_is_asked_for_while_another_view_is_shown() {
    let mut desk = Desk::new(10);
    desk.model.view = View::Lab;
    assert_eq!(desk.model.gaze(), Gaze::default());
}

#[test]
fn filters_and_orders_go_round() {
    let mut desk = Desk::new(3);
    for filter in Filter::ALL {
        assert_eq!(desk.model.messages.filter, filter);
        desk.press(&[Deed::NextFilter]);
    }
    desk.press(&[Deed::PreviousFilter]);
    assert_eq!(desk.model.messages.filter, Filter::DeadLettered);
    desk.press(&[Deed::NextFilter]);
    for (sort, first) in [(Sort::Oldest, 1), (Sort::Longest, 1), (Sort::Newest, 3)] {
        desk.press(&[Deed::NextSort]);
        assert_eq!((desk.model.messages.sort, desk.selected()), (sort, Some(first)));
    }
    assert_eq!(desk.press_open_on_nothing().as_deref(), Some(words::NOTHING_SELECTED));
}

impl Desk {
    fn press_open_on_nothing(&mut self) -> Option<String> {
        self.press(&[Deed::Show(Filter::Lost), Deed::Open]);
        self.model.message.as_ref().map(|m| m.text.to_string())
    }
}

#[test]
fn numbers_and_spans_are_easy_to_read() {
    for (n, said) in [(0_u32, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(words::thousands(n), said);
    }
    for (us, said) in [
        (0, "0 ms"),
        (45_999, "45 ms"),
        (2_317_000, "2.31 s"),
        (42_680_000, "42.6 s"),
        (187_000_000, "3:07 min"),
        (8_100_000_000, "2:15 h"),
    ] {
        assert_eq!(words::span(us), said);
    }
}
