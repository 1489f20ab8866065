//! What each program declares before it begins: queues, and the exchange where each worker has a queue of its own.

use super::{Case, DEAD, FANOUT, Role};
use crate::lab::{QueueKind, QueueType, Sharing};
use std::fmt::Write as _;

/// Columns that half a wide screen has for a line.
const WIDE: usize = 96;

/// An argument of the queue.
enum Value {
    Text(&'static str),
    Number(u16),
}

/// The queue's arguments, in the order in which they are written.
fn arguments(case: &Case) -> Vec<(&'static str, Value)> {
    let mut arguments = Vec::new();
    if let (true, QueueType::Quorum(limit)) = (case.is_quorum(), case.queue_type) {
        arguments.push(("x-queue-type", Value::Text("quorum")));
        if limit.0 > 0 {
            arguments.push(("x-delivery-limit", Value::Number(limit.0)));
        }
    }
    if case.keeps_dead() {
        arguments.push(("x-dead-letter-exchange", Value::Text("")));
        arguments.push(("x-dead-letter-routing-key", Value::Text(DEAD)));
    }
    arguments
}

/// What the dead letter queue is for.
const fn purpose(case: &Case) -> &'static str {
    if case.is_quorum() {
        "for dead letters"
    } else {
        "for what is rejected"
    }
}

/// Whether this program has to do with the queue itself: a fanout's producer knows its exchange alone.
fn has_queue(case: &Case, role: Role) -> bool {
    (case.sharing, role) != (Sharing::QueueEach, Role::Producer)
}

