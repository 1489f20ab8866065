//! Declaring, binding, deleting, counting, looking.

use crate::client::Result;
use crate::consuming::generated;
use crate::methods::Method;
use crate::stage::{ADMIN, Answer, Stage};
use crate::table::Kind;
use crate::words::{self, Request};
use amq_protocol::protocol::{AMQPClass, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldTable, ShortString};
use std::time::Duration;
use tokio::time::Instant;

impl Stage {
    /// Declares a queue when it is first named: durable, of the row's kind. Names that begin with `no-` stay missing.
    pub(crate) async fn declare_when_new(&mut self, name: &str) -> Result {
        if name.starts_with("no-") || words::text(name).is_empty() || self.known.contains(name) {
            return Ok(());
        }
        let request = Request::of(&format!("declare {name}"));
        let declare = self.declaration(&request);
        if let Answer::Refused = self.call(ADMIN, declare).await? {
            return Err(format!("{name} was refused"));
        }
        self.watch(name, true);
        Ok(())
    }

    fn watch(&mut self, name: &str, watched: bool) {
        self.known.insert(name.to_owned());
        if watched {
            self.queues.insert(name.to_owned());
        }
    }

    fn declaration(&self, request: &Request) -> queue::Declare {
        let exclusive = request.has("exclusive");
        let mut arguments = self.arguments(request);
        if self.kind == Kind::Quorum && !request.has("plain") && !arguments.contains_key("x-queue-type") {
            arguments.insert("x-queue-type".into(), words::value("quorum"));
        }
        queue::Declare {
            queue: self.real(request.word(0)).as_str().into(),
            passive: request.has("passive"),
            durable: !request.has("transient"),
            exclusive,
            auto_delete: request.has("auto-delete"),
            nowait: false,
            arguments,
        }
    }

    /// Names among the arguments get this row's prefix.
    fn arguments(&self, request: &Request) -> FieldTable {
        let by_default_exchange = request.option("x-dead-letter-exchange") == Some("-");
        let mut table = FieldTable::default();
        for (key, value) in request.arguments() {
            let value = match key {
                "x-dead-letter-exchange" | "alternate-exchange" => {
                    AMQPValue::LongString(self.real(value).as_str().into())
                }
                "x-dead-letter-routing-key" if by_default_exchange => {
                    AMQPValue::LongString(self.real(value).as_str().into())
                }
                _ => words::value(value),
            };
            table.insert(key.into(), value);
        }
        table
    }

    pub(crate) async fn topology(&mut self, request: &Request) -> Result {
        let actor = self.actor.clone();
        let name = request.word(0);
        let method: AMQPClass = match request.verb.as_str() {
            "declare" => return self.declare(request).await,
            "check" => {
                let mut declare = self.declaration(&Request::of(&format!("declare {name} plain")));
                declare.passive = true;
                declare.method()
            }
            "exchange" => exchange::Declare {
                exchange: self.real(name).as_str().into(),
                kind: request.words.get(1).map_or("direct", String::as_str).into(),
                passive: request.has("passive"),
                durable: request.has("durable"),
                auto_delete: false,
                internal: request.has("internal"),
                nowait: false,
                arguments: self.arguments(request),
            }
            .method(),
            "bind" | "unbind" => return self.bind(request).await,
            "bind-exchange" => exchange::Bind {
                destination: self.real(name).as_str().into(),
                source: self.real(request.word(1)).as_str().into(),
                routing_key: request.words.get(2).map_or("", |key| words::text(key)).into(),
                nowait: false,
                arguments: FieldTable::default(),
            }
            .method(),
            "delete-exchange" => exchange::Delete {
                exchange: self.real(name).as_str().into(),
                if_unused: false,
                nowait: false,
            }
            .method(),
            _ => queue::Delete {
                queue: self.real(name).as_str().into(),
                if_unused: request.has("if-unused"),
                if_empty: request.has("if-empty"),
                nowait: false,
            }
            .method(),
        };
        match self.call(&actor, method).await? {
            Answer::Method(AMQPClass::Queue(queue::AMQPMethod::DeleteOk(ok))) => {
                self.queues.remove(name);
                self.note_reply(format!("had={}", ok.message_count));
            }
            Answer::Method(AMQPClass::Queue(queue::AMQPMethod::DeclareOk(ok))) => {
                self.note_reply(format!("ready={}", ok.message_count));
                self.note_reply(format!("consumers={}", ok.consumer_count));
            }
            _ => {}
        }
        Ok(())
    }

