//! RabbitMQ's behaviour as tables of rows, each played on the wire: on the embedded broker always, as each version
//! that a row holds for, and on the RabbitMQ at `DISPATCH_LAB_TEST_URL` where that is set (rows that restart it need
//! `DISPATCH_LAB_TEST_CTL` too, a command that takes `kill9`, `stop` or `start`).
//!
//! A row is a history, one request a line, with what must come of it:
//!
//! ```text
//! == the first consumer takes the backlog [classic 4.0 4.3]
//! pub 0-2
//! consume c0 prefetch=1   => c0:0
//! consume c1              => c1:1 c1:2
//! nack c0:0               => c0:0R
//! [4.3] ack c0:#9         => closed(406 PRECONDITION_FAILED - unknown delivery tag 9; basic.ack)
//! ```
//!
//! A line without `=>` must cause nothing. `c0:0R` is a delivery of job 0 to c0, flagged redelivered. A refusal is
//! `closed(…)` of the channel or `ended(…)` of the connection that asked, with code, text and method; what befalls
//! others names them: `closed:c1(…)`, `lost:c1`, `cancel:c1`. Between brackets stand the kinds of queue and the versions
//! that a row or a line holds for; without them it holds for all, and is played on both kinds. Queues are declared when
//! first named, durable and of the row's kind. On the wire only the order on each channel can be seen, so only
//! that is compared. The verbs are in `verbs.rs`. `ROW=text` plays only the rows whose names have the text.

mod arrivals;
mod client;
mod consuming;
mod endings;
mod methods;
mod place;
mod publishing;
mod restart;
mod runner;
mod seen;
mod self_test;
mod stage;
mod table;
mod topology;
mod verbs;
mod words;

/// A test of each topic on the embedded broker, and one of all topics elsewhere.
macro_rules! topics {
    ($($topic:ident),* $(,)?) => {
        /// Each topic with its table.
        const TOPICS: &[(&str, &str)] = &[$((stringify!($topic), include_str!(concat!("tables/", stringify!($topic), ".txt")))),*];

        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $topic() {
                crate::runner::embedded(stringify!($topic)).await;
            })*
        }
    };
}

topics!(
    rotation,
    prefetch,
    kills,
    requeue,
    acks,
    durability,
    declaring,
    expiry,
    limits,
    priority,
    dead_letters,
    names,
    connection
);

/// One test, since what restarts the broker must not meet what does not expect it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_url() {
    runner::elsewhere().await;
}
