//! Ways a worker dies, and who gets what it held.

use super::{Result, connect, consume, declare, publish, start, texts, until};
use lapin::options::BasicCancelOptions;
use lapin::{Channel, Connection, Consumer};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Carries one connection to the broker; aborted, it resets both ends.
struct Relay {
    address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

impl Relay {
    async fn to(broker: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await?;
            let mut server = TcpStream::connect(broker).await?;
            client.set_zero_linger()?;
            server.set_zero_linger()?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await?;
            Ok(())
        });
        Ok(Self { address, task })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    Cancel,
    CloseChannel,
    CloseConnection,
    Reset,
}

struct Victim {
    relay: Relay,
    connection: Connection,
    channel: Channel,
    consumer: Consumer,
}

impl Victim {
    async fn new(broker: SocketAddr, queue: &str) -> Result<Self> {
        let relay = Relay::to(broker).await?;
        let connection = connect(relay.address).await?;
        let channel = connection.create_channel().await?;
        let consumer = consume(&channel, queue, "victim", 2).await?;
        Ok(Self {
            relay,
            connection,
            channel,
            consumer,
        })
    }

    async fn die(&self, kill: Kill) -> Result {
        match kill {
            Kill::Cancel => {
                self.channel
                    .basic_cancel("victim".into(), BasicCancelOptions::default())
                    .await?;
            }
            Kill::CloseChannel => self.channel.close(200, "bye".into()).await?,
            Kill::CloseConnection => self.connection.close(200, "bye".into()).await?,
            Kill::Reset => self.relay.task.abort(),
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_held_goes_to_the_survivor_first_and_flagged() -> Result {
    for kill in [Kill::CloseChannel, Kill::CloseConnection, Kill::Reset] {
        let server = start().await?;
        let connection = connect(server.address()).await?;
        let channel = connection.create_channel().await?;
        declare(&channel, "q", false).await?;
        for body in ["0", "1", "2", "3"] {
            publish(&channel, "q", body, 1).await?;
        }
        let mut victim = Victim::new(server.address(), "q").await?;
        assert_eq!(texts(&mut victim.consumer, 2).await?, ["0", "1"]);
        // Totals come late: those from before the victim's time look like those after its death.
        until(&server, "q", |q| q.unacked == 2).await?;
        victim.die(kill).await?;
        until(&server, "q", |q| (q.ready, q.unacked, q.consumers) == (4, 0, 0)).await?;
        let mut survivor = consume(&channel, "q", "survivor", 0).await?;
        assert_eq!(texts(&mut survivor, 4).await?, ["0R", "1R", "2", "3"], "{kill:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_worker_keeps_what_it_holds_until_its_channel_ends() -> Result {
    let server = start().await?;
    let connection = connect(server.address()).await?;
    let channel = connection.create_channel().await?;
    declare(&channel, "q", false).await?;
    for body in ["0", "1", "2"] {
        publish(&channel, "q", body, 1).await?;
    }
    let mut victim = Victim::new(server.address(), "q").await?;
    assert_eq!(texts(&mut victim.consumer, 2).await?, ["0", "1"]);
    victim.die(Kill::Cancel).await?;
    until(&server, "q", |q| (q.ready, q.unacked, q.consumers) == (1, 2, 0)).await?;
    let mut survivor = consume(&channel, "q", "survivor", 0).await?;
    assert_eq!(texts(&mut survivor, 1).await?, ["2"]);
    victim.die(Kill::Reset).await?;
    assert_eq!(texts(&mut survivor, 2).await?, ["0R", "1R"]);
    Ok(())
}
