//! The whole engine on a real wire: the embedded broker always, and the broker at `DISPATCH_LAB_TEST_URL` where that
//! is set. The lab clock is paused while something is arranged, so that nothing depends on how fast the machine is.

mod broker;
mod contests;
mod ends;
mod guests;
mod habits;
mod harness;
mod kills;
mod line;
mod queues;
mod settings;
mod silence;
mod wire;

/// Runs each case on the embedded broker and, where one is named, on another.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(crate::harness::Place::Embedded).await;
            })*
        }
        mod at_url {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(place) = crate::harness::Place::from_environment() {
                    super::$case(place).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;
