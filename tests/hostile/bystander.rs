//! A client that does no harm: while others do, it publishes and consumes, and each round comes to its end in time.

use super::client::{Client, confirm_mode, consume, declare, frame, publish};
use super::{PATIENCE, Result};
use amq_protocol::frame::AMQPFrame;
use amq_protocol::protocol::{AMQPClass, basic};
use amq_protocol::types::FieldTable;
use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two rounds.
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) struct Bystander {
    enough: SyncSender<()>,
    thread: JoinHandle<Result<(u32, Duration)>>,
}

impl Bystander {
    /// Starts, and returns after its first round.
    pub(crate) fn start(broker: SocketAddr) -> Result<Self> {
        let mut client = Client::open(broker)?;
        client.say(&confirm_mode())?;
        client.say(&declare("bystander", FieldTable::default()))?;
        client.say(&consume("bystander", "bystander", false))?;
        round(&mut client, 1)?;
        // It is told once to stop.
        let (enough, told) = mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || rounds(&mut client, &told));
        Ok(Self { enough, thread })
    }

    /// How many rounds it did, and how long the slowest took.
    pub(crate) fn stop(self) -> Result<(u32, Duration)> {
        // If it ended by itself, it says why.
        let _ = self.enough.send(());
        self.thread.join().expect("it returns its errors")
    }
}

/// At least one round begins and ends after all that is to be endured.
fn rounds(client: &mut Client, enough: &mpsc::Receiver<()>) -> Result<(u32, Duration)> {
    let (mut count, mut slowest) = (0, Duration::ZERO);
    loop {
        let last = enough.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
        let began = Instant::now();
        count += 1;
        round(client, u64::from(count) + 1)?;
        slowest = slowest.max(began.elapsed());
        if last {
            return Ok((count, slowest));
        }
    }
}

/// Publishes, and waits for the confirm and the delivery, which is acked.
fn round(client: &mut Client, number: u64) -> Result {
    client.say(&publish("", "bystander", &number.to_be_bytes(), false))?;
    let (mut confirmed, mut delivered, mut body) = (false, false, false);
    let end = Instant::now() + PATIENCE;
    while !(confirmed && delivered && body) {
        anyhow::ensure!(Instant::now() < end, "the bystander waits in vain");
        match client.frame()? {
            AMQPFrame::Method(_, AMQPClass::Basic(basic::AMQPMethod::Ack(ack))) => {
                confirmed = ack.delivery_tag == number;
            }
            AMQPFrame::Method(_, AMQPClass::Basic(basic::AMQPMethod::Deliver(deliver))) => {
                delivered = deliver.delivery_tag == number;
            }
            AMQPFrame::Body(_, bytes) => body = bytes == number.to_be_bytes(),
            AMQPFrame::Header(..) | AMQPFrame::Heartbeat => {}
            other => anyhow::bail!("the bystander hears {other:?}"),
        }
    }
    let ack = basic::AMQPMethod::Ack(basic::Ack {
        delivery_tag: number,
        multiple: false,
    });
    client.say(&frame(1, AMQPClass::Basic(ack)))
}
