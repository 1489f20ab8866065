//! Users, virtual hosts and limits.

use super::{Result, channel, connect, consume, consume_automatically, declare, publish, texts, within};
use dispatch_lab::broker::server::{Server, ServerConfig, Tunables, User};
use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};

async fn connect_as(server: &Server, who: &str, vhost: &str) -> lapin::Result<Connection> {
    let url = format!("amqp://{who}@{}/{vhost}?frame_max=8192", server.address());
    within("the answer", Connection::connect(&url, ConnectionProperties::default())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn virtual_hosts_share_nothing_but_their_users() -> Result {
    let config = ServerConfig {
        users: vec![User::new("ann", "a"), User::new("bob", "b")],
        vhosts: vec!["/".to_owned(), "other".to_owned()],
        ..ServerConfig::default()
    };
    let server = Server::start(config).await?;
    for (who, vhost) in [("ann:a", "%2f"), ("bob:b", "other")] {
        let connection = connect_as(&server, who, vhost).await?;
        let channel = connection.create_channel().await?;
        declare(&channel, "jobs", true).await?;
        publish(&channel, "jobs", vhost, 1).await?;
        let mut consumer = consume(&channel, "jobs", "all", 0).await?;
        assert_eq!(texts(&mut consumer, 1).await?, [vhost]);
    }
    for (who, vhost, words) in [
        ("ann:b", "%2f", "ACCESS_REFUSED"),
        ("guest:guest", "%2f", "ACCESS_REFUSED"),
        ("ann:a", "third", "vhost third not found"),
    ] {
        let error = connect_as(&server, who, vhost).await.expect_err("refused");
        assert!(format!("{error:?}").contains(words), "{who} {vhost}: {error:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_above_the_limit_is_told_so() -> Result {
    let config = ServerConfig {
        max_connections: 1,
        ..ServerConfig::default()
    };
    let server = Server::start(config).await?;
    let _first = connect(server.address()).await?;
    let error = connect_as(&server, "guest:guest", "%2f").await.expect_err("refused");
    let words = "connection refused: node connection limit (1) is reached";
    assert!(format!("{error:?}").contains(words), "{error:?}");
    Ok(())
}

/// A publisher sends four times what the broker may hold; nobody takes it, then somebody does.
#[tokio::test(flavor = "multi_thread")]
async fn publisher_above_the_memory_limit_waits_while_others_go_on() -> Result {
    const SIZE: usize = 64 * 1024;
    const COUNT: usize = 256;
    const LIMIT: usize = 4 * 1024 * 1024;
    let config = ServerConfig {
        tunables: Tunables {
            memory_limit: LIMIT as u64,
            ..Tunables::default()
        },
        ..ServerConfig::default()
    };
    let server = Server::start(config).await?;
    let (publisher, sending) = channel(server.address()).await?;
    let (_other, gets) = channel(server.address()).await?;
    declare(&gets, "jobs", true).await?;
    // lapin itself holds a publisher back while it is blocked.
    let publishing = tokio::spawn(async move {
        let body = vec![b'x'; SIZE];
        for _ in 0..COUNT {
            let properties = BasicProperties::default();
            let options = BasicPublishOptions::default();
            sending
                .basic_publish("".into(), "jobs".into(), options, &body, properties)
                .await?;
        }
        lapin::Result::Ok(sending)
    });
    within("connection.blocked", async {
        while !publisher.status().blocked() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let held = gets
        .queue_declare("jobs".into(), options, FieldTable::default())
        .await?;
    assert!(held.message_count() as usize * SIZE <= LIMIT + SIZE, "{held:?}");
    let mut jobs = consume_automatically(&gets, "jobs").await?;
    assert_eq!(texts(&mut jobs, COUNT).await?.len(), COUNT);
    within("connection.unblocked", async {
        while publisher.status().blocked() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    within("the publisher's end", publishing).await??;
    Ok(())
}
