//! Python with pika, in the manner of the classic `worker.py` and `new_task.py`.

use super::{Case, Role, declare, per_second, times};
use crate::lab::{AckMode, Arrivals, Confirms, Delivery, HEAVY_TAIL, Habit, Sizes, Speed};

pub(super) fn worker(case: &Case) -> String {
    let Case { url, prefetch, .. } = case;
    let (queue, name) = (declare::python(case, Role::Worker), case.queue_name());
    let qos = match (prefetch.0, case.ack) {
        (0, _) => "  # 0: no limit",
        (_, AckMode::Automatic) => "  # no effect with auto_ack",
        (_, AckMode::Manual) => "",
    };
    let speed = if case.speed == Speed(1000) {
        String::new()
    } else {
        format!(" / {}", times(case.speed))
    };
    let consume = match case.ack {
        AckMode::Manual => "",
        AckMode::Automatic => ", auto_ack=True",
    };
    let (prefetch, settle) = (prefetch.0, settle(case));
    format!(
        r#""""A worker. Each dot in the body of a job is a second of work."""
import os

import pika

URL = os.environ.get("AMQP_URL", "{url}")

connection = pika.BlockingConnection(pika.URLParameters(URL))
channel = connection.channel()
{queue}
channel.basic_qos(prefetch_count={prefetch}){qos}


def work(channel, method, properties, body):
    again = " (redelivered)" if method.redelivered else ""
    print(f" [x] {{body.decode()}}{{again}}", flush=True)
    connection.sleep(body.count(b"."){speed})  # heartbeats go on
{settle}

channel.basic_consume("{name}", work{consume})
try:
    channel.start_consuming()
except KeyboardInterrupt:
    connection.close()
"#
    )
}

/// What the worker says when the work is done.
fn settle(case: &Case) -> &'static str {
    match (case.ack, case.habit) {
        (AckMode::Automatic, _) => "    # no ack: the broker took it as acked when it was sent\n",
        (AckMode::Manual, Habit::Acks) => "    channel.basic_ack(delivery_tag=method.delivery_tag)\n",
        (AckMode::Manual, Habit::Forgets) => "    # basic_ack is forgotten: the job stays unacked\n",
        (AckMode::Manual, Habit::Requeues) => {
            "    channel.basic_nack(delivery_tag=method.delivery_tag, requeue=True)\n"
        }
        (AckMode::Manual, Habit::Rejects) => {
            "    channel.basic_reject(delivery_tag=method.delivery_tag, requeue=False)\n"
        }
        (AckMode::Manual, Habit::AcksTwice) => {
            "    channel.basic_ack(delivery_tag=method.delivery_tag)\n    \
             channel.basic_ack(delivery_tag=method.delivery_tag)  # 406 closes the channel\n    \
             channel.basic_qos()  # waits for an answer, and gets the 406\n"
        }
    }
}

pub(super) fn producer(case: &Case) -> String {
    let (url, queue) = (&case.url, declare::python(case, Role::Producer));
    let (exchange, key) = case.address();
    let random = match (case.sizes, case.arrivals) {
        (Sizes::Random | Sizes::HeavyTail, _) | (_, Arrivals::Poisson) => "import random\n",
        _ => "",
    };
    let confirms = match case.confirms {
        Confirms::On => "channel.confirm_delivery()  # basic_publish waits for the confirm\n",
        Confirms::Off => "",
    };
    let mode = match case.messages {
        Delivery::Persistent => "Persistent",
        Delivery::Transient => "Transient",
    };
    let (sizes, dots, pause) = (sizes(case.sizes), dots(case.sizes), pause(case));
    format!(
        r#""""A producer. Each dot in the body of a job is a second of work."""
import os
{random}import sys

import pika

URL = os.environ.get("AMQP_URL", "{url}")
JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
{sizes}
connection = pika.BlockingConnection(pika.URLParameters(URL))
channel = connection.channel()
{queue}
{confirms}
for number in range(1, JOBS + 1):
    body = f"job-{{number}}" + "." * {dots}
    channel.basic_publish(
        exchange="{exchange}",
        routing_key="{key}",
        body=body,
        properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.{mode}),
    )
    print(f" [x] sent {{body}}", flush=True)
{pause}
connection.close()
"#
    )
}

/// The lab's own dice for sizes that are mostly small.
fn sizes(sizes: Sizes) -> String {
    if sizes != Sizes::HeavyTail {
        return String::new();
    }
    let ranges = HEAVY_TAIL.map(|(_, low, high)| format!("range({low}, {})", high + 1));
    let shares = HEAVY_TAIL.map(|(share, ..)| share.to_string());
    format!("DOTS = [{}]\nSHARES = [{}]\n", ranges.join(", "), shares.join(", "))
}

const fn dots(sizes: Sizes) -> &'static str {
    match sizes {
        Sizes::Equal => "2",
        Sizes::OddHeavy => "(5 if number % 2 else 1)",
        Sizes::Random => "random.randint(1, 3)",
        Sizes::HeavyTail => "random.choice(*random.choices(DOTS, SHARES))",
        Sizes::Instant => "0",
    }
}

fn pause(case: &Case) -> String {
    let rate = per_second(case.rate);
    match case.arrivals {
        Arrivals::Regular => format!("    connection.sleep(1 / {rate})  # heartbeats go on\n"),
        Arrivals::Poisson => format!("    connection.sleep(random.expovariate({rate}))  # heartbeats go on\n"),
        Arrivals::Bursty => {
            format!("    if number % 8 == 0:\n        connection.sleep(8 / {rate})  # heartbeats go on\n")
        }
    }
}
