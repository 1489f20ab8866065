//! What is declared is deleted.

use super::*;
use crate::broker::server::{Server, ServerConfig};
use crate::engine::target::BrokerUrl;
use crate::lab::{Settings, Sharing, Speed};
use lapin::tcp::OwnedTLSConfig;

fn topology(server: &Server, settings: &Settings) -> Topology {
    let url = BrokerUrl::loopback(server.address().port());
    let access = Access::new(url, OwnedTLSConfig::default());
    Topology::new(access, Run::random(), Owner::Others, Layout::of(settings))
}

fn each(workers: usize, queue: QueueKind) -> Settings {
    Settings {
        speeds: vec![Speed(1000); workers],
        sharing: Sharing::QueueEach,
        queue,
        ..Settings::default()
    }
}

/// The queues and the exchange of the lab that are there.
async fn there(topology: &Topology) -> Vec<String> {
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let mut found = Vec::new();
    for name in topology.all() {
        let (line, channel) = topology.access.open_with_channel("test").await.expect("it listens");
        let asked = channel.queue_declare(name.as_str().into(), passive, FieldTable::default());
        if asked.await.is_ok() {
            found.push(name);
        }
        line.close().await;
    }
    if let Some(name) = topology.fanout() {
        let (line, channel) = topology.access.open_with_channel("test").await.expect("it listens");
        let passive = ExchangeDeclareOptions {
            passive: true,
            ..ExchangeDeclareOptions::default()
        };
        let asked = channel.exchange_declare(
            name.as_str().into(),
            ExchangeKind::Fanout,
            passive,
            FieldTable::default(),
        );
        if asked.await.is_ok() {
            found.push(name);
        }
        line.close().await;
    }
    found
}

#[tokio::test]
async fn a_farewell_takes_all_queues_and_the_exchange_away() {
    let server = Server::start(ServerConfig::default()).await.expect("loopback");
    let topology = topology(&server, &each(64, QueueKind::Durable));
    topology.ensure(QueueKind::Durable).await.expect("it is allowed");
    assert_eq!(there(&topology).await.len(), 66);
    topology.delete_all().await.expect("they can be deleted");
    assert_eq!(there(&topology).await, Vec::<String>::new());
}
