//! Every lesson, as a test: it holds in simulation, breaks when its key setting is turned, comes to the same live on the
//! embedded broker, and on the broker at `DISPATCH_LAB_TEST_URL` where that is set. A lesson that ends the broker runs
//! there only if `DISPATCH_LAB_TEST_CTL` names a command that can.

mod live;
mod simulated;
mod stage;

use stage::Place;

/// One test of each kind for each lesson.
macro_rules! lessons {
    ($($name:ident: $lesson:literal),* $(,)?) => {
        const LESSONS: &[&str] = &[$($lesson),*];

        mod holds_in_simulation {
            $(#[test]
            fn $name() {
                super::simulated::holds($lesson);
            })*
        }

        mod breaks_when_flipped {
            $(#[test]
            fn $name() {
                super::simulated::breaks_when_flipped($lesson);
            })*
        }

        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::live::agrees(super::Place::Embedded, $lesson).await;
            })*
        }

        mod at_url {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = super::Place::from_environment($lesson) {
                    super::live::agrees(place, $lesson).await;
                }
            })*
        }
    };
}

lessons! {
    round_robin: "round-robin",
    fair_dispatch: "fair-dispatch",
    the_tray: "the-tray",
    forgotten_ack: "forgotten-ack",
    auto_ack: "auto-ack",
    done_twice: "done-twice",
    kinds_of_death: "kinds-of-death",
    old_place: "old-place",
    nack_loop: "nack-loop",
    redelivered_is_no_counter: "redelivered-is-no-counter",
    innocent_neighbours: "innocent-neighbours",
    prefetch_is_a_tray: "prefetch-is-a-tray",
    prefetch_and_latency: "prefetch-and-latency",
    prefetch_is_for_new_consumers: "prefetch-is-for-new-consumers",
    durability: "durability",
    double_ack: "double-ack",
    fanout: "fanout",
    your_broker: "your-broker",
}

#[test]
fn each_lesson_on_the_shelf_is_tested() {
    let shelf = dispatch_lab::scenario::Shelf::built_in();
    let names: Vec<&str> = shelf.rows().iter().map(|row| &*row.scenario.name).collect();
    assert_eq!(names, LESSONS);
}
