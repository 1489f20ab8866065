//! Exchanges and bindings: which queues a published message goes to.

use super::charge::{self, Charge};
use super::ids::QueueId;
use super::slab::ExchangeKey;
use super::topic;
use super::value::{Table, Value};
use super::{Message, headers};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a declaration says.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are exchange.declare's own flags")]
pub struct ExchangeSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ExchangeKind,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Deleted when its last binding goes.
    pub auto_delete: bool,
    /// Clients can't publish to it.
    pub internal: bool,
    /// Its arguments.
    pub args: Table,
}

/// How an exchange routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExchangeKind {
    /// Equal keys.
    Direct,
    /// All bound queues.
    Fanout,
    /// Words, `*` and `#`.
    Topic,
    /// Header values.
    Headers,
}

/// A queue or another exchange bound to an exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The exchange that messages come from.
    pub exchange: String,
    /// Where they go.
    pub to: Destination,
    /// The binding key.
    pub key: String,
    /// Arguments; the headers exchange matches by them.
    pub args: Table,
}

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// To a queue of that name.
    Queue(String),
    /// To an exchange of that name (RabbitMQ's exchange to exchange bindings).
    Exchange(String),
}

impl ExchangeKind {
    /// The type's name in AMQP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Fanout => "fanout",
            Self::Topic => "topic",
            Self::Headers => "headers",
        }
    }
}

/// The argument that names the exchange for unroutable messages.
pub(super) const ALTERNATE_EXCHANGE: &str = "alternate-exchange";

/// The exchanges that every virtual host has. All are durable; the tracing one is internal.
const PREDECLARED: [(&str, ExchangeKind, bool); 6] = [
    ("amq.direct", ExchangeKind::Direct, false),
    ("amq.fanout", ExchangeKind::Fanout, false),
    ("amq.topic", ExchangeKind::Topic, false),
    ("amq.headers", ExchangeKind::Headers, false),
    ("amq.match", ExchangeKind::Headers, false),
    ("amq.rabbitmq.trace", ExchangeKind::Topic, true),
];

pub(super) fn predeclared() -> impl Iterator<Item = ExchangeSpec> {
    PREDECLARED.into_iter().map(|(name, kind, internal)| ExchangeSpec {
        name: name.to_owned(),
        kind,
        durable: true,
        auto_delete: false,
        internal,
        args: Table::new(),
    })
}

/// What a binding leads to, found without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Queue(QueueId),
    Exchange(ExchangeKey),
}

/// So many routes are kept as they come.
const CROWD: usize = 4096;

/// What a message goes to; each may be named more than once. Kept between publishes, so that routing needs no
/// allocation.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) queues: Vec<QueueId>,
    pub(super) exchanges: Vec<ExchangeKey>,
    found: usize,
    /// When there are more, they are looked through for those that are named twice.
    crowd: usize,
}

impl Routes {
    pub(super) fn push(&mut self, target: Target) {
        self.found += 1;
        match target {
            Target::Queue(queue) => self.queues.push(queue),
            Target::Exchange(exchange) => self.exchanges.push(exchange),
        }
    }

    /// How many were ever named for the publish.
    pub(super) fn found(&self) -> usize {
        self.found
    }

    /// Many keys may lead to the same queues: before these fill the memory, each is kept once.
    fn give_way(&mut self) {
        if self.queues.len() + self.exchanges.len() > self.crowd.max(CROWD) {
            self.queues.sort_unstable();
            self.queues.dedup();
            self.exchanges.sort_unstable();
            self.exchanges.dedup();
            self.crowd = 2 * (self.queues.len() + self.exchanges.len());
        }
    }

    /// Ready for the next publish, with no more room than most need.
    pub(super) fn clear(&mut self) {
        (self.found, self.crowd) = (0, 0);
        self.queues.clear();
        self.queues.shrink_to(CROWD);
        self.exchanges.clear();
        self.exchanges.shrink_to(CROWD);
    }
}

/// Targets with the number of bindings that lead to each.
#[derive(Debug, Default)]
pub(super) struct Targets(BTreeMap<Target, u32>);

impl Targets {
    pub(super) fn add(&mut self, target: Target) {
        *self.0.entry(target).or_default() += 1;
    }

