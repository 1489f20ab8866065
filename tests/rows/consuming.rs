//! Consuming, settling, fetching.

use crate::client::{Manners, Result};
use crate::methods::Method;
use crate::stage::{Answer, Stage};
use crate::words::{self, Request};
use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, tx};
use amq_protocol::types::FieldTable;

impl Stage {
    pub(crate) async fn connect(&mut self, request: &Request) -> Result {
        let manners = Manners {
            heartbeat_s: request.number("heartbeat").unwrap_or(0),
            cancel_notify: !request.has("no-cancel-notify"),
        };
        self.link(request.word(0), manners).await.map(|_| ())
    }

    pub(crate) async fn consume(&mut self, request: &Request) -> Result {
        let name = request.word(0);
        let (tag, home) = name.split_once('@').unwrap_or((name, name));
        let queue = request.option("queue").unwrap_or("q");
        self.declare_when_new(queue).await?;
        self.homes.insert(tag.to_owned(), home.to_owned());
        if let Some(prefetch) = request.number("prefetch") {
            self.qos(home, prefetch, false).await?;
        }
        let mut arguments = FieldTable::default();
        for (key, value) in request.arguments() {
            arguments.insert(key.into(), words::value(value));
        }
        if let Some(priority) = request.option("priority") {
            arguments.insert("x-priority".into(), words::value(priority));
        }
        let consume = basic::Consume {
            queue: self.real(queue).as_str().into(),
            consumer_tag: request.option("tag").map_or(tag, words::text).into(),
            no_local: false,
            no_ack: request.has("auto"),
            exclusive: request.has("exclusive"),
            nowait: false,
            arguments,
        };
        if let Answer::Method(AMQPClass::Basic(basic::AMQPMethod::ConsumeOk(ok))) = self.call(home, consume).await?
            && request.option("tag") == Some("-")
        {
            self.note_reply(format!("tag={}", generated(ok.consumer_tag.as_str(), "amq.ctag-")));
        }
        Ok(())
    }

    /// A token of the actor's.
    pub(crate) fn note_reply(&mut self, token: impl Into<String>) {
        let actor = self.actor.clone();
        self.note(&actor, token);
    }

    async fn qos(&mut self, name: &str, prefetch_count: u16, global: bool) -> Result {
        self.call(name, basic::Qos { prefetch_count, global }).await.map(|_| ())
    }

    pub(crate) async fn settle_job(&mut self, request: &Request) -> Result {
        let (holder, what) = request.word(0).split_once(':').ok_or("holder:job")?;
        let (tag, mut multiple) = match (what.strip_prefix('#'), what) {
            (Some(tag), _) => (words::number(tag), false),
            (None, "all") => (0, true),
            (None, job) => {
                let held = self.held.get(&(holder.to_owned(), words::number(job)));
                (held.ok_or_else(|| format!("{holder} never held {job}"))?.tag, false)
            }
        };
        multiple |= request.has("multiple");
        let (delivery_tag, home) = (tag, self.home(holder));
        let method: AMQPClass = match request.verb.as_str() {
            "ack" => basic::Ack { delivery_tag, multiple }.method(),
            "reject" => basic::Reject {
                delivery_tag,
                requeue: true,
            }
            .method(),
            "drop" if !multiple => basic::Reject {
                delivery_tag,
                requeue: false,
            }
            .method(),
            verb => basic::Nack {
                delivery_tag,
                multiple,
                requeue: verb == "nack",
            }
            .method(),
        };
        self.send(&home, method).await
    }

    pub(crate) async fn get(&mut self, request: &Request) -> Result {
        let queue = request.option("queue").unwrap_or("q");
        self.declare_when_new(queue).await?;
        let get = basic::Get {
            queue: self.real(queue).as_str().into(),
            no_ack: request.has("auto"),
        };
        let actor = self.actor.clone();
        match self.call(&actor, get).await? {
            Answer::Got(ok, job) => {
                let flag = if ok.redelivered { "R" } else { "" };
                self.note_reply(format!("{job}{flag}"));
                self.note_reply(format!("left={}", ok.message_count));
            }
            Answer::Method(_) => self.note_reply("empty"),
            Answer::Refused => {}
        }
        Ok(())
    }

    pub(crate) async fn control(&mut self, request: &Request) -> Result {
        let (name, actor) = (request.word(0), self.actor.clone());
        match request.verb.as_str() {
            "qos" if request.option("size").is_some() => return self.qos_with_size(&actor).await,
            "qos" => self.qos(&actor, words::number(request.word(1)), false).await?,
            "qos-global" => self.qos(&actor, words::number(request.word(1)), true).await?,
            "recover" => {
                let requeue = request.option("requeue") != Some("false");
                self.call(&actor, basic::Recover { requeue }).await?;
            }
            "recover-async" => self.send(&actor, basic::RecoverAsync { requeue: true }).await?,
            "cancel" => {
                let cancel = basic::Cancel {
                    consumer_tag: name.into(),
                    nowait: false,
                };
                self.call(&actor, cancel).await?;
            }
            "flow" => {
                let active = request.word(1) == "on";
                self.call(&actor, channel::Flow { active }).await?;
            }
            _ => {
                self.channel(&actor).await?;
                self.call(&actor, channel::Open {}).await?;
            }
        }
        Ok(())
    }

    /// The codec has no prefetch size, since it must be 0: the frame is written by hand.
    async fn qos_with_size(&mut self, name: &str) -> Result {
        self.channel(name).await?;
        let frame = [1, 0, 1, 0, 0, 0, 11, 0, 60, 0, 10, 0, 0, 0, 1, 0, 0, 0, 206];
        let link = self.channels.get(name).map_or(0, |channel| channel.link);
        if let Some(link) = self.links.get_mut(&link) {
            link.client.write(&frame).await;
        }
        Ok(())
    }

    pub(crate) async fn transact(&mut self, request: &Request) -> Result {
        let actor = self.actor.clone();
        let method: AMQPClass = match request.verb.as_str() {
            "tx" => tx::Select {}.method(),
            "commit" => tx::Commit {}.method(),
            "rollback" => tx::Rollback {}.method(),
            _ => confirm::Select { nowait: false }.method(),
        };
        self.channel(&actor).await?;
        let answer = self.call(&actor, method).await?;
        if let (Answer::Method(AMQPClass::Confirm(_)), Some(channel)) = (answer, self.channels.get_mut(&actor)) {
            channel.confirms.get_or_insert_default();
        }
        Ok(())
    }
}

/// `amq.gen-*` for a name that the broker made: 22 letters that are safe in a URL.
pub(crate) fn generated(name: &str, prefix: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    match name.strip_prefix(prefix) {
        Some(rest) if rest.len() == 22 && rest.chars().all(safe) => format!("{prefix}*"),
        _ => name.to_owned(),
    }
}
