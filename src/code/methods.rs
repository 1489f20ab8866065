//! The AMQP methods that both programs come down to.

use super::{Case, Role, declare, thousandths};
use crate::lab::{AckMode, Confirms, Delivery, Habit, Sizes};
use std::fmt::Write as _;

/// What opens any connection.
fn login(case: &Case) -> String {
    let vhost = vhost(&case.url);
    format!(
        "\
→  AMQP 0 0 9 1
←  connection.start     mechanisms=PLAIN
→  connection.start-ok  mechanism=PLAIN response=•••
←  connection.tune      frame-max=131072 heartbeat=60
→  connection.tune-ok   frame-max=131072 heartbeat=60
→  connection.open      virtual-host={vhost}
←  connection.open-ok
→  channel.open
←  channel.open-ok
"
    )
}

/// A URL's virtual host: what follows the first slash behind the host, decoded.
fn vhost(url: &str) -> String {
    let place = url.split_once("://").map_or(url, |(_, place)| place);
    let encoded = match place.split_once('/') {
        None | Some((_, "")) => "%2F",
        Some((_, encoded)) => encoded,
    };
    let mut parts = encoded.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, rest) = code.map_or((b'%', part), |code| (code, &part[2..]));
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A job as the sizes have it, and what it takes this worker.
fn body(case: &Case) -> String {
    format!("job-1{}", ".".repeat(dots(case.sizes)))
}

fn work(case: &Case) -> String {
    match thousandths(dots(case.sizes) as u64 * 1_000_000 / u64::from(case.speed.0.max(1))).as_str() {
        "0" => "no work to do".to_owned(),
        "1" => "1 second of work".to_owned(),
        seconds => format!("{seconds} seconds of work"),
    }
}

const fn dots(sizes: Sizes) -> usize {
    match sizes {
        Sizes::OddHeavy => 5,
        Sizes::Random => 3,
        Sizes::Equal => 2,
        Sizes::HeavyTail => 1,
        Sizes::Instant => 0,
    }
}

pub(super) fn worker(case: &Case) -> String {
    let mut text = String::from("# worker → broker, and ← back\n");
    text.push_str(&login(case));
    text.push_str(&declare::methods(case, Role::Worker));
    let (name, prefetch) = (case.queue_name(), case.prefetch.0);
    let (_, key) = case.address();
    let key = if key.is_empty() { "\"\"" } else { &key };
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
         ←  basic.deliver        consumer-tag=ctag1 delivery-tag=1 routing-key={key}\n\
         ←  content header       delivery-mode={}\n\
         ←  content body         {}\n\
         #  {}\n",
        mode(case),
        body(case),
        work(case)
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
    text.push_str(&login(case));
    text.push_str(&declare::methods(case, Role::Producer));
    if case.confirms == Confirms::On {
        text.push_str("→  confirm.select\n←  confirm.select-ok\n");
    }
    let (exchange, key) = case.address();
    let _ = write!(
        text,
        "\n# for each job\n\
         →  basic.publish        exchange={} routing-key={}\n\
         →  content header       delivery-mode={}\n\
         →  content body         {}\n",
        if exchange.is_empty() { "\"\"" } else { exchange },
        if key.is_empty() { "\"\"" } else { &key },
        mode(case),
        body(case)
    );
    text.push_str(match case.confirms {
        Confirms::On => "←  basic.ack            delivery-tag=1  # confirmed\n",
        Confirms::Off => "#  and nothing comes back\n",
    });
    text.push_str("\n→  connection.close     200 goodbye\n←  connection.close-ok\n");
    text
}

const fn mode(case: &Case) -> &'static str {
    match case.messages {
        Delivery::Persistent => "2  # persistent",
        Delivery::Transient => "1  # transient",
    }
}
