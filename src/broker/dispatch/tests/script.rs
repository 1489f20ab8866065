//! A small language for histories, one request a line, with the deliveries that it must cause:
//!
//! ```text
//! consume c0 prefetch=1       a consumer on a channel and connection of its own; `c1@c0` shares c0's channel
//! pub 0-2            => c0:0  publishes jobs 0, 1, 2; c0 gets 0
//! nack c0:0          => c0:0R it comes back, flagged redelivered
//! ready 2                     what a passive declare counts
//! ```
//!
//! nack q0:0          => q0:0R1  at a quorum queue with the number of its returns
//! turn                        what automatic acks owe is settled
//! ack-timeout 2000 every=500  the delivery timeout, and how often it is looked at, in milliseconds
//!
//! pub 3 ttl=50 priority=5 => refused:3  with properties; a full queue refuses it
//! at 70                the clock stands at 70 ms, and what is due is done; `clock 70` does nothing of it yet
//! letters => 3:expired fetches all from the queue `dead`, which has no arguments: job and last reason
//!
//! A line without `=>` must cause no delivery. After each line all invariants are checked. Requests go to queue `q`
//! unless they name another, which is declared when first named.

mod stage;

use super::super::{
    AckMode, ChannelId, ConnectionId, Consume, DeleteRule, Delivery, DeliveryTag, Dispatch, Effect, Extent, IntKind,
    Message, Millis, Priority, QosScope, QueueSpec, Refusal, RequeueCause, Settlement, Table, Ttl, Value,
};
use super::{job, number};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs a script on a new broker; a difference fails the test with the line.
pub(super) fn play(name: &str, script: &str) {
    play_on(Stage::default(), name, script);
}

/// Runs a table of scripts on brokers whose queues are quorum queues.
pub(super) fn play_all_quorum(rows: &[(&str, &str)]) {
    for (name, script) in rows {
        play_on(Stage::quorum(), name, script);
    }
}

/// Runs a table of scripts on both kinds of queue.
pub(super) fn play_all_on_both(rows: &[(&str, &str)]) {
    for (name, script) in rows {
        play_on_both(name, script);
    }
}

/// Runs a script on both kinds of queue: the number of returns is not compared.
pub(super) fn play_on_both(name: &str, script: &str) {
    play(name, script);
    play_on(Stage::quorum().uncounted(), &format!("{name} (quorum)"), script);
}

/// Runs a script on that broker.
pub(super) fn play_on(mut stage: Stage, name: &str, script: &str) {
    stage.queue("q");
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (request, expected) = line.split_once("=>").unwrap_or((line, ""));
        let seen = stage.perform(request.trim()).join(" ");
        stage.dispatch.check();
        assert_eq!(seen, expected.trim(), "{name}: {line}\nin{script}");
    }
}

/// A table of scripts.
pub(super) fn play_all(rows: &[(&str, &str)]) {
    for (name, script) in rows {
        play(name, script);
    }
}

/// A broker with its clients.
#[derive(Default)]
pub(super) struct Stage {
    /// The arguments of all queues.
    args: Table,
    /// Whether the number of returns is told.
    counts: bool,
    pub(super) dispatch: Dispatch,
    channels: BTreeMap<String, ChannelId>,
    connections: u64,
    /// Each consumer's channel, by the channel's name.
    homes: BTreeMap<String, String>,
    /// Outstanding by holder and job; a consumer that was cancelled still holds.
    held: BTreeMap<(String, u32), DeliveryTag>,
    out: Vec<Effect>,
}

impl Stage {
    /// A broker all of whose queues are quorum queues.
    pub(super) fn quorum() -> Self {
        Self {
            args: [("x-queue-type".to_owned(), Value::text("quorum"))].into(),
            counts: true,
            ..Self::default()
        }
    }

    /// With one more argument for all queues.
    pub(super) fn with(mut self, arg: &str, value: Value) -> Self {
        self.args.insert(arg.to_owned(), value);
        self
    }

    /// Performs one line and tells the deliveries as `holder:job` with `R` for redelivered.
    pub(super) fn perform(&mut self, request: &str) -> Vec<String> {
        let words: Vec<&str> = request.split_whitespace().collect();
        let (verb, args) = words.split_first().expect("a line has a verb");
        let mut seen = match *verb {
            "consume" => self.consume(args),
            "pub" => self.publish(args),
            "ack" => self.settle(args, Settlement::Ack),
            "reject" => self.settle(args, Settlement::RejectRequeue),
            "nack" => self.settle(args, Settlement::Requeue),
            "drop" => self.settle(args, Settlement::Drop),
            "get" => return self.get(args),
            "turn" => {
                self.dispatch.settle_automatic(&mut self.out);
                Vec::new()
            }
            "ready" | "consumers" | "purge" => self.count(verb, args),
            "ack-timeout" => {
                let every = option(args, "every").map_or(60_000, parse);
                self.dispatch
                    .set_ack_timeout(Some(Millis(parse(args[0]))), Millis(every));
                Vec::new()
            }
            "at" | "clock" => self.clock(verb, args),
            "letters" => return self.letters(),
            _ => self.control(verb, args),
        };
        seen.extend(self.deliveries());
        seen
    }