pub(super) fn python(case: &Case, role: Role) -> String {
    let mut lines = Vec::new();
    if case.sharing == Sharing::QueueEach {
        lines.push(format!(
            r#"channel.exchange_declare(exchange="{FANOUT}", exchange_type="fanout")"#
        ));
    }
    if has_queue(case, role) {
        let (name, arguments) = (case.queue_name(), arguments(case));
        let durable = match case.queue {
            QueueKind::Durable => ", durable=True",
            QueueKind::Transient => "",
        };
        if case.keeps_dead() {
            let why = purpose(case);
            lines.push(format!(
                r#"channel.queue_declare(queue="{DEAD}", durable=True)  # {why}"#
            ));
        }
        let given = if arguments.is_empty() {
            ""
        } else {
            lines.push("arguments = {".to_owned());
            lines.extend(arguments.iter().map(|(key, value)| match value {
                Value::Text(text) => format!(r#"    "{key}": "{text}","#),
                Value::Number(number) => format!(r#"    "{key}": {number},"#),
            }));
            lines.push("}".to_owned());
            ", arguments=arguments"
        };
        lines.push(format!(r#"channel.queue_declare(queue="{name}"{durable}{given})"#));
        if case.sharing == Sharing::QueueEach {
            lines.push(format!(
                r#"channel.queue_bind(queue="{name}", exchange="{FANOUT}")  # a copy of each job"#
            ));
        }
    }
    lines.join("\n")
}

pub(super) fn rust(case: &Case, role: Role) -> String {
    let mut text = String::new();
    if case.sharing == Sharing::QueueEach {
        let _ = writeln!(
            text,
            r#"    let options = ExchangeDeclareOptions::default();
    channel
        .exchange_declare(
            "{FANOUT}".into(),
            ExchangeKind::Fanout,
            options,
            FieldTable::default(),
        )
        .await?;"#
        );
    }
    if has_queue(case, role) {
        text.push_str(&rust_queue(case));
    }
    text.trim_end().to_owned()
}

fn rust_queue(case: &Case) -> String {
    let (name, arguments) = (case.queue_name(), arguments(case));
    let mut text = String::new();
    if case.keeps_dead() {
        let why = purpose(case).replacen('f', "F", 1);
        let _ = writeln!(
            text,
            r#"    // {why}.
    let lasting = QueueDeclareOptions {{
        durable: true,
        ..QueueDeclareOptions::default()
    }};
    channel
        .queue_declare("{DEAD}".into(), lasting, FieldTable::default())
        .await?;"#
        );
    }
    let given = if arguments.is_empty() {
        "FieldTable::default()"
    } else {
        text.push_str("    let mut arguments = FieldTable::default();\n");
        for (key, value) in &arguments {
            let value = match value {
                Value::Text(text) => format!(r#"AMQPValue::LongString("{text}".into())"#),
                Value::Number(number) => format!("AMQPValue::LongInt({number})"),
            };
            let line = format!(r#"    arguments.insert("{key}".into(), {value});"#);
            if line.len() <= WIDE {
                text.push_str(&line);
            } else {
                let _ = write!(
                    text,
                    "    let value = {value};\n    arguments.insert(\"{key}\".into(), value);"
                );
            }
            text.push('\n');
        }
        "arguments"
    };
    text.push_str(match case.queue {
        QueueKind::Durable => {
            "    let options = QueueDeclareOptions {\n        durable: true,\n        \
             ..QueueDeclareOptions::default()\n    };\n"
        }
        QueueKind::Transient => "    let options = QueueDeclareOptions::default();\n",
    });
    let _ = writeln!(
        text,
        "    channel\n        .queue_declare(\"{name}\".into(), options, {given})\n        .await?;"
    );
    if case.sharing == Sharing::QueueEach {
        let _ = writeln!(
            text,
            r#"    // A copy of each job.
    let options = QueueBindOptions::default();
    channel
        .queue_bind(
            "{name}".into(),
            "{FANOUT}".into(),
            "".into(),
            options,
            FieldTable::default(),
        )
        .await?;"#
        );
    }
    text
}

/// What is used of lapin's options besides those for messages.
pub(super) fn rust_options(case: &Case, role: Role) -> &'static str {
    match (case.sharing, role) {
        (Sharing::OneQueue, _) => "QueueDeclareOptions",
        (Sharing::QueueEach, Role::Producer) => "ExchangeDeclareOptions",
        (Sharing::QueueEach, Role::Worker) => "ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions",
    }
}

/// The same of its types.
pub(super) fn rust_types(case: &Case, role: Role) -> &'static str {
    if has_queue(case, role) && !arguments(case).is_empty() {
        "{AMQPValue, FieldTable}"
    } else {
        "FieldTable"
    }
}

/// And of its top.
pub(super) const fn rust_kinds(case: &Case) -> &'static str {
    match case.sharing {
        Sharing::OneQueue => "",
        Sharing::QueueEach => "ExchangeKind, ",
    }
}

pub(super) fn methods(case: &Case, role: Role) -> String {
    let mut text = String::new();
    if case.sharing == Sharing::QueueEach {
        let _ = write!(
            text,
            "→  exchange.declare     exchange={FANOUT} type=fanout\n←  exchange.declare-ok\n"
        );
    }
    if !has_queue(case, role) {
        return text;
    }
    if case.keeps_dead() {
        let why = purpose(case);
        let _ = write!(
            text,
            "→  queue.declare        queue={DEAD} durable=true  # {why}\n←  queue.declare-ok\n"
        );
    }
    let (name, durable) = (case.queue_name(), case.queue == QueueKind::Durable);
    let _ = writeln!(text, "→  queue.declare        queue={name} durable={durable}");
    let said = arguments(case).into_iter().map(|(key, value)| match value {
        Value::Text("") => format!("{key}=\"\""),
        Value::Text(text) => format!("{key}={text}"),
        Value::Number(number) => format!("{key}={number}"),
    });
    let said: Vec<String> = said.collect();
    for pair in said.chunks(2) {
        let _ = writeln!(text, "                        {}", pair.join(" "));
    }
    text.push_str("←  queue.declare-ok\n");
    if case.sharing == Sharing::QueueEach {
        let _ = write!(
            text,
            "→  queue.bind           queue={name} exchange={FANOUT}  # a copy of each job\n←  queue.bind-ok\n"
        );
    }
    text
}
