//! Quorum queues over the wire: delivery counts, automatic acks that are settled by the broker's own turn, restarts.

use super::{Result, channel, connect, consume, next, publish, start, start_on, text, texts, until, within};
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Consumer};

/// As the work queue tutorial declares it.
async fn declare(channel: &Channel, queue: &str) -> Result {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare(queue.into(), options, arguments).await?;
    Ok(())
}

async fn load(channel: &Channel, queue: &str, count: usize) -> Result {
    declare(channel, queue).await?;
    for body in 0..count {
        publish(channel, queue, &body.to_string(), 1).await?;
    }
    Ok(())
}

/// The header that tells how often a message came back.
fn delivery_count(delivery: &Delivery) -> Option<i64> {
    let headers = delivery.properties.headers().as_ref()?;
    headers.inner().get("x-delivery-count")?.as_long_long_int()
}

/// Text and delivery count of the next deliveries.
async fn counted(consumer: &mut Consumer, count: usize) -> Result<Vec<(String, Option<i64>)>> {
    let mut seen = Vec::new();
    for _ in 0..count {
        let delivery = next(consumer).await?;
        seen.push((text(&delivery), delivery_count(&delivery)));
    }
    Ok(seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn redeliveries_are_counted_and_go_first() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    load(&channel, "q", 3).await?;
    for life in 0..3 {
        let victim = connect(server.address()).await?;
        let its = victim.create_channel().await?;
        let mut consumer = consume(&its, "q", "victim", 1).await?;
        let flag = if life == 0 { "" } else { "R" };
        let expected = (format!("0{flag}"), (life > 0).then_some(life));
        assert_eq!(counted(&mut consumer, 1).await?, [expected]);
        until(&server, "q", |q| q.unacked == 1).await?;
        victim.close(200, "bye".into()).await?;
        until(&server, "q", |q| (q.ready, q.consumers) == (3, 0)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn automatic_acks_bring_the_whole_backlog_whatever_the_prefetch() -> Result {
    for prefetch in [1, 2, 7] {
        let server = start().await?;
        let (_connection, channel) = channel(server.address()).await?;
        load(&channel, "q", 20).await?;
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions {
            no_ack: true,
            ..BasicConsumeOptions::default()
        };
        let mut consumer = channel
            .basic_consume("q".into(), "c".into(), options, FieldTable::default())
            .await?;
        let expected: Vec<String> = (0..20).map(|body| body.to_string()).collect();
        assert_eq!(texts(&mut consumer, 20).await?, expected, "prefetch {prefetch}");
        until(&server, "q", |q| (q.ready, q.acked) == (0, 20)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_keeps_transient_messages_and_counts_what_was_held() -> Result {
    let folder = tempfile::tempdir()?;
    let server = start_on(folder.path()).await?;
    let (_connection, channel) = channel(server.address()).await?;
    load(&channel, "q", 3).await?;
    let mut consumer = consume(&channel, "q", "c", 2).await?;
    assert_eq!(texts(&mut consumer, 2).await?, ["0", "1"]);
    // Its answer says that what came before is stored too.
    declare(&channel, "later").await?;
    within("a crash", server.crash()).await;
    let server = start_on(folder.path()).await?;
    let (_connection, channel) = super::channel(server.address()).await?;
    let mut consumer = consume(&channel, "q", "c", 0).await?;
    let expected = [("0R", Some(1)), ("1R", Some(1)), ("2", None)];
    let expected = expected.map(|(text, count)| (text.to_owned(), count));
    assert_eq!(counted(&mut consumer, 3).await?, expected);
    Ok(())
}