    fn control(&mut self, verb: &str, args: &[&str]) -> Vec<String> {
        let who = args[0];
        let channel = self.channel(self.homes.get(who).cloned().unwrap_or(who.to_owned()).as_str());
        let out = &mut self.out;
        match verb {
            "qos" => self.dispatch.qos(channel, parse(args[1]), QosScope::Consumer, out),
            "qos-global" => self.dispatch.qos(channel, parse(args[1]), QosScope::Channel, out),
            "recover" => self.dispatch.recover(channel, out),
            "cancel" => self.dispatch.cancel(channel, who, out),
            "close" => self.dispatch.close_channel(channel, RequeueCause::ChannelClosed, out),
            "die" => self.dispatch.close_connection(channel.connection, out),
            other => panic!("no verb {other}"),
        }
        if verb == "close" || verb == "die" {
            self.channels.retain(|_, id| match verb {
                "close" => *id != channel,
                _ => id.connection != channel.connection,
            });
        }
        Vec::new()
    }

    fn consume(&mut self, args: &[&str]) -> Vec<String> {
        let (name, home) = args[0].split_once('@').unwrap_or((args[0], args[0]));
        let channel = self.channel(home);
        self.homes.insert(name.to_owned(), home.to_owned());
        if let Some(prefetch) = option(args, "prefetch") {
            self.dispatch
                .qos(channel, parse(prefetch), QosScope::Consumer, &mut self.out);
        }
        let priority = option(args, "priority").map(|text| Value::Int(IntKind::SignedInt, parse(text)));
        let queue = option(args, "queue").unwrap_or("q");
        self.queue(queue);
        let timeout = option(args, "timeout").map(|text| Value::Int(IntKind::SignedInt, parse(text)));
        let own = [("x-priority", priority), ("x-consumer-timeout", timeout)];
        let consume = Consume {
            queue: queue.to_owned(),
            tag: name.into(),
            ack: ack_mode(args),
            exclusive: args.contains(&"exclusive"),
            args: own
                .into_iter()
                .filter_map(|(arg, value)| Some((arg.to_owned(), value?)))
                .collect(),
        };
        let result = self.dispatch.consume(channel, consume, &mut self.out);
        refusal(result.err())
    }

    fn publish(&mut self, args: &[&str]) -> Vec<String> {
        let queue = option(args, "queue").unwrap_or("q");
        self.queue(queue);
        let mut refused = Vec::new();
        for number in numbers(args[0]) {
            let message = Arc::new(Message {
                expiration: option(args, "ttl").map(|ttl| Ttl(parse(ttl))),
                priority: option(args, "priority").map(|priority| Priority(parse(priority))),
                ..job(number, queue)
            });
            let routed = self.dispatch.publish(message, &mut self.out);
            let rejected = routed.expect("the default exchange is there").rejected;
            refused.extend(rejected.then(|| format!("refused:{number}")));
        }
        refused
    }

    fn settle(&mut self, args: &[&str], settlement: Settlement) -> Vec<String> {
        let (holder, what) = args[0].split_once(':').expect("holder:job");
        let channel = self.channel(self.homes.get(holder).cloned().unwrap_or(holder.to_owned()).as_str());
        let multiple = args.contains(&"multiple");
        let (tag, extent) = match what.strip_prefix('#') {
            Some(tag) => (
                DeliveryTag(parse(tag)),
                if multiple { Extent::UpTo } else { Extent::One },
            ),
            None if what == "all" => (DeliveryTag(0), Extent::UpTo),
            None => {
                let tag = self.held.get(&(holder.to_owned(), parse(what)));
                let tag = *tag.unwrap_or_else(|| panic!("{holder} does not hold {what}"));
                (tag, if multiple { Extent::UpTo } else { Extent::One })
            }
        };
        let result = self.dispatch.settle(channel, tag, extent, settlement, &mut self.out);
        refusal(result.err())
    }

    fn get(&mut self, args: &[&str]) -> Vec<String> {
        let channel = self.channel(args[0]);
        let queue = option(args, "queue").unwrap_or("q");
        let got = match self.dispatch.get(channel, queue, ack_mode(args), &mut self.out) {
            Ok(got) => got,
            Err(refused) => return refusal(Some(refused)),
        };
        self.out.clear();
        let Some(got) = got else {
            return vec!["empty".to_owned()];
        };
        let job = number(&got.delivery.message);
        self.held.insert((args[0].to_owned(), job), got.delivery.tag);
        vec![format!("{job}{} left={}", self.flag(&got.delivery), got.left)]
    }

