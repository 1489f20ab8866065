//! Publishing, consuming, settling, confirming.

use super::{Result, channel, consume, declare, next, publish, start, text, texts, until, within};
use futures_util::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, BasicRejectOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Confirmation};

#[tokio::test(flavor = "multi_thread")]
async fn published_messages_arrive_in_order_with_their_properties() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", false).await?;
    let mut consumer = consume(&channel, "q", "t", 0).await?;
    let large = "x".repeat(100_000);
    let properties = BasicProperties::default()
        .with_content_type("text/plain".into())
        .with_priority(3);
    for body in ["small", "", &large] {
        let options = BasicPublishOptions::default();
        channel
            .basic_publish("".into(), "q".into(), options, body.as_bytes(), properties.clone())
            .await?;
    }
    for body in ["small", "", &large] {
        let delivery = next(&mut consumer).await?;
        assert!(delivery.data == body.as_bytes(), "body of {} bytes", body.len());
        assert_eq!(delivery.properties, properties);
        delivery.ack(BasicAckOptions::default()).await?;
    }
    until(&server, "q", |q| {
        (q.ready, q.unacked, q.acked, q.published) == (0, 0, 3, 3)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_worker_is_skipped_when_prefetch_is_one() -> Result {
    let server = start().await?;
    let (_one, busy_channel) = channel(server.address()).await?;
    let (_two, idle_channel) = channel(server.address()).await?;
    declare(&busy_channel, "q", false).await?;
    let mut busy = consume(&busy_channel, "q", "busy", 1).await?;
    let mut idle = consume(&idle_channel, "q", "idle", 1).await?;
    for i in 0..5 {
        publish(&busy_channel, "q", &i.to_string(), 1).await?;
    }
    assert_eq!(text(&next(&mut busy).await?), "0");
    for expected in ["1", "2", "3", "4"] {
        let delivery = next(&mut idle).await?;
        assert_eq!(text(&delivery), expected);
        delivery.ack(BasicAckOptions::default()).await?;
    }
    until(&server, "q", |q| (q.ready, q.unacked, q.acked) == (0, 1, 4)).await
}

#[derive(Clone, Copy, Debug)]
enum Settle {
    Ack,
    NackRequeue,
    NackDrop,
    RejectRequeue,
    RejectDrop,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_settle_has_its_effect() -> Result {
    let rows = [
        // What was done, whether it comes back, and the books: acked, dropped.
        (Settle::Ack, false, (1, 0)),
        (Settle::NackRequeue, true, (0, 0)),
        (Settle::NackDrop, false, (0, 1)),
        (Settle::RejectRequeue, true, (0, 0)),
        (Settle::RejectDrop, false, (0, 1)),
    ];
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    for (settle, again, books) in rows {
        let queue = format!("{settle:?}");
        declare(&channel, &queue, false).await?;
        let mut consumer = consume(&channel, &queue, &queue, 1).await?;
        publish(&channel, &queue, "job", 1).await?;
        let delivery = next(&mut consumer).await?;
        let nack = BasicNackOptions::default();
        match settle {
            Settle::Ack => delivery.ack(BasicAckOptions::default()).await?,
            Settle::NackRequeue => delivery.nack(BasicNackOptions { requeue: true, ..nack }).await?,
            Settle::NackDrop => delivery.nack(BasicNackOptions { requeue: false, ..nack }).await?,
            Settle::RejectRequeue => delivery.reject(BasicRejectOptions { requeue: true }).await?,
            Settle::RejectDrop => delivery.reject(BasicRejectOptions { requeue: false }).await?,
        };
        if again {
            assert_eq!(text(&next(&mut consumer).await?), "jobR", "{settle:?}");
        }
        let held = u64::from(again);
        until(&server, &queue, |q| {
            (q.ready, q.unacked) == (0, held) && (q.acked, q.dropped) == books
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn get_takes_one_message_and_tells_how_many_are_left() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", false).await?;
    for body in ["a", "b"] {
        publish(&channel, "q", body, 1).await?;
    }
    for (body, left) in [("a", 1), ("b", 0)] {
        let got = channel
            .basic_get("q".into(), BasicGetOptions { no_ack: true })
            .await?
            .expect("a message");
        assert_eq!((&*got.delivery.data, got.message_count), (body.as_bytes(), left));
    }
    assert!(
        channel
            .basic_get("q".into(), BasicGetOptions::default())
            .await?
            .is_none()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn publishes_are_confirmed_and_mandatory_ones_come_back() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    declare(&channel, "q", true).await?;
    for (queue, mandatory, returned) in [("q", true, false), ("nowhere", false, false), ("nowhere", true, true)] {
        let options = BasicPublishOptions {
            mandatory,
            ..BasicPublishOptions::default()
        };
        let properties = BasicProperties::default().with_delivery_mode(2);
        let confirm = channel
            .basic_publish("".into(), queue.into(), options, b"job", properties)
            .await?;
        match within("a confirm", confirm).await? {
            Confirmation::Ack(None) => assert!(!returned, "{queue} {mandatory}"),
            Confirmation::Ack(Some(message)) => {
                assert!(returned, "{queue} {mandatory}");
                assert_eq!((message.reply_code, message.reply_text.as_str()), (312, "NO_ROUTE"));
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_confirmed_messages_are_all_consumed_once_and_in_order() -> Result {
    const COUNT: usize = 5_000;
    let server = start().await?;
    let (_connection, publisher) = channel(server.address()).await?;
    let (_other, consumer_channel) = channel(server.address()).await?;
    publisher.confirm_select(ConfirmSelectOptions::default()).await?;
    declare(&publisher, "q", true).await?;
    let mut consumer = consume(&consumer_channel, "q", "t", 100).await?;
    let publishing = tokio::spawn(async move {
        let mut confirms = Vec::new();
        for i in 0..COUNT {
            let properties = BasicProperties::default().with_delivery_mode(2);
            let body = i.to_string();
            let options = BasicPublishOptions::default();
            confirms.push(
                publisher
                    .basic_publish("".into(), "q".into(), options, body.as_bytes(), properties)
                    .await?,
            );
        }
        for confirm in confirms {
            assert_eq!(confirm.await?, Confirmation::Ack(None));
        }
        lapin::Result::Ok(())
    });
    for i in 0..COUNT {
        let delivery = next(&mut consumer).await?;
        assert_eq!(text(&delivery), i.to_string());
        delivery.ack(BasicAckOptions::default()).await?;
    }
    within("all confirms", publishing).await??;
    until(&server, "q", |q| (q.ready, q.unacked, q.acked) == (0, 0, COUNT as u64)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn consumer_of_a_deleted_queue_is_cancelled() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", false).await?;
    let mut consumer = consume(&channel, "q", "t", 0).await?;
    channel
        .queue_delete("q".into(), lapin::options::QueueDeleteOptions::default())
        .await?;
    assert!(within("the end of the consumer", consumer.next()).await.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_queue_has_rabbitmqs_kind_of_name_and_works() -> Result {
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel.queue_declare("".into(), options, FieldTable::default()).await?;
    let name = queue.name().as_str();
    assert!(name.starts_with("amq.gen-"), "{name}");
    let mut consumer = consume(&channel, name, "t", 0).await?;
    publish(&channel, name, "job", 1).await?;
    assert_eq!(texts(&mut consumer, 1).await?, ["job"]);
    Ok(())
}
