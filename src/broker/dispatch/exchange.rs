//! Exchanges and bindings: which queues a published message goes to.

use super::ids::QueueId;
use super::slab::ExchangeKey;
use super::topic;
use super::value::{Table, Value};
use super::{Message, headers};
use std::collections::{BTreeSet, HashMap};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Queue(QueueId),
    Exchange(ExchangeKey),
}

/// What a message goes to; each may be named more than once. Kept between publishes, so that routing needs no
/// allocation.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) queues: Vec<QueueId>,
    pub(super) exchanges: Vec<ExchangeKey>,
}

impl Routes {
    pub(super) fn push(&mut self, target: Target) {
        match target {
            Target::Queue(queue) => self.queues.push(queue),
            Target::Exchange(exchange) => self.exchanges.push(exchange),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.queues.len() + self.exchanges.len()
    }
}

/// Targets with the number of bindings that lead to each.
#[derive(Debug, Default)]
pub(super) struct Targets(Vec<(Target, u32)>);

impl Targets {
    pub(super) fn add(&mut self, target: Target) {
        match self.0.iter_mut().find(|(other, _)| *other == target) {
            Some((_, bindings)) => *bindings += 1,
            None => self.0.push((target, 1)),
        }
    }

    pub(super) fn remove(&mut self, target: Target) {
        if let Some(at) = self.0.iter().position(|(other, _)| *other == target) {
            self.0[at].1 -= 1;
            if self.0[at].1 == 0 {
                self.0.remove(at);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add_to(&self, out: &mut Routes) {
        self.0.iter().for_each(|(target, _)| out.push(*target));
    }
}

/// One binding as its exchange keeps it.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) key: Box<str>,
    pub(super) to: Target,
    pub(super) args: Table,
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
    bindings: Vec<Bound>,
    router: Router,
}

impl Exchange {
    pub(super) fn new(key: ExchangeKey, spec: ExchangeSpec) -> Self {
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
            bindings: Vec::new(),
            router,
        }
    }

    /// Adds a binding; false if the same one was there.
    pub(super) fn bind(&mut self, bound: Bound) -> bool {
        if self.find(bound.to, &bound.key, &bound.args).is_some() {
            return false;
        }
        match &mut self.router {
            Router::Direct(keys) => keys.entry(bound.key.clone()).or_default().add(bound.to),
            Router::Fanout(targets) => targets.add(bound.to),
            Router::Topic(root) => root.bind(&bound.key, bound.to),
            Router::Headers => {}
        }
        self.bindings.push(bound);
        true
    }

    /// Removes a binding; false if there was none.
    pub(super) fn unbind(&mut self, to: Target, key: &str, args: &Table) -> bool {
        let Some(at) = self.find(to, key, args) else {
            return false;
        };
        let bound = self.bindings.remove(at);
        self.forget(&bound);
        true
    }

    /// Removes all bindings that lead to a queue or exchange and returns them.
    pub(super) fn unbind_all(&mut self, to: Target) -> Vec<Bound> {
        let (gone, kept) = std::mem::take(&mut self.bindings)
            .into_iter()
            .partition(|bound| bound.to == to);
        self.bindings = kept;
        for bound in &gone {
            self.forget(bound);
        }
        gone
    }

    pub(super) fn is_unused(&self) -> bool {
        self.bindings.is_empty()
    }

    pub(super) fn bindings(&self) -> &[Bound] {
        &self.bindings
    }

    /// Adds what a message goes to; a queue may be added more than once.
    pub(super) fn route(&self, key: &str, message: &Message, out: &mut Routes) {
        match &self.router {
            Router::Direct(keys) => {
                if let Some(targets) = keys.get(key) {
                    targets.add_to(out);
                }
            }
            Router::Fanout(targets) => targets.add_to(out),
            Router::Topic(root) => root.route(key, out),
            Router::Headers => {
                let headers = message.headers.as_deref();
                let matching = self
                    .bindings
                    .iter()
                    .filter(|bound| headers::matches(&bound.args, headers));
                matching.for_each(|bound| out.push(bound.to));
            }
        }
    }

    fn find(&self, to: Target, key: &str, args: &Table) -> Option<usize> {
        self.bindings
            .iter()
            .position(|bound| bound.to == to && *bound.key == *key && bound.args == *args)
    }

    fn forget(&mut self, bound: &Bound) {
        match &mut self.router {
            Router::Direct(keys) => {
                if let Some(targets) = keys.get_mut(&bound.key) {
                    targets.remove(bound.to);
                    if targets.is_empty() {
                        keys.remove(&bound.key);
                    }
                }
            }
            Router::Fanout(targets) => targets.remove(bound.to),
            Router::Topic(root) => root.unbind(&bound.key, bound.to),
            Router::Headers => {}
        }
    }
}
