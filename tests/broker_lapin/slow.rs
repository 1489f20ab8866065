//! A client that does not read its socket.

use super::{Result, channel, consume_automatically, declare, publish, start, until, within};
use amq_protocol::frame::{AMQPFrame, gen_frame};
use amq_protocol::protocol::{AMQPClass, basic, channel, connection};
use futures_util::StreamExt;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

fn frame(channel: u16, method: AMQPClass) -> Vec<u8> {
    let frame = AMQPFrame::Method(channel, method);
    gen_frame(&frame)(Vec::new().into())
        .expect("writing to memory")
        .into_inner()
        .0
}

/// Consumes with automatic ack and never reads. All it says is sent at once.
async fn deaf_consumer(broker: SocketAddr, queue: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(64 * 1024)?;
    let mut stream = socket.connect(broker).await?;
    let own = |method| frame(0, AMQPClass::Connection(method));
    let start_ok = connection::AMQPMethod::StartOk(connection::StartOk {
        mechanism: "PLAIN".into(),
        response: "\0guest\0guest".into(),
        locale: "en_US".into(),
        ..connection::StartOk::default()
    });
    let tune_ok = connection::AMQPMethod::TuneOk(connection::TuneOk {
        channel_max: 1,
        frame_max: 8192,
        heartbeat: 0,
    });
    let open = connection::AMQPMethod::Open(connection::Open {
        virtual_host: "/".into(),
    });
    let consume = basic::AMQPMethod::Consume(basic::Consume {
        queue: queue.into(),
        no_ack: true,
        ..basic::Consume::default()
    });
    let open_channel = channel::AMQPMethod::Open(channel::Open {});
    let all = [
        b"AMQP\x00\x00\x09\x01".to_vec(),
        own(start_ok),
        own(tune_ok),
        own(open),
        frame(1, AMQPClass::Channel(open_channel)),
        frame(1, AMQPClass::Basic(consume)),
    ];
    stream.write_all(&all.concat()).await?;
    Ok(stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_does_not_read_is_skipped_and_others_get_the_rest() -> Result {
    const COUNT: u64 = 20_000;
    // The deaf client's share is what the system's socket buffers hold, and 200 more.
    const READ_AT_LEAST: usize = 8_000;
    let server = start().await?;
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", false).await?;
    let _deaf = deaf_consumer(server.address(), "q").await?;
    until(&server, "q", |q| q.consumers == 1).await?;
    let mut hearing = consume_automatically(&channel, "q").await?;
    let body = "x".repeat(1000);
    let publishing = async {
        for _ in 0..COUNT {
            publish(&channel, "q", &body, 1).await?;
        }
        Result::Ok(())
    };
    let hearing = async {
        for _ in 0..READ_AT_LEAST {
            within("a delivery", hearing.next())
                .await
                .expect("a consumer that lives")?;
        }
        Result::Ok(())
    };
    tokio::try_join!(publishing, hearing)?;
    until(&server, "q", |q| (q.ready, q.acked) == (0, COUNT)).await
}
