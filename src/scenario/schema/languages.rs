//! The small languages as patterns.

use super::super::action::FORMS;
use super::super::condition::{COUNTS, WORKER_COUNTS};
use super::super::words::{ACK, ARRIVALS, BROKER, HABIT, KILL, LIKE, MESSAGES, QUEUE, SWITCH, WORKLOAD, Words, listed};
use serde_json::{Value, json};

const WORKER: &str = "W[1-9][0-9]*";
const WHOLE: &str = "[0-9][0-9_]*";
const NUMBER: &str = "[0-9]+(?:\\.[0-9]+)?";
const TIME: &str = "[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h)";
const COMPARE: &str = "(?:<=|>=|==|!=|<|>)";

pub(super) fn time(description: &str) -> Value {
    json!({ "description": description, "type": "string", "pattern": format!("^{TIME}$"), "examples": ["10s", "200ms"] })
}

/// What may stand behind each verb.
fn rests(verb: &str) -> Vec<String> {
    let worker_and = |rest: &str| vec![format!("{WORKER} {rest}")];
    let whole = || vec![WHOLE.to_owned()];
    let number = || vec![NUMBER.to_owned()];
    match verb {
        "publish" => vec![format!("(?:sample )?{WHOLE}"), format!("{WHOLE} at rate")],
        "produce" | "hold" => vec![String::new()],
        "crash-test" | "prefetch" | "qos" | "bandwidth" => whole(),
        "kill" => worker_and(&any(KILL)),
        "habit" => worker_and(&any(HABIT)),
        "speed" => worker_and(NUMBER),
        "revive" | "remove" => vec![WORKER.to_owned()],
        "add" => vec!["worker".to_owned(), format!("worker {NUMBER}")],
        "rate" | "scale" => number(),
        "latency" => vec![TIME.to_owned()],
        "ack" => vec![any(ACK)],
        "queue" => vec![any(QUEUE)],
        "messages" => vec![any(MESSAGES)],
        "confirms" => vec![any(SWITCH)],
        "workload" => vec![any(WORKLOAD)],
        "arrivals" => vec![any(ARRIVALS)],
        "like" => vec![any(LIKE)],
        "broker" => vec![any(BROKER)],
        _ => Vec::new(),
    }
}

fn any<T>(words: &Words<T>) -> String {
    format!("(?:{})", listed(words).join("|").replace('.', "\\."))
}

pub(super) fn action() -> Value {
    let mut verbs: Vec<&str> = FORMS.iter().map(|row| row.0).collect();
    verbs.dedup();
    let forms: Vec<String> = verbs
        .iter()
        .flat_map(|verb| rests(verb).into_iter().map(move |rest| format!("{verb} {rest}")))
        .map(|form| form.trim_end().replace(' ', "\\s+"))
        .collect();
    let examples: Vec<&str> = FORMS.iter().map(|row| row.1).collect();
    json!({
        "description": "What is done.",
        "type": "string",
        "pattern": format!("^\\s*(?:{})\\s*$", forms.join("|")),
        "examples": examples,
    })
}

fn condition(also: &str) -> String {
    let counts = COUNTS.map(|row| row.0).join("|");
    let of_workers = WORKER_COUNTS.map(|row| row.0).join("|");
    let said =
        format!("{WORKER} (?:is (?:down|up)|consumes|has {WHOLE} (?:in hand|in (?:(?:its|the) )?tray|unacked|done))");
    let said = said.replace(' ', "\\s+");
    format!("^\\s*(?:{also}{said}|(?:{counts}|{WORKER}\\.(?:{of_workers}))\\s*{COMPARE}\\s*{WHOLE})\\s*$")
}

pub(super) fn step_condition() -> Value {
    json!({
        "description": "As soon as this is so.",
        "type": "string",
        "pattern": condition(""),
        "examples": ["W1.done >= 3", "W2 has 5 in hand", "W2 is down", "ready == 0"],
    })
}

pub(super) fn end_condition() -> Value {
    json!({
        "description": "When nothing more happens by itself (settled), or as soon as this is so.",
        "type": "string",
        "pattern": condition("settled|"),
        "examples": ["settled", "done >= 40"],
    })
}