    fn count(&mut self, verb: &str, args: &[&str]) -> Vec<String> {
        let queue = option(args, "queue").unwrap_or("q");
        let by = ConnectionId(0);
        let counts = self.dispatch.check_queue(by, queue).expect("the queue is there");
        let count = match verb {
            "ready" => counts.ready,
            "consumers" => counts.consumers,
            _ => self
                .dispatch
                .purge_queue(by, queue, &mut self.out)
                .expect("the queue is there"),
        };
        assert_eq!(count, parse::<u32>(args[0]), "{verb}");
        Vec::new()
    }

    /// Declares a queue when it is first named: durable, with the stage's arguments.
    pub(super) fn queue(&mut self, name: &str) {
        let args = if name == "dead" {
            Table::new()
        } else {
            self.args.clone()
        };
        self.declare(name, args);
    }

    /// Declares a durable queue with its own arguments.
    pub(super) fn declare(&mut self, name: &str, args: Table) {
        let spec = QueueSpec {
            name: name.to_owned(),
            durable: true,
            exclusive: None,
            auto_delete: name.starts_with("auto"),
            args,
        };
        let declared = self.dispatch.declare_queue(ConnectionId(0), spec, &mut self.out);
        declared.expect("the same declaration again is fine");
        self.out.clear();
    }

    pub(super) fn delete(&mut self, queue: &str) {
        let deleted = self
            .dispatch
            .delete_queue(ConnectionId(0), queue, DeleteRule::default(), &mut self.out);
        deleted.expect("no condition");
    }

    /// The channel of that name; `a/2` is channel 2 on the connection of `a`.
    pub(super) fn channel(&mut self, name: &str) -> ChannelId {
        if let Some(id) = self.channels.get(name) {
            return *id;
        }
        let id = if let Some((first, number)) = name.split_once('/') {
            ChannelId {
                number: parse(number),
                ..self.channel(first)
            }
        } else {
            self.connections += 1;
            ChannelId {
                connection: ConnectionId(self.connections),
                number: 1,
            }
        };
        self.dispatch.open_channel(id);
        self.channels.insert(name.to_owned(), id);
        id
    }

    fn flag(&self, delivery: &Delivery) -> String {
        let count = returns(delivery).filter(|_| self.counts);
        let count = count.map(|count| count.to_string()).unwrap_or_default();
        let flag = if delivery.redelivered { "R" } else { "" };
        let acquired = header(delivery, "x-acquired-count").filter(|_| self.counts);
        let acquired = acquired.map(|count| format!("a{count}")).unwrap_or_default();
        format!("{flag}{count}{acquired}")
    }

    fn deliveries(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        for effect in std::mem::take(&mut self.out) {
            match effect {
                Effect::Deliver(delivery) => {
                    let job = number(&delivery.message);
                    seen.push(format!("{}:{job}{}", delivery.consumer, self.flag(&delivery)));
                    self.held.insert((delivery.consumer.to_string(), job), delivery.tag);
                }
                Effect::CancelConsumer { tag, .. } | Effect::ConsumerTimedOut { tag, .. } => {
                    seen.push(format!("cancel:{tag}"));
                }
                Effect::AckTimeout { channel, .. } => seen.push(format!("timeout:{channel}")),
                Effect::Store(..) | Effect::Trace(_) => {}
            }
        }
        seen
    }
}

/// What the header `x-delivery-count` says.
pub(super) fn returns(delivery: &Delivery) -> Option<i64> {
    header(delivery, "x-delivery-count")
}

fn header(delivery: &Delivery, name: &str) -> Option<i64> {
    match delivery.message.added.as_ref()?.get(name)? {
        Value::Int(IntKind::Long, count) => Some(*count),
        other => panic!("{other:?} is no count"),
    }
}

fn refusal(refusal: Option<Refusal>) -> Vec<String> {
    match refusal {
        None => Vec::new(),
        Some(Refusal::UnknownDeliveryTag(tag)) => vec![format!("unknown:{}", tag.0)],
        Some(Refusal::ExclusiveUse(_)) => vec!["exclusive".to_owned()],
        Some(Refusal::ConsumerTagInUse(_)) => vec!["reused".to_owned()],
        Some(Refusal::GlobalQos(_)) => vec!["no-global-qos".to_owned()],
        Some(Refusal::SingleActive { kind, .. }) => vec![format!("single-active:{kind}")],
        Some(Refusal::ArgNotForType { arg, .. }) => vec![format!("foreign:{arg}")],
        Some(other) => panic!("{other:?}"),
    }
}

fn ack_mode(args: &[&str]) -> AckMode {
    if args.contains(&"auto") {
        AckMode::Automatic
    } else {
        AckMode::Manual
    }
}

fn option<'a>(args: &[&'a str], name: &str) -> Option<&'a str> {
    let mut pairs = args.iter().filter_map(|word| word.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn numbers(text: &str) -> std::ops::RangeInclusive<u32> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    parse(first)..=parse(last)
}
