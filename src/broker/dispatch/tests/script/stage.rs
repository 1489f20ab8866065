//! What else a stage can have: a version, a clock, letters.

use super::super::super::{
    AckMode, Binding, ConnectionId, Destination, Dispatch, Image, IntKind, LastStop, Like, Table, UnixMillis, Value,
};
use super::super::number;
use super::{Stage, parse};

impl Stage {
    /// The number of returns is not told.
    pub(in super::super) fn uncounted(mut self) -> Self {
        self.counts = false;
        self
    }

    /// On a broker that behaves as that version.
    pub(in super::super) fn like(mut self, like: Like) -> Self {
        self.dispatch = Dispatch::restore(
            &Image::default(),
            LastStop::Orderly,
            UnixMillis(0),
            like,
            &mut Vec::new(),
        );
        self
    }

    /// With that number as one more argument for all queues.
    pub(in super::super) fn with_number(self, arg: &str, value: i64) -> Self {
        self.with(arg, Value::Int(IntKind::Long, value))
    }

    /// All queues dead-letter to the queue `dead`.
    pub(in super::super) fn dead_lettering(mut self) -> Self {
        self.queue("dead");
        self.with("x-dead-letter-exchange", Value::text(""))
            .with("x-dead-letter-routing-key", Value::text("dead"))
    }

    /// Binds a queue to a fanout exchange.
    pub(in super::super) fn bind(&mut self, exchange: &str, queue: &str) {
        let binding = Binding {
            exchange: exchange.to_owned(),
            to: Destination::Queue(queue.to_owned()),
            key: String::new(),
            args: Table::new(),
        };
        let bound = self.dispatch.bind(ConnectionId(0), binding, &mut self.out);
        bound.expect("both are there");
        self.out.clear();
    }

    pub(super) fn clock(&mut self, verb: &str, args: &[&str]) -> Vec<String> {
        self.dispatch.set_time(UnixMillis(parse(args[0])));
        if verb == "at" {
            self.dispatch.tick(&mut self.out);
        }
        Vec::new()
    }

    pub(super) fn letters(&mut self) -> Vec<String> {
        let channel = self.channel("letters");
        let mut letters = Vec::new();
        while let Some(got) = self
            .dispatch
            .get(channel, "dead", AckMode::Automatic, &mut self.out)
            .expect("the queue is there")
        {
            let message = got.delivery.message;
            let added = message.added.as_ref().expect("a dead letter has a history");
            let reason = added.get("x-last-death-reason").and_then(Value::as_text);
            letters.push(format!("{}:{}", number(&message), reason.expect("a reason")));
        }
        self.out.clear();
        letters
    }
}
