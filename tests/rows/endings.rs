//! How channels, connections and brokers end.

use crate::client::Result;
use crate::restart::How;
use crate::stage::{Answer, Stage};
use crate::words::Request;
use amq_protocol::protocol::{AMQPClass, channel, connection};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

type Counts = BTreeMap<String, Option<(u32, u32)>>;

impl Stage {
    pub(crate) async fn finish(&mut self, request: &Request, expected: usize) -> Result {
        let actor = self.actor.clone();
        self.channel(&actor).await?;
        let id = self.channels[&actor].link;
        let before = self.counts().await?;
        match request.verb.as_str() {
            "close" => {
                let close = channel::Close {
                    reply_code: 200,
                    reply_text: "bye".into(),
                    class_id: 0,
                    method_id: 0,
                };
                self.call(&actor, close).await?;
                if let Some(channel) = self.channels.get_mut(&actor) {
                    channel.open = false;
                }
                return Ok(());
            }
            "mute" => {
                if let Some(link) = self.links.get_mut(&id) {
                    link.mute = true;
                }
                return Ok(());
            }
            "close-connection" => self.close_connection(id).await?,
            "half-close" => {
                if let Some(link) = self.links.get_mut(&id) {
                    link.client.finish().await;
                    link.mute = true;
                }
            }
            _ => {
                let had_something = self.had_something(id);
                let link = self.links.remove(&id).ok_or("no connection")?;
                self.channels.retain(|_, channel| channel.link != id);
                if request.verb == "die" {
                    link.client.reset();
                } else {
                    drop(link);
                }
                if !had_something {
                    return Ok(());
                }
            }
        }
        self.notice(&before, expected).await
    }

    /// Whether the end of that connection changes what a queue counts.
    fn had_something(&self, link: usize) -> bool {
        let names = self.names_on(link);
        self.homes.values().any(|home| names.contains(home))
            || self.held.keys().any(|(holder, _)| names.contains(&self.home(holder)))
    }

    async fn close_connection(&mut self, id: usize) -> Result {
        let close = connection::Close {
            reply_code: 200,
            reply_text: "bye".into(),
            class_id: 0,
            method_id: 0,
        };
        let until = self.until();
        if let Some(link) = self.links.get_mut(&id) {
            link.client.send(0, close).await;
        }
        while let Some(link) = self.links.get_mut(&id) {
            let incoming = link.client.next(until).await.ok_or("no connection.close-ok")?;
            let answer = self.absorb(id, incoming).await;
            if let Some((0, Answer::Method(AMQPClass::Connection(connection::AMQPMethod::CloseOk(_))))) = answer {
                break;
            }
        }
        self.links.remove(&id);
        self.channels.retain(|_, channel| channel.link != id);
        Ok(())
    }

    async fn counts(&mut self) -> Result<Counts> {
        let mut counts = Counts::new();
        for queue in self.queues.clone() {
            let seen = self.look(&queue).await?;
            counts.insert(queue, seen);
        }
        Ok(counts)
    }

    /// Waits until the broker has noticed an end: what is expected has come, or a queue counts something else.
    async fn notice(&mut self, before: &Counts, expected: usize) -> Result {
        if expected > 0 {
            self.wait_for(expected).await;
            return Ok(());
        }
        let until = Instant::now() + self.patience;
        while !before.is_empty() && self.counts().await? == *before {
            if Instant::now() > until {
                return Err(format!("the end was not noticed: {before:?}"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Restarts the broker, and watches all connections meanwhile: a broker that stops waits for their answers.
    pub(crate) async fn restart(&mut self, request: &Request) -> Result {
        let restarts = self.place.restarts.clone().ok_or("this broker is not restarted")?;
        let how = if request.word(0) == "kill" {
            How::Kill
        } else {
            How::Stop
        };
        let (restarted, ()) = tokio::join!(restarts.restart(how), self.watch_the_end());
        self.place.login.address = restarted?;
        Ok(())
    }

    async fn watch_the_end(&mut self) {
        let until = Instant::now() + Duration::from_secs(60);
        while let Some((id, link)) = self.links.iter_mut().next() {
            let id = *id;
            match link.client.next(until).await {
                Some(incoming) => {
                    self.absorb(id, incoming).await;
                }
                None => self.end(id, "lost"),
            }
        }
        self.channels.clear();
    }
}
