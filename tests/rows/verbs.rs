//! What each verb does.
//!
//! | verb | what it asks |
//! |---|---|
//! | `connect c0 heartbeat=1 no-cancel-notify` | a connection with manners of its own |
//! | `consume c0@home prefetch=1 auto exclusive priority=1 queue=q` | a consumer, on a channel of its own or on that of `home`; `a/2` is channel 2 on the connection of `a` |
//! | `ack`, `nack`, `reject`, `drop` `c0:3` | settles job 3 (`c0:all` all, `c0:#9` that tag; `multiple`); `nack` and `reject` requeue |
//! | `get g auto` | fetches |
//! | `qos c0 5`, `qos-global c0 5`, `recover c0`, `cancel c0`, `flow c0 off`, `open c0` | as AMQP has them |
//! | `tx c0`, `commit c0`, `rollback c0`, `confirm c0` | as AMQP has them |
//! | `pub 0-3 queue=q to=x key=k by=c0 persistent mandatory expiration=100 priority=5 header.a=1` | publishes jobs 0 to 3 |
//! | `declare q transient exclusive auto-delete passive x-max-length=3 by=c0`, `exchange x fanout`, `bind q x key`, … | topology |
//! | `close c0`, `close-connection c0`, `die c0`, `half-close c0`, `hang-up c0`, `mute c0` | ways to end; `die` is a reset |
//! | `restart kill`, `restart stop` | of the broker |
//! | `ready 3`, `consumers 1`, `gone q` | waits until a passive declare says so |
//! | `purge 3`, `delete q`, `check q`, `look c0:3 x-death key` | shows what is answered |
//! | `later` | nothing, but what must come of it may take longer than anything else |
//! | `turn` | what automatic acks owe is settled, which on the wire nobody waits for |

use crate::client::Result;
use crate::stage::{ADMIN, PUBLISHER, Stage};
use crate::words::Request;
use std::time::Duration;

/// Heartbeats of a second take three to be missed.
const LATER: Duration = Duration::from_secs(30);

impl Stage {
    /// The channel that a request is made on.
    pub(crate) fn actor_of(&self, request: &Request) -> String {
        let own = |standard: &str| request.option("by").unwrap_or(standard).to_owned();
        match request.verb.as_str() {
            "pub" => self.home(&own(PUBLISHER)),
            "declare" | "exchange" | "bind" | "unbind" | "bind-exchange" | "delete" | "delete-exchange" | "purge"
            | "check" | "ready" | "consumers" | "gone" | "later" | "turn" => self.home(&own(ADMIN)),
            "restart" => String::new(),
            "consume" => {
                let name = request.word(0);
                name.split_once('@').map_or(name, |(_, home)| home).to_owned()
            }
            _ => {
                let name = request.word(0);
                self.home(name.split_once(':').map_or(name, |(name, _)| name))
            }
        }
    }

    /// Asks what a line asks. As many things are expected to come of it.
    pub(crate) async fn perform(&mut self, request: &Request, expected: usize) -> Result {
        match request.verb.as_str() {
            "connect" => self.connect(request).await,
            "consume" => self.consume(request).await,
            "ack" | "nack" | "reject" | "drop" => self.settle_job(request).await,
            "get" => self.get(request).await,
            "qos" | "qos-global" | "recover" | "recover-async" | "cancel" | "flow" | "open" => {
                self.control(request).await
            }
            "tx" | "commit" | "rollback" | "confirm" => self.transact(request).await,
            "pub" => self.publish(request).await,
            "declare" | "exchange" | "bind" | "unbind" | "bind-exchange" | "delete" | "delete-exchange" | "check" => {
                self.topology(request).await
            }
            "ready" | "consumers" | "gone" => self.poll(request).await,
            "purge" => self.purge(request).await,
            "look" => self.look_at(request),
            "close" | "close-connection" | "die" | "half-close" | "hang-up" | "mute" => {
                self.finish(request, expected).await
            }
            "restart" => self.restart(request).await,
            "later" => {
                let usual = std::mem::replace(&mut self.patience, LATER);
                self.wait_for(expected).await;
                self.patience = usual;
                Ok(())
            }
            "turn" => Ok(()),
            other => Err(format!("no verb {other}")),
        }
    }
}
