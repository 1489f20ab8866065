use super::*;

fn owner(ack: AckMode) -> DeskOwner {
    DeskOwner {
        name: "ALICE".into(),
        place: "127.0.0.1:5672".into(),
        queue: "task_queue".into(),
        prefetch: Prefetch(1),
        ack,
    }
}

fn job(number: u64, dots: u32, redelivered: bool) -> DeskSeen {
    DeskSeen::Delivered(DeskJob {
        tag: DeliveryTag(number),
        name: format!("#{number}"),
        body: "maple".into(),
        dots,
        redelivered,
    })
}

fn at(seconds: u64) -> Elapsed {
    Elapsed(seconds * 1_000_000)
}

/// Consuming, with these jobs.
fn with(ack: AckMode, jobs: impl IntoIterator<Item = DeskSeen>) -> Desk {
    let mut desk = Desk::new(owner(ack));
    desk.seen(at(0), DeskSeen::Consuming);
    jobs.into_iter().for_each(|job| desk.seen(at(0), job));
    desk
}

fn methods(desk: &Desk) -> Vec<String> {
    desk.passed.iter().map(|p| format!("{} {}", p.method, p.what)).collect()
}

#[test]
fn a_key_does_a_dot_and_the_clock_does_one_a_second() {
    let mut desk = with(AckMode::Manual, [job(1, 3, false)]);
    desk.wish(at(1), DeskWish::Work);
    assert_eq!(desk.dots_done(), 1);
    assert_eq!(desk.next_due(), None);
    desk.tick(at(9));
    assert_eq!(desk.dots_done(), 1, "by key, time does nothing");
    desk.wish(at(9), DeskWish::WorkAlone);
    assert_eq!(desk.next_due(), Some(at(10)));
    desk.tick(at(10));
    assert_eq!(desk.dots_done(), 2);
    desk.tick(at(20));
    assert!(desk.is_done());
    assert_eq!(desk.counts.done, 0, "nobody has said so yet");
}

#[test]
fn each_way_to_settle_asks_for_its_method_and_brings_the_next_job() {
    let rows = [
        (
            DeskWish::Ack,
            DeskAsk::Ack(DeliveryTag(1)),
            "basic.ack delivery_tag=1  #1",
        ),
        (
            DeskWish::GiveBack,
            DeskAsk::GiveBack(DeliveryTag(1)),
            "basic.nack delivery_tag=1  #1  requeue=true",
        ),
        (
            DeskWish::Reject,
            DeskAsk::Reject(DeliveryTag(1)),
            "basic.reject delivery_tag=1  #1  requeue=false",
        ),
    ];
    for (wish, ask, method) in rows {
        let mut desk = with(AckMode::Manual, [job(1, 1, false), job(2, 1, true)]);
        assert_eq!(desk.wish(at(1), wish), Some(ask));
        assert_eq!(methods(&desk).last().map(String::as_str), Some(method));
        assert_eq!(desk.hand().map(|job| job.name.as_str()), Some("#2"));
        assert_eq!(desk.counts.redelivered, 1);
    }
}

#[test]
fn an_ack_before_the_work_is_done_is_told_what_it_means() {
    let mut desk = with(AckMode::Manual, [job(1, 2, false)]);
    desk.wish(at(1), DeskWish::Ack);
    assert!(desk.note.contains("before it was done"), "{}", desk.note);
    let mut desk = with(AckMode::Manual, [job(1, 1, false)]);
    desk.wish(at(1), DeskWish::Work);
    desk.wish(at(1), DeskWish::Ack);
    assert!(desk.note.contains("has forgotten it"), "{}", desk.note);
}

#[test]
fn pulled_plug_drops_what_is_held_until_it_is_plugged_in_again() {
    let mut desk = with(AckMode::Manual, [job(1, 2, false)]);
    assert_eq!(desk.wish(at(1), DeskWish::PlugIn), None, "it is in");
    assert_eq!(desk.wish(at(1), DeskWish::PullPlug), Some(DeskAsk::PullPlug));
    desk.seen(at(1), DeskSeen::Unplugged);
    assert_eq!(desk.line, DeskLine::Unplugged(vec!["#1".into()]));
    assert_eq!((desk.held.len(), desk.counts.dropped), (0, 1));
    assert_eq!(desk.wish(at(2), DeskWish::Ack), None);
    assert_eq!(desk.wish(at(2), DeskWish::PlugIn), Some(DeskAsk::PlugIn));
    assert_eq!(desk.line, DeskLine::Connecting);
}

#[test]
fn lost_line_says_what_goes_back() {
    let mut desk = with(AckMode::Manual, [job(1, 2, false)]);
    desk.seen(at(1), DeskSeen::Lost("the broker went".into(), Again::Soon));
    assert_eq!(desk.line, DeskLine::Lost("the broker went".into(), Again::Soon));
    assert!(desk.note.starts_with("#1 goes back"), "{}", desk.note);
}

#[test]
fn with_automatic_ack_work_is_all_there_is() {
    let mut desk = with(
        AckMode::Automatic,
        [job(1, 1, false), job(2, 0, false), job(3, 1, false)],
    );
    assert_eq!(desk.wish(at(1), DeskWish::Ack), None);
    desk.wish(at(1), DeskWish::Work);
    assert_eq!(desk.counts.done, 1);
    desk.wish(at(1), DeskWish::Work);
    assert_eq!(
        desk.hand().map(|job| job.name.as_str()),
        Some("#2"),
        "it has no dots, and is done"
    );
}

#[test]
fn the_list_of_what_passed_is_bounded() {
    let jobs = (1..=200).map(|n| job(n, 1, false));
    let desk = with(AckMode::Manual, jobs);
    assert_eq!(desk.passed.len(), PASSED);
}
