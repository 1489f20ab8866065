//! What survives a crash and an orderly stop.

use super::{Result, channel, consume, declare, publish, start, start_on, texts, until, within};
use dispatch_lab::broker::server::Server;
use futures_util::StreamExt;
use lapin::options::{BasicGetOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Stop,
    Crash,
}

impl End {
    async fn put(self, server: Server) {
        match self {
            Self::Stop => within("an orderly stop", server.stop()).await,
            Self::Crash => within("a crash", server.crash()).await,
        }
    }
}

/// What a queue holds, in order; `None` if it is gone.
async fn rest(server: &Server, queue: &str) -> Result<Option<Vec<String>>> {
    let (_connection, channel) = channel(server.address()).await?;
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    if channel
        .queue_declare(queue.into(), passive, FieldTable::default())
        .await
        .is_err()
    {
        return Ok(None);
    }
    let mut rest = Vec::new();
    while let Some(got) = channel
        .basic_get(queue.into(), BasicGetOptions { no_ack: true })
        .await?
    {
        rest.push(super::text(&got.delivery));
    }
    Ok(Some(rest))
}

/// The answer to a durable declaration says that what came before is stored too.
async fn all_is_stored(channel: &Channel) -> Result {
    declare(channel, "later", true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn durable_queues_keep_persistent_messages_and_nothing_else_survives() -> Result {
    let rows: [(End, bool, u8, Option<&[&str]>); 8] = [
        (End::Stop, true, 1, Some(&[])),
        (End::Crash, true, 1, Some(&[])),
        (End::Stop, true, 2, Some(&["0", "1"])),
        // After a crash no delivery state is trusted.
        (End::Crash, true, 2, Some(&["0R", "1R"])),
        (End::Stop, false, 1, None),
        (End::Crash, false, 1, None),
        (End::Stop, false, 2, None),
        (End::Crash, false, 2, None),
    ];
    for (end, durable, delivery_mode, expected) in rows {
        let folder = tempfile::tempdir()?;
        let server = start_on(folder.path()).await?;
        let (_connection, channel) = channel(server.address()).await?;
        declare(&channel, "q", durable).await?;
        for body in ["0", "1"] {
            publish(&channel, "q", body, delivery_mode).await?;
        }
        until(&server, "q", |q| q.ready == 2).await?;
        all_is_stored(&channel).await?;
        end.put(server).await;
        let server = start_on(folder.path()).await?;
        let rest = rest(&server, "q").await?;
        let rest: Option<Vec<_>> = rest.as_ref().map(|rest| rest.iter().map(String::as_str).collect());
        assert_eq!(
            rest.as_deref(),
            expected,
            "{end:?} durable={durable} delivery_mode={delivery_mode}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_orderly_stop_remembers_what_was_delivered() -> Result {
    let rows = [
        (End::Stop, ["1R", "2R", "3", "4"]),
        (End::Crash, ["1R", "2R", "3R", "4R"]),
    ];
    for (end, expected) in rows {
        let folder = tempfile::tempdir()?;
        let server = start_on(folder.path()).await?;
        let (_connection, channel) = channel(server.address()).await?;
        declare(&channel, "q", true).await?;
        for body in ["0", "1", "2", "3", "4"] {
            publish(&channel, "q", body, 2).await?;
        }
        let got = channel.basic_get("q".into(), BasicGetOptions { no_ack: true }).await?;
        assert!(got.is_some());
        let mut consumer = consume(&channel, "q", "t", 2).await?;
        assert_eq!(texts(&mut consumer, 2).await?, ["1", "2"]);
        all_is_stored(&channel).await?;
        end.put(server).await;
        let server = start_on(folder.path()).await?;
        assert_eq!(
            rest(&server, "q").await?.as_deref(),
            Some(&expected.map(str::to_owned)[..]),
            "{end:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn declaration_that_was_answered_survives_whatever_comes() -> Result {
    let folder = tempfile::tempdir()?;
    for round in 0..10 {
        let server = start_on(folder.path()).await?;
        let (_connection, channel) = channel(server.address()).await?;
        for before in 0..round {
            assert_eq!(
                rest(&server, &format!("q{before}")).await?.as_deref(),
                Some(&[][..]),
                "{round}"
            );
        }
        declare(&channel, &format!("q{round}"), true).await?;
        End::Crash.put(server).await;
    }
    Ok(())
}

/// A transaction's commit is answered when all of it is stored.
#[tokio::test(flavor = "multi_thread")]
async fn committed_transaction_survives_whatever_comes() -> Result {
    let folder = tempfile::tempdir()?;
    let server = start_on(folder.path()).await?;
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", true).await?;
    channel.tx_select().await?;
    for body in ["0", "1"] {
        let properties = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        let published = channel.basic_publish("".into(), "q".into(), options, body.as_bytes(), properties);
        drop(published.await?);
    }
    channel.tx_commit().await?;
    End::Crash.put(server).await;
    let server = start_on(folder.path()).await?;
    let expected = ["0R", "1R"].map(str::to_owned);
    assert_eq!(rest(&server, "q").await?.as_deref(), Some(&expected[..]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn orderly_stop_tells_clients_why_and_a_crash_does_not() -> Result {
    for (end, told) in [(End::Stop, true), (End::Crash, false)] {
        let server = start().await?;
        let (_connection, channel) = channel(server.address()).await?;
        declare(&channel, "q", false).await?;
        let mut consumer = consume(&channel, "q", "t", 0).await?;
        end.put(server).await;
        let last = within("the end of the consumer", consumer.next()).await;
        let error = last.expect("an error").expect_err("no delivery");
        let text = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";
        assert_eq!(format!("{error:?}").contains(text), told, "{end:?}: {error:?}");
    }
    Ok(())
}
