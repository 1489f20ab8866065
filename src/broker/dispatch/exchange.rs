//! Exchanges and bindings: which queues a published message goes to.

use super::ids::QueueId;
use super::topic;
use super::value::{Table, Value};
use super::{Message, headers};
use std::collections::HashMap;

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

/// A queue bound to an exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The exchange.
    pub exchange: String,
    /// The queue.
    pub queue: String,
    /// The binding key.
    pub key: String,
    /// Arguments; the headers exchange matches by them.
    pub args: Table,
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

/// Queues with the number of bindings that lead to each.
#[derive(Debug, Default)]
pub(super) struct Targets(Vec<(QueueId, u32)>);

impl Targets {
    pub(super) fn add(&mut self, queue: QueueId) {
        match self.0.iter_mut().find(|(other, _)| *other == queue) {
            Some((_, bindings)) => *bindings += 1,
            None => self.0.push((queue, 1)),
        }
    }

    pub(super) fn remove(&mut self, queue: QueueId) {
        if let Some(at) = self.0.iter().position(|(other, _)| *other == queue) {
            self.0[at].1 -= 1;
            if self.0[at].1 == 0 {
                self.0.remove(at);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add_to(&self, out: &mut Vec<QueueId>) {
        out.extend(self.0.iter().map(|(queue, _)| *queue));
    }
}

/// One binding as its exchange keeps it.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) key: Box<str>,
    pub(super) queue: QueueId,
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
    pub(super) spec: ExchangeSpec,
    /// Gets what matches no binding.
    pub(super) alternate: Option<String>,
    bindings: Vec<Bound>,
    router: Router,
}

impl Exchange {
    pub(super) fn new(spec: ExchangeSpec) -> Self {
        let router = match spec.kind {
            ExchangeKind::Direct => Router::Direct(HashMap::new()),
            ExchangeKind::Fanout => Router::Fanout(Targets::default()),
            ExchangeKind::Topic => Router::Topic(topic::Node::default()),
            ExchangeKind::Headers => Router::Headers,
        };
        let alternate = spec.args.get(ALTERNATE_EXCHANGE).and_then(Value::as_text);
        Self {
            alternate: alternate.map(str::to_owned),
            spec,
            bindings: Vec::new(),
            router,
        }
    }

    /// Adds a binding; false if the same one was there.
    pub(super) fn bind(&mut self, bound: Bound) -> bool {
        if self.find(bound.queue, &bound.key, &bound.args).is_some() {
            return false;
        }
        match &mut self.router {
            Router::Direct(keys) => keys.entry(bound.key.clone()).or_default().add(bound.queue),
            Router::Fanout(queues) => queues.add(bound.queue),
            Router::Topic(root) => root.bind(&bound.key, bound.queue),
            Router::Headers => {}
        }
        self.bindings.push(bound);
        true
    }

    /// Removes a binding; false if there was none.
    pub(super) fn unbind(&mut self, queue: QueueId, key: &str, args: &Table) -> bool {
        let Some(at) = self.find(queue, key, args) else {
            return false;
        };
        let bound = self.bindings.remove(at);
        self.forget(&bound);
        true
    }

    /// Removes all bindings of a queue and returns them.
    pub(super) fn unbind_queue(&mut self, queue: QueueId) -> Vec<Bound> {
        let (gone, kept) = std::mem::take(&mut self.bindings)
            .into_iter()
            .partition(|bound| bound.queue == queue);
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

    /// Adds the queues that a message goes to; a queue may be added more than once.
    pub(super) fn route(&self, key: &str, message: &Message, out: &mut Vec<QueueId>) {
        match &self.router {
            Router::Direct(keys) => {
                if let Some(targets) = keys.get(key) {
                    targets.add_to(out);
                }
            }
            Router::Fanout(queues) => queues.add_to(out),
            Router::Topic(root) => root.route(key, out),
            Router::Headers => {
                let headers = message.headers.as_deref();
                let matching = self
                    .bindings
                    .iter()
                    .filter(|bound| headers::matches(&bound.args, headers));
                out.extend(matching.map(|bound| bound.queue));
            }
        }
    }

    fn find(&self, queue: QueueId, key: &str, args: &Table) -> Option<usize> {
        self.bindings
            .iter()
            .position(|bound| bound.queue == queue && *bound.key == *key && bound.args == *args)
    }

    fn forget(&mut self, bound: &Bound) {
        match &mut self.router {
            Router::Direct(keys) => {
                if let Some(targets) = keys.get_mut(&bound.key) {
                    targets.remove(bound.queue);
                    if targets.is_empty() {
                        keys.remove(&bound.key);
                    }
                }
            }
            Router::Fanout(queues) => queues.remove(bound.queue),
            Router::Topic(root) => root.unbind(&bound.key, bound.queue),
            Router::Headers => {}
        }
    }
}