    async fn declare(&mut self, request: &Request) -> Result {
        let (actor, name) = (self.actor.clone(), request.word(0));
        let declare = self.declaration(request);
        let answer = self.call(&actor, declare).await?;
        let Answer::Method(AMQPClass::Queue(queue::AMQPMethod::DeclareOk(ok))) = answer else {
            return Ok(());
        };
        if name == "-" {
            self.note_reply(format!("name={}", generated(ok.queue.as_str(), "amq.gen-")));
        } else {
            // Looking at a queue puts off its end, and only its owner may look at an exclusive one.
            self.watch(name, !request.has("exclusive") && request.option("x-expires").is_none());
        }
        Ok(())
    }

    async fn bind(&mut self, request: &Request) -> Result {
        let (actor, name) = (self.actor.clone(), request.word(0));
        self.declare_when_new(name).await?;
        let mut arguments = FieldTable::default();
        for (key, value) in request.table("header.") {
            arguments.insert(key.into(), words::value(value));
        }
        let (queue, exchange) = (self.real(name), self.real(request.word(1)));
        let (queue, exchange) = (queue.as_str().into(), exchange.as_str().into());
        let routing_key = request.words.get(2).map_or("", |key| words::text(key)).into();
        let method: AMQPClass = if request.verb == "unbind" {
            queue::Unbind {
                queue,
                exchange,
                routing_key,
                arguments,
            }
            .method()
        } else {
            queue::Bind {
                queue,
                exchange,
                routing_key,
                nowait: false,
                arguments,
            }
            .method()
        };
        self.call(&actor, method).await.map(|_| ())
    }

    /// Looks until what is asked for is so, with a short pause between two looks.
    pub(crate) async fn poll(&mut self, request: &Request) -> Result {
        let gone = request.verb == "gone";
        let queue = if gone {
            request.word(0)
        } else {
            request.option("queue").unwrap_or("q")
        };
        self.declare_when_new(queue).await?;
        let until = Instant::now() + self.patience * 2;
        loop {
            let counts = self.look(queue).await?;
            let done = match (&*request.verb, counts) {
                ("gone", counts) => counts.is_none(),
                ("ready", Some((ready, _))) => ready == words::number::<u32>(request.word(0)),
                (_, Some((_, consumers))) => consumers == words::number::<u32>(request.word(0)),
                (_, None) => return Err(format!("no queue {queue}")),
            };
            if done {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("{queue} has (ready, consumers) {counts:?}"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn purge(&mut self, request: &Request) -> Result {
        let queue = request.option("queue").unwrap_or("q");
        self.declare_when_new(queue).await?;
        let purge = queue::Purge {
            queue: self.real(queue).as_str().into(),
            nowait: false,
        };
        let actor = self.actor.clone();
        match self.call(&actor, purge).await? {
            Answer::Method(AMQPClass::Queue(queue::AMQPMethod::PurgeOk(ok)))
                if ok.message_count != words::number::<u32>(request.word(0)) =>
            {
                Err(format!("purged {}", ok.message_count))
            }
            _ => Ok(()),
        }
    }

    /// Tells parts of a delivery: `key`, `exchange`, properties, or headers by name.
    pub(crate) fn look_at(&mut self, request: &Request) -> Result {
        let (holder, job) = request.word(0).split_once(':').ok_or("holder:job")?;
        let held = self.held.get(&(holder.to_owned(), words::number(job)));
        let held = held.ok_or_else(|| format!("{holder} never held {job}"))?.clone();
        let headers = held.properties.headers().clone().unwrap_or_default();
        for part in &request.words[1..] {
            let property = match part.as_str() {
                "exchange" => Some(held.exchange.clone()),
                "key" => Some(held.key.clone()),
                "delivery-mode" => held.properties.delivery_mode().map(|mode| mode.to_string()),
                "expiration" => held.properties.expiration().as_ref().map(ToString::to_string),
                "headers" => {
                    let names: Vec<&str> = headers.inner().keys().map(ShortString::as_str).collect();
                    Some(names.join(","))
                }
                name => headers.inner().get(name).map(words::tell),
            };
            let property = property.map_or_else(|| "none".to_owned(), |text| self.plain(&text));
            self.note_reply(format!("{part}={property}"));
        }
        Ok(())
    }

    /// Deletes what is left, so that a broker can be used again.
    pub(crate) async fn clean_up(&mut self) {
        for queue in self.known.clone() {
            let delete = queue::Delete {
                queue: self.real(&queue).as_str().into(),
                if_unused: false,
                if_empty: false,
                nowait: false,
            };
            // A queue that is gone already, or another's, needs none.
            let _gone = self.call(ADMIN, delete).await;
        }
    }
}
