//! Starting, refusing, watching.

use super::{Result, channel, consume, declare, publish, start, texts, within};
use dispatch_lab::broker::dispatch::{Trace, Tracing};
use dispatch_lab::broker::server::{Server, ServerConfig, StartError, User};
use lapin::{Connection, ConnectionProperties};

#[tokio::test(flavor = "multi_thread")]
async fn port_in_use_is_one_clear_sentence() -> Result {
    let first = start().await?;
    let config = ServerConfig {
        listen: first.address(),
        ..ServerConfig::default()
    };
    let error = Server::start(config).await.expect_err("the port is taken");
    assert!(matches!(error, StartError::AddressInUse(address) if address == first.address()));
    assert!(error.to_string().contains("already in use"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn port_is_free_again_after_a_crash() -> Result {
    let first = start().await?;
    let address = first.address();
    let _connected = channel(address).await?;
    first.crash().await;
    let again = Server::start(ServerConfig {
        listen: address,
        ..ServerConfig::default()
    })
    .await?;
    assert_eq!(again.address(), address);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_are_let_in_only_with_a_user_of_their_own() -> Result {
    let everywhere = "0.0.0.0:0".parse()?;
    let config = ServerConfig {
        listen: everywhere,
        ..ServerConfig::default()
    };
    let error = Server::start(config.clone()).await.expect_err("guest only");
    assert!(matches!(error, StartError::NotLoopback(_)), "{error}");
    let config = ServerConfig {
        users: vec![User::new("ann", "secret")],
        ..config
    };
    Server::start(config).await?.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_is_refused_with_rabbitmqs_words() -> Result {
    let server = start().await?;
    let url = format!("amqp://guest:wrong@{}/%2f", server.address());
    let connecting = Connection::connect(&url, ConnectionProperties::default());
    let error = within("the refusal", connecting).await.expect_err("refused");
    assert!(
        format!("{error:?}").contains("Login was refused using authentication mechanism PLAIN"),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_tell_each_dispatch_once() -> Result {
    let config = ServerConfig {
        tracing: Tracing::On,
        ..ServerConfig::default()
    };
    let mut server = Server::start(config).await?;
    let mut traces = server.take_traces().expect("tracing is on");
    assert!(server.take_traces().is_none());
    let (_connection, channel) = channel(server.address()).await?;
    declare(&channel, "q", false).await?;
    let mut consumer = consume(&channel, "q", "t", 1).await?;
    publish(&channel, "q", "job", 1).await?;
    assert_eq!(texts(&mut consumer, 1).await?, ["job"]);
    let decision = async {
        loop {
            match traces.recv().await {
                // Who came, and how.
                Some(Trace::Life(_)) => {}
                told => return told,
            }
        }
    };
    match within("a trace", decision).await {
        Some(Trace::Dispatched { consumer, message, .. }) => {
            assert_eq!((&*consumer, &*message.body), ("t", &b"job"[..]));
        }
        other => panic!("{other:?}"),
    }
    server.stop().await;
    let mut rest = 0;
    while let Some(told) = traces.recv().await {
        rest += usize::from(!matches!(told, Trace::Life(_)));
    }
    assert_eq!((rest, traces.lost()), (0, 0), "once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tracing_there_are_no_traces() -> Result {
    assert!(start().await?.take_traces().is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_server_ends_its_connections() -> Result {
    let server = start().await?;
    let (connection, _channel) = channel(server.address()).await?;
    drop(server);
    within("the connection to end", async {
        while connection.status().connected() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    Ok(())
}
