use super::*;
use crate::lab::event::PassedOver;
use crate::lab::ids::{Elapsed, JobId, LabTime};
use crate::lab::sight::PageRow;
use crate::lab::wire::NoRoom;
use std::sync::Arc;

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);

fn journey(place: Whereabouts, finishes: u8, steps: Vec<StepKind>) -> Journey {
    let step = |(n, what): (u64, StepKind)| Step {
        lab: LabTime(n),
        at: Elapsed(n),
        events: n,
        what,
    };
    Journey {
        job: JobId(7),
        row: Some(PageRow {
            job: JobId(7),
            place,
            since: LabTime(0),
            queue: QueueKind::Durable,
            delivery: Delivery::Persistent,
            confirmed: None,
            unacked: matches!(steps.last(), Some(StepKind::Forgot(_) | StepKind::Finished(..))),
            redelivered: false,
            finishes,
        }),
        steps: (1..).zip(steps).map(step).collect(),
        cut_off: false,
    }
}

/// What W2 did first, and then.
fn first(then: &[StepKind]) -> Vec<StepKind> {
    let mut steps = vec![StepKind::Delivered(W2, false), StepKind::Begun(W2)];
    steps.extend_from_slice(then);
    steps
}

#[test]
fn a_job_that_is_done_is_told_in_one_sentence() {
    use StepKind::{Acked, Begun, Finished, Forgot, StillThere, WentBack};
    let reset = Cause::Killed(KillKind::Reset);
    let crash = Cause::Killed(KillKind::CrashBeforeAck);
    let rows = [
        (
            Whereabouts::Done,
            1,
            first(&[Finished(W2, 1), Acked(W2)]),
            "Done once, by W2.",
        ),
        (
            Whereabouts::Done,
            1,
            first(&[Finished(W2, 1)]),
            "Done, by W2; its ack is still to come.",
        ),
        (
            Whereabouts::Done,
            1,
            first(&[Finished(W2, 1), Forgot(W2)]),
            "Done, but W2 forgot its ack: the broker keeps it for W2, and gives it out again when W2 goes.",
        ),
        (
            Whereabouts::Done,
            1,
            first(&[WentBack(W2, reset, None), Begun(W1), Finished(W1, 1), Acked(W1)]),
            "Done once, by W1, though W2's socket was reset: it went back before the work was done.",
        ),
        (
            Whereabouts::Done,
            2,
            first(&[Finished(W2, 1), WentBack(W2, crash, None), Finished(W1, 2)]),
            "Done twice: W2 crashed after the work, before its ack, so the broker gave it out again.",
        ),
        (
            Whereabouts::Ready,
            2,
            first(&[
                Finished(W2, 1),
                Acked(W2),
                StillThere,
                Finished(W2, 2),
                WentBack(W2, reset, None),
            ]),
            "Done twice: the restarted broker had not stored the ack. It is ready to be done once more.",
        ),
    ];
    for (place, finishes, steps, said) in rows {
        assert_eq!(journey(place, finishes, steps).conclusion(), said);
    }
}

#[test]
fn a_job_that_is_not_done_is_told_in_one_sentence() {
    use StepKind::{Delivered, Lost, WentBack};
    let reset = Cause::Killed(KillKind::Reset);
    let rows = [
        (
            Whereabouts::Ready,
            0,
            vec![StepKind::Confirmed],
            "It waits in its queue: no worker has had room for it yet.",
        ),
        (
            Whereabouts::Ready,
            0,
            first(&[WentBack(W2, reset, Some(3))]),
            "It is in the queue again: W2's socket was reset.",
        ),
        (Whereabouts::Hand(W2), 0, first(&[]), "W2 is working on it."),
        (
            Whereabouts::Hand(W2),
            0,
            vec![WentBack(W2, Cause::Requeued, Some(1)); 3],
            "Given back 3 times, and each time the broker gave it out again: a requeue loop, which ends only when a \
             worker keeps it or refuses it with requeue=false.",
        ),
        (
            Whereabouts::Lost(reset),
            0,
            vec![Delivered(W1, false), Lost(Some(W1), reset)],
            "Lost: W1's socket was reset while it was in its tray, and with auto-ack the broker had already \
             forgotten it.",
        ),
        (
            Whereabouts::Lost(Cause::BrokerTransientQueue),
            0,
            vec![Lost(None, Cause::BrokerTransientQueue)],
            "Lost: a transient queue, and the broker ended.",
        ),
        (
            Whereabouts::DeadLettered,
            0,
            first(&[StepKind::Rejected(W2, Requeue::No), StepKind::DeadLettered(W2)]),
            "W2 refused it without requeue: it is in the dead-letter queue, where nobody works on it.",
        ),
    ];
    for (place, finishes, steps, said) in rows {
        assert_eq!(journey(place, finishes, steps).conclusion(), said);
    }
}

#[test]
fn a_job_of_the_future_says_so() {
    let mut unborn = journey(Whereabouts::Ready, 0, Vec::new());
    unborn.row = None;
    assert_eq!(unborn.conclusion(), "#7 is not published yet.");
}

#[test]
fn steps_have_words_and_reasons() {
    let passed_over = Arc::from([(W1, PassedOver::NoRoom(NoRoom::Full(1))), (W2, PassedOver::Gone)]);
    let rows = [
        (
            StepKind::Published(QueueKind::Durable, Delivery::Transient, Confirms::Off),
            "published",
            "transient, to the durable queue, no confirms",
        ),
        (
            StepKind::Dispatched(Some(WorkerId(3)), passed_over),
            "sent to W3",
            "next in turn; W1 is full (1/1), W2 is gone",
        ),
        (StepKind::Delivered(W2, true), "in W2's tray", "redelivered flag set"),
        (StepKind::Finished(W2, 3), "done again by W2: the third time", ""),
        (
            StepKind::WentBack(W2, Cause::Removed, Some(3)),
            "back in the queue, at place 3",
            "W2 was removed",
        ),
        (
            StepKind::Lost(None, Cause::BrokerNeverHad),
            "lost",
            "the broker ended before it had stored them",
        ),
    ];
    for (step, words, reason) in rows {
        assert_eq!((step.to_string(), step.reason().as_str()), (words.to_owned(), reason));
    }
}

#[test]
fn each_filter_has_a_sentence_for_nothing() {
    for filter in Filter::ALL {
        assert!(filter.none().starts_with("No job "), "{filter:?}");
        assert!(filter.none().ends_with('.'), "{filter:?}");
    }
}
