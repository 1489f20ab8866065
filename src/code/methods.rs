//! The AMQP methods that both programs come down to.

use super::Case;
use crate::lab::{AckMode, Confirms, Delivery, Habit, QueueKind};
use std::fmt::Write as _;

/// What opens any connection.
const LOGIN: &str = "\
→  AMQP 0 0 9 1
←  connection.start     mechanisms=PLAIN
→  connection.start-ok  mechanism=PLAIN response=•••
←  connection.tune      frame-max=131072 heartbeat=60
→  connection.tune-ok   frame-max=131072 heartbeat=60
→  connection.open      virtual-host=/
←  connection.open-ok
→  channel.open
←  channel.open-ok
";

pub(super) fn worker(case: &Case) -> String {
    let mut text = String::from("# worker → broker, and ← back\n");
    text.push_str(LOGIN);
    text.push_str(&declare(case));
    let (name, prefetch) = (case.queue_name(), case.prefetch.0);
    let limit = match (prefetch, case.ack) {
        (0, _) => "  # 0: no limit",
        (_, AckMode::Automatic) => "  # no effect with no-ack",
        (_, AckMode::Manual) => "",
    };
    let no_ack = case.ack == AckMode::Automatic;
    let _ = write!(
        text,
        "→  basic.qos            prefetch-count={prefetch}{limit}\n\
         ←  basic.qos-ok\n\
         →  basic.consume        queue={name} no-ack={no_ack}\n\
         ←  basic.consume-ok     consumer-tag=ctag1\n\
         \n\
         # for each job\n\
         ←  basic.deliver        consumer-tag=ctag1 delivery-tag=1 routing-key={name}\n\
         ←  content header       delivery-mode={}\n\
         ←  content body         job-1...\n\
         #  three seconds of work\n",
        mode(case)
    );
    text.push_str(settle(case));
    text
}

const fn settle(case: &Case) -> &'static str {
    match (case.ack, case.habit) {
        (AckMode::Automatic, _) => "#  no ack: it was acked when it was sent\n",
        (AckMode::Manual, Habit::Acks) => "→  basic.ack            delivery-tag=1\n",
        (AckMode::Manual, Habit::Forgets) => "#  no ack: forgotten, so the job stays unacked\n",
        (AckMode::Manual, Habit::Requeues) => "→  basic.nack           delivery-tag=1 requeue=true\n",
        (AckMode::Manual, Habit::Rejects) => "→  basic.reject         delivery-tag=1 requeue=false\n",
        (AckMode::Manual, Habit::AcksTwice) => {
            "→  basic.ack            delivery-tag=1\n\
             →  basic.ack            delivery-tag=1\n\
             ←  channel.close        406 PRECONDITION_FAILED - unknown delivery tag 1\n\
             →  channel.close-ok\n"
        }
    }
}

pub(super) fn producer(case: &Case) -> String {
    let mut text = String::from("# producer → broker, and ← back\n");
    text.push_str(LOGIN);
    text.push_str(&declare(case));
    if case.confirms == Confirms::On {
        text.push_str("→  confirm.select\n←  confirm.select-ok\n");
    }
    let _ = write!(
        text,
        "\n# for each job\n\
         →  basic.publish        exchange=\"\" routing-key={}\n\
         →  content header       delivery-mode={}\n\
         →  content body         job-1...\n",
        case.queue_name(),
        mode(case)
    );
    text.push_str(match case.confirms {
        Confirms::On => "←  basic.ack            delivery-tag=1  # confirmed\n",
        Confirms::Off => "#  and nothing comes back\n",
    });
    text.push_str("\n→  connection.close     200 goodbye\n←  connection.close-ok\n");
    text
}

fn declare(case: &Case) -> String {
    let durable = case.queue == QueueKind::Durable;
    let name = case.queue_name();
    format!("→  queue.declare        queue={name} durable={durable}\n←  queue.declare-ok\n")
}

const fn mode(case: &Case) -> &'static str {
    match case.messages {
        Delivery::Persistent => "2  # persistent",
        Delivery::Transient => "1  # transient",
    }
}
