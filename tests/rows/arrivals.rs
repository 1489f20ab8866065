//! Deliveries, returns and confirms, as the tables write them.

use crate::client::Content;
use crate::stage::{Answer, Held, Stage};
use amq_protocol::protocol::{AMQPClass, basic};

impl Stage {
    pub(crate) fn absorb_basic(
        &mut self,
        link: usize,
        number: u16,
        method: basic::AMQPMethod,
    ) -> Option<(u16, Answer)> {
        let name = self.name_of(link, number);
        match method {
            basic::AMQPMethod::Ack(ack) => self.absorb_confirm(&name, ack.delivery_tag, ack.multiple, "confirmed"),
            basic::AMQPMethod::Nack(nack) => self.absorb_confirm(&name, nack.delivery_tag, nack.multiple, "refused"),
            basic::AMQPMethod::Cancel(cancel) => self.note(&name, format!("cancel:{}", cancel.consumer_tag)),
            other => return Some((number, Answer::Method(AMQPClass::Basic(other)))),
        }
        None
    }

    /// Confirms of the runner's own publishes are taken for granted; that one was refused is told.
    fn absorb_confirm(&mut self, name: &str, tag: u64, multiple: bool, word: &str) {
        let own = name == crate::stage::PUBLISHER;
        let channel = self.channels.get_mut(name).expect("confirms come on open channels");
        let waiting = channel.confirms.as_mut().expect("confirms come in confirm mode");
        let first = if multiple { 0 } else { tag };
        let settled: Vec<u64> = waiting.range(first..=tag).map(|(tag, _)| *tag).collect();
        let jobs: Vec<u32> = settled.iter().filter_map(|tag| waiting.remove(tag)).collect();
        for job in jobs {
            if !own || word == "refused" {
                self.note(name, format!("{word}:{job}"));
            }
        }
    }

    pub(crate) fn absorb_content(&mut self, link: usize, number: u16, content: &Content) -> Option<(u16, Answer)> {
        let name = self.name_of(link, number);
        let text = String::from_utf8_lossy(&content.body);
        let job = text.split('|').next().unwrap_or_default();
        let AMQPClass::Basic(method) = &content.method else {
            return None;
        };
        match method {
            basic::AMQPMethod::Return(back) => {
                let token = format!("returned:{job}({} {})", back.reply_code, back.reply_text);
                self.note(&name, token);
                None
            }
            basic::AMQPMethod::Deliver(deliver) => {
                let job = crate::words::number(job);
                let holder = deliver.consumer_tag.to_string();
                let flag = if deliver.redelivered { "R" } else { "" };
                self.note(&name, format!("{holder}:{job}{flag}"));
                let (exchange, key) = (deliver.exchange.to_string(), deliver.routing_key.to_string());
                self.hold((holder, job), deliver.delivery_tag, (exchange, key), content);
                None
            }
            basic::AMQPMethod::GetOk(ok) => {
                let job = crate::words::number(job);
                let (exchange, key) = (ok.exchange.to_string(), ok.routing_key.to_string());
                self.hold((name, job), ok.delivery_tag, (exchange, key), content);
                Some((number, Answer::Got(ok.clone(), job)))
            }
            _ => None,
        }
    }

    fn hold(&mut self, holder: (String, u32), tag: u64, (exchange, key): (String, String), content: &Content) {
        let held = Held {
            tag,
            exchange: self.plain(&exchange),
            key: self.plain(&key),
            properties: content.properties.clone(),
        };
        self.held.insert(holder, held);
    }
}
