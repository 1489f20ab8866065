//! The JSON schema of the files, for editors: keys, words and limits from the tables that the reader has.
//!
//! It knows what stands alone. What needs the rest of the file (is there a W5? a step of that name?) only the reader finds.

mod languages;

#[cfg(test)]
mod tests;

use super::action::{BANDWIDTH_MIN, LATENCY_MAX};
use super::amount::{Decimal, RATE, SCALE, SPEED, WORKERS_MAX};
use super::expression::EXPRESSION_MAX;
use super::file::{
    ACTIONS_MAX, CHOICES_MAX, EXPECTATIONS_MAX, FORMAT, GOALS_MAX, LINE_MAX, NAME_MAX, PARAGRAPH_MAX, PARAGRAPHS_MAX,
    PREDICTIONS_MAX, STEPS_MAX,
};
use super::words::{ACK, ARRIVALS, LIKE, MESSAGES, QUEUE, QUEUE_TYPE, SHARING, WORKLOAD, Words, listed};
use languages::{action, end_condition, step_condition, time};
use serde_json::{Value, json};

/// The schema of a scenario's file, as JSON (draft 7, which editors for TOML know).
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dispatch-lab scenario",
        "description": "A lesson, a run without a screen and a test in one file. `dispatch-lab check FILE` knows more.",
        "type": "object",
        "additionalProperties": false,
        "required": ["format", "name", "script"],
        "properties": {
            "format": { "description": "The version of this format.", "const": FORMAT },
            "name": {
                "description": "Small letters, digits and hyphens.",
                "type": "string",
                "pattern": format!("^[a-z0-9-]{{1,{NAME_MAX}}}$"),
            },
            "title": text("What it is called.", 80),
            "summary": text("One sentence for a list.", LINE_MAX),
            "like": like(),
            "settings": settings(false),
            "script": list("What happens, step by step.", STEPS_MAX, &step()),
            "end": end(),
            "predict": list("Asked before something happens.", PREDICTIONS_MAX, &prediction()),
            "expect": list("What has to be so at the end.", EXPECTATIONS_MAX, &expectation()),
            "flip": flip(),
            "lesson": lesson(),
            "goal": list("What to reach by playing on.", GOALS_MAX, &goal()),
            "tolerance": tolerance(),
        },
    })
}

fn text(description: &str, most: usize) -> Value {
    // The reader counts without what is only layout.
    json!({ "description": description, "type": "string", "pattern": "\\S", "maxLength": most * 4 })
}

fn list(description: &str, most: usize, items: &Value) -> Value {
    json!({ "description": description, "type": "array", "maxItems": most, "items": items })
}

fn words<T>(description: &str, words: &Words<T>) -> Value {
    json!({ "description": description, "enum": listed(words) })
}

fn number(description: &str, decimal: Decimal) -> Value {
    let (low, high) = decimal.bounds();
    json!({ "description": description, "type": "number", "minimum": low, "maximum": high })
}

fn integer(description: &str, low: u32, high: u64) -> Value {
    json!({ "description": description, "type": "integer", "minimum": low, "maximum": high })
}

fn like() -> Value {
    words("As which RabbitMQ the embedded broker behaves.", LIKE)
}

/// `[settings]`, and what a flip sets, which may be the version too.
fn settings(flipped: bool) -> Value {
    let speed = number("The speed of one worker.", SPEED);
    let mut properties = json!({
        "workers": {
            "description": "How many workers there are, or the speed of each.",
            "anyOf": [
                integer("So many, all of speed 1.", 1, u64::from(WORKERS_MAX)),
                { "type": "array", "minItems": 1, "maxItems": WORKERS_MAX, "items": speed },
            ],
        },
        "prefetch": integer("basic.qos prefetch_count of each worker; 0 is no limit.", 0, 65_535),
        "ack": words("manual: after the work; auto: once sent (no_ack).", ACK),
        "queue": words("durable: it outlives the broker.", QUEUE),
        "queue-type": words("x-queue-type of the durable queue.", QUEUE_TYPE),
        "delivery-limit": integer("x-delivery-limit of the quorum queue.", 1, 65_535),
        "sharing": words("One queue for all workers, or a fanout exchange and a queue for each.", SHARING),
        "messages": words("delivery_mode 2 or 1.", MESSAGES),
        "confirms": { "description": "Publisher confirms.", "type": "boolean" },
        "rate": number("Jobs a second while the producer publishes at its rate.", RATE),
        "workload": words("How much work the jobs are.", WORKLOAD),
        "arrivals": words("When jobs come, at the rate.", ARRIVALS),
        "seed": { "description": "The same seed gives the same jobs.", "type": "integer", "minimum": 0 },
        "scale": number("How fast the lab clock runs.", SCALE),
        "latency": time(&format!("Between each worker and the broker, each way, up to {LATENCY_MAX}ms.")),
        "bandwidth": {
            "description": "Bytes a second each way; 0 is no limit.",
            "anyOf": [{ "const": 0 }, { "type": "integer", "minimum": BANDWIDTH_MIN, "maximum": u32::MAX }],
        },
        "heartbeat": time("Of the workers' connections, 1s to 60s."),
    });
    let mut schema = json!({ "description": "How it begins.", "type": "object", "additionalProperties": false });
    if flipped {
        properties["like"] = like();
        schema["description"] = json!("The settings with the flip.");
    } else {
        schema["dependencies"] = json!({ "delivery-limit": ["queue-type"] });
    }
    schema["properties"] = properties;
    schema
}