    pub(super) fn remove(&mut self, target: Target) {
        if let Some(bindings) = self.0.get_mut(&target) {
            *bindings -= 1;
            if *bindings == 0 {
                self.0.remove(&target);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add_to(&self, out: &mut Routes) {
        self.0.keys().for_each(|target| out.push(*target));
    }
}

/// One binding of an exchange.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) key: Box<str>,
    pub(super) to: Target,
    pub(super) args: Table,
}

/// By target and key, so that a hundred thousand bindings are made and unmade as fast as a few.
#[derive(Debug, Default)]
struct Bindings(BTreeMap<Target, BTreeMap<Box<str>, Vec<Table>>>);

impl Bindings {
    /// False if the same one was there.
    fn add(&mut self, bound: &Bound) -> bool {
        let keys = self.0.entry(bound.to).or_default();
        match keys.get_mut(&bound.key) {
            Some(same) if same.contains(&bound.args) => return false,
            Some(same) => same.push(bound.args.clone()),
            None => {
                keys.insert(bound.key.clone(), vec![bound.args.clone()]);
            }
        }
        true
    }

    /// False if there was none.
    fn remove(&mut self, to: Target, key: &str, args: &Table) -> bool {
        let Some(keys) = self.0.get_mut(&to) else { return false };
        let Some(same) = keys.get_mut(key) else { return false };
        let Some(at) = same.iter().position(|other| other == args) else {
            return false;
        };
        same.remove(at);
        if same.is_empty() {
            keys.remove(key);
        }
        if keys.is_empty() {
            self.0.remove(&to);
        }
        true
    }
}

/// Bindings to one target.
fn bound(to: Target, keys: BTreeMap<Box<str>, Vec<Table>>) -> impl Iterator<Item = Bound> {
    keys.into_iter().flat_map(move |(key, same)| {
        same.into_iter().map(move |args| Bound {
            key: key.clone(),
            to,
            args,
        })
    })
}

#[derive(Debug)]
enum Router {
    Direct(HashMap<Box<str>, Targets>),
    Fanout(Targets),
    Topic(topic::Node),
    Headers,
}

/// A declared exchange.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) key: ExchangeKey,
    pub(super) spec: ExchangeSpec,
    /// Exchanges with a binding to it.
    pub(super) bound_to: BTreeSet<Arc<str>>,
    /// Gets what matches no binding.
    pub(super) alternate: Option<String>,
    /// The number of the last publish that came by: each exchange is visited once.
    pub(super) last_publish: u64,
    bindings: Bindings,
    router: Router,
    /// With its bindings'.
    charge: Charge,
}

impl Exchange {
    pub(super) fn new(key: ExchangeKey, spec: ExchangeSpec, charge: Charge) -> Self {
        let router = match spec.kind {
            ExchangeKind::Direct => Router::Direct(HashMap::new()),
            ExchangeKind::Fanout => Router::Fanout(Targets::default()),
            ExchangeKind::Topic => Router::Topic(topic::Node::default()),
            ExchangeKind::Headers => Router::Headers,
        };
        let alternate = spec.args.get(ALTERNATE_EXCHANGE).and_then(Value::as_text);
        Self {
            alternate: alternate.map(str::to_owned),
            key,
            spec,
            bound_to: BTreeSet::new(),
            last_publish: 0,
            bindings: Bindings::default(),
            router,
            charge,
        }
    }

    /// Adds a binding; false if the same one was there.
    pub(super) fn bind(&mut self, bound: Bound) -> bool {
        if !self.bindings.add(&bound) {
            return false;
        }
        self.charge.grow(charge::binding(&bound.key, &bound.args));
        match &mut self.router {
            Router::Direct(keys) => keys.entry(bound.key).or_default().add(bound.to),
            Router::Fanout(targets) => targets.add(bound.to),
            Router::Topic(root) => root.bind(&bound.key, bound.to),
            Router::Headers => {}
        }
        true
    }

    /// Removes a binding; false if there was none.
    pub(super) fn unbind(&mut self, to: Target, key: &str, args: &Table) -> bool {
        let removed = self.bindings.remove(to, key, args);
        if removed {
            self.charge.shrink(charge::binding(key, args));
            self.forget(to, key);
        }
        removed
    }

    /// Removes all bindings that lead to a queue or exchange and returns them.
    pub(super) fn unbind_all(&mut self, to: Target) -> Vec<Bound> {
        let gone: Vec<Bound> = bound(to, self.bindings.0.remove(&to).unwrap_or_default()).collect();
        for bound in &gone {
            self.charge.shrink(charge::binding(&bound.key, &bound.args));
            self.forget(to, &bound.key);
        }
        gone
    }

    /// Whether any binding leads there.
    pub(super) fn leads_to(&self, to: Target) -> bool {
        self.bindings.0.contains_key(&to)
    }

    pub(super) fn is_unused(&self) -> bool {
        self.bindings.0.is_empty()
    }

    /// Takes out all bindings.
    pub(super) fn take_bindings(&mut self) -> impl Iterator<Item = Bound> + use<> {
        std::mem::take(&mut self.bindings.0)
            .into_iter()
            .flat_map(|(to, keys)| bound(to, keys))
    }

    /// Adds what a message with these routing keys goes to; a queue may be added more than once. Keys that do not
    /// matter are not looked at: a message may have thousands of them.
    pub(super) fn route(&self, keys: &BTreeSet<&str>, message: &Message, out: &mut Routes) {
        match &self.router {
            Router::Direct(bound) => {
                let bound = keys.iter().filter_map(|key| bound.get(*key));
                bound.for_each(|targets| targets.add_to(out));
            }
            Router::Fanout(targets) => targets.add_to(out),
            Router::Topic(root) => {
                for key in keys {
                    root.route(key, out);
                    out.give_way();
                }
            }
            Router::Headers => {
                let headers = message.headers.as_deref();
                for (to, keys) in &self.bindings.0 {
                    if keys.values().flatten().any(|args| headers::matches(args, headers)) {
                        out.push(*to);
                    }
                }
            }
        }
    }

    fn forget(&mut self, to: Target, key: &str) {
        match &mut self.router {
            Router::Direct(keys) => {
                if let Some(targets) = keys.get_mut(key) {
                    targets.remove(to);
                    if targets.is_empty() {
                        keys.remove(key);
                    }
                }
            }
            Router::Fanout(targets) => targets.remove(to),
            Router::Topic(root) => root.unbind(key, to),
            Router::Headers => {}
        }
    }
}
