//! Publishing.

use crate::client::{self, Result};
use crate::stage::{PUBLISHER, Stage};
use crate::words::{self, Request};
use amq_protocol::protocol::{BasicProperties, basic};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::collections::BTreeMap;

impl Stage {
    /// Publishes in one write. The runner's own publishes wait for their confirms.
    pub(crate) async fn publish(&mut self, request: &Request) -> Result {
        let exchange = request.option("to").unwrap_or("-");
        let queue = request.option("queue").unwrap_or("q");
        let routing_key = if exchange == "-" {
            self.declare_when_new(queue).await?;
            self.real(queue)
        } else {
            words::text(request.option("key").unwrap_or("-")).to_owned()
        };
        let publish = basic::Publish {
            exchange: self.real(exchange).as_str().into(),
            routing_key: routing_key.as_str().into(),
            mandatory: request.has("mandatory"),
            immediate: request.has("immediate"),
        };
        let actor = self.actor.clone();
        self.channel(&actor).await?;
        if actor == PUBLISHER && self.channels[PUBLISHER].confirms.is_none() {
            self.transact(&Request::of(&format!("confirm {PUBLISHER}"))).await?;
        }
        let channel = self.channels.get_mut(&actor).ok_or("no channel")?;
        let (link, number) = (channel.link, channel.number);
        let mut bytes = Vec::new();
        for job in words::numbers(request.word(0)) {
            let channel = self.channels.get_mut(&actor).ok_or("no channel")?;
            channel.published += 1;
            if let Some(confirms) = &mut channel.confirms {
                confirms.insert(channel.published, job);
            }
            let properties = self.properties(request);
            bytes.extend(client::message(
                number,
                publish.clone(),
                properties,
                &body(job, request),
            ));
        }
        if let Some(link) = self.links.get_mut(&link) {
            link.client.write(&bytes).await;
        }
        if actor == PUBLISHER {
            self.confirmed().await
        } else {
            Ok(())
        }
    }

    async fn confirmed(&mut self) -> Result {
        let until = self.until();
        while let Some(channel) = self.channels.get(PUBLISHER).filter(|channel| channel.open) {
            if channel.confirms.as_ref().is_none_or(BTreeMap::is_empty) {
                break;
            }
            let id = channel.link;
            let Some(link) = self.links.get_mut(&id) else { break };
            match link.client.next(until).await {
                Some(incoming) => self.absorb(id, incoming).await,
                None => return Err("no confirm".to_owned()),
            };
        }
        Ok(())
    }

    fn properties(&self, request: &Request) -> BasicProperties {
        let mut headers = FieldTable::default();
        for (name, value) in request.table("header.") {
            // What CC and BCC name are queues.
            let value = match (name, words::value(value)) {
                ("CC" | "BCC", AMQPValue::FieldArray(keys)) => {
                    let real = |key: &AMQPValue| AMQPValue::LongString(self.real(&words::tell(key)).as_str().into());
                    AMQPValue::FieldArray(keys.as_slice().iter().map(real).collect::<Vec<_>>().into())
                }
                (_, value) => value,
            };
            headers.insert(name.into(), value);
        }
        let mut properties = BasicProperties::default();
        if !headers.inner().is_empty() {
            properties = properties.with_headers(headers);
        }
        if request.has("persistent") {
            properties = properties.with_delivery_mode(2);
        }
        if let Some(expiration) = request.option("expiration") {
            properties = properties.with_expiration(expiration.into());
        }
        if let Some(user) = request.option("user-id") {
            properties = properties.with_user_id(user.into());
        }
        match request.number("priority") {
            Some(priority) => properties.with_priority(priority),
            None => properties,
        }
    }
}

/// The job's number, and as much after it as its size asks for.
fn body(job: u32, request: &Request) -> Vec<u8> {
    let mut body = job.to_string();
    if let Some(size) = request.number("size") {
        body.push('|');
        while body.len() < size {
            body.push('x');
        }
    }
    body.into_bytes()
}