/// At most one of these keys.
fn one_moment() -> Value {
    let not_both = |a: &str, b: &str| json!({ "not": { "required": [a, b] } });
    json!([
        not_both("at", "after"),
        not_both("at", "when"),
        not_both("after", "when")
    ])
}

fn actions(description: &str) -> Value {
    json!({
        "description": description,
        "anyOf": [action(), { "type": "array", "maxItems": ACTIONS_MAX, "items": action() }],
    })
}

fn step() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["do"],
        "allOf": one_moment(),
        "properties": {
            "name": text("What predictions and the flip call it.", 60),
            "at": time("The moment, on the lab clock."),
            "after": time("So long after the step before."),
            "when": step_condition(),
            "do": actions("What is done: one action, or a list."),
        },
    })
}

fn end() -> Value {
    json!({
        "description": "When it is over; without this, when it has settled.",
        "type": "object",
        "additionalProperties": false,
        "allOf": one_moment(),
        "properties": {
            "when": end_condition(),
            "at": time("At this moment, on the lab clock."),
            "after": time("So long after the last step."),
            "limit": time("When it is over at the latest; without this, 10m after the last moment that is known."),
        },
    })
}

fn expression(description: &str) -> Value {
    json!({
        "description": format!("{description} For example `W1.done within 10% of W2.done`, `makespan < 1.1 * ideal`."),
        "type": "string",
        "maxLength": EXPRESSION_MAX,
        "pattern": "<|>|==|!=|\\bwithin\\b",
    })
}

fn prediction() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["ask", "because", "choice"],
        "properties": {
            "before": text("The step before which it is asked; without this, before the beginning.", 60),
            "ask": text("The question.", LINE_MAX),
            "because": text("Why the right answer is right.", PARAGRAPH_MAX),
            "choice": {
                "type": "array",
                "minItems": 2,
                "maxItems": CHOICES_MAX,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["text", "right-if"],
                    "properties": {
                        "text": text("The answer.", LINE_MAX),
                        "right-if": expression("Right if this holds at the end; of exactly one it does."),
                        "if-chosen": text("What to say to those who chose it though it is wrong.", PARAGRAPH_MAX),
                    },
                },
            },
        },
    })
}

fn expectation() -> Value {
    let version = words("A RabbitMQ.", LIKE);
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["that"],
        "properties": {
            "that": expression("What has to be so."),
            "of": {
                "description": "Of which RabbitMQ versions; without this, of all.",
                "anyOf": [version, { "type": "array", "items": version }],
            },
        },
    })
}

fn flip() -> Value {
    json!({
        "description": "The change that must break an expectation.",
        "type": "object",
        "additionalProperties": false,
        "required": ["breaks"],
        "anyOf": [{ "required": ["set"] }, { "required": ["step"] }],
        "properties": {
            "set": settings(true),
            "step": {
                "description": "What a step does instead, by its name.",
                "type": "object",
                "additionalProperties": actions("What is done instead."),
            },
            "breaks": expression("The expectation, word for word."),
        },
    })
}

fn lesson() -> Value {
    let paragraphs = |description: &str| {
        let one = text(description, PARAGRAPH_MAX);
        let many = json!({ "type": "array", "maxItems": PARAGRAPHS_MAX, "items": one });
        json!({ "description": description, "anyOf": [one, many] })
    };
    json!({
        "description": "The story around it.",
        "type": "object",
        "additionalProperties": false,
        "required": ["story", "reveal", "rule"],
        "properties": {
            "story": paragraphs("What it is about, and what is going to happen."),
            "reveal": paragraphs("What was to be seen, and why it was so."),
            "rule": text("The rule, in one sentence.", LINE_MAX),
            "source": { "description": "Where the rule is written.", "type": "string", "pattern": "^https?://" },
        },
    })
}

fn goal() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["text", "reached-if"],
        "properties": {
            "text": text("In words.", LINE_MAX),
            "reached-if": expression("Reached when this holds in the running lab: counts only."),
        },
    })
}

fn tolerance() -> Value {
    json!({
        "description": "How far a simulated run may be from a real one.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "jobs": integer("Jobs whose fate, or whose worker, may differ.", 0, 1_000_000),
            "times": {
                "description": "By how much times may differ.",
                "type": "string",
                "pattern": "^[0-9]{1,4}\\s*%$",
            },
        },
    })
}
