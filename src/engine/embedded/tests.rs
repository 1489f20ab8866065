use super::*;
use crate::broker::dispatch::{ChannelId, Charge, ConnectionId, DeliveryTag, Failures, Persistence, RequeueCause};
use crate::engine::bench::SOON;
use crate::engine::line::Access;
use crate::engine::mark::Run;
use crate::engine::target::BrokerUrl;
use crate::engine::topology::Owner;
use crate::lab::{Delivery, Job};
use lapin::tcp::OwnedTLSConfig;
use tokio::time::timeout;

#[test]
fn consumer_tag_names_its_worker() {
    let rows = [
        ("W2.7", Some(WorkerId(2))),
        ("W64.1", Some(WorkerId(64))),
        ("W2", None),
        ("W.1", None),
        ("W2.x", None),
        ("amq.ctag-W2.1", None),
        ("", None),
    ];
    for (tag, want) in rows {
        assert_eq!(worker(tag), want, "{tag}");
    }
}

/// The next thing the broker's task tells, its new window aside.
async fn told(reports: &mut mpsc::Receiver<Report>) -> Seen {
    loop {
        match timeout(SOON, reports.recv()).await.expect("a report in time") {
            Some(Report::Seen(seen)) => return seen,
            Some(Report::Window(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn broker_that_could_not_be_started_says_so_and_can_be_started_later() {
    // The queues are declared on another broker, so that declaring can fail where the start itself succeeds.
    let Started {
        server: elsewhere,
        config,
        folder: _folder,
    } = start(Version::default(), None).await.expect("loopback");
    let place = elsewhere.address();
    let access = Access::new(BrokerUrl::loopback(place.port()), OwnedTLSConfig::default());
    let topology = Topology::new(
        access,
        Run::random(),
        Owner::Lab,
        super::super::topology::Layout::of(&crate::lab::Settings::default()),
    );
    topology.ensure(QueueKind::Durable).await.expect("declared");
    let started = start(Version::default(), None).await.expect("loopback");
    let address = started.server.address();
    let (outlet, mut reports) = mpsc::channel(16);
    let marks = Marks::new(Run::random());
    let broker = Embedded::new(started, topology, marks, outlet, Arc::default());
    let (orders, inlet) = mpsc::channel(16);
    let cancel = CancellationToken::new();
    let task = tokio::spawn(broker.run(inlet, cancel.clone()));
    let give = async |order| orders.send(Order::Do(order)).await.expect("the task runs");

    give(BrokerCommand::Kill).await;
    assert!(matches!(told(&mut reports).await, Seen::BrokerDown(_)));
    let squatter = std::net::TcpListener::bind(address).expect("the port is free");
    give(BrokerCommand::Start).await;
    let seen = told(&mut reports).await;
    assert!(
        matches!(&seen, Seen::BrokerStartFailed(why) if why.contains("already in use")),
        "{seen:?}"
    );
    drop(squatter);

    elsewhere.stop().await;
    give(BrokerCommand::Start).await;
    let seen = told(&mut reports).await;
    assert!(
        matches!(&seen, Seen::BrokerStartFailed(why) if why.contains("nothing listens")),
        "{seen:?}"
    );
    let _elsewhere = Server::start(config).await.expect("the port is free");
    give(BrokerCommand::Start).await;
    assert_eq!(told(&mut reports).await, Seen::BrokerUp(Survivors::Known(Vec::new())));
    cancel.cancel();
    task.await.expect("no panic");
}

#[tokio::test]
async fn queue_that_the_broker_refused_is_asked_for_again_when_it_is_back() {
    let started = start(Version::default(), None).await.expect("loopback");
    let access = Access::new(
        BrokerUrl::loopback(started.server.address().port()),
        OwnedTLSConfig::default(),
    );
    let topology = Topology::new(
        access,
        Run::random(),
        Owner::Lab,
        super::super::topology::Layout::of(&crate::lab::Settings::default()),
    );
    topology.ensure(QueueKind::Durable).await.expect("declared");
    topology.refuse(QueueKind::Transient, "not in this version").await;
    assert!(matches!(
        topology.ensure(QueueKind::Transient).await,
        Err(Trouble::Refused(_))
    ));
    let counts = topology.declare_again().await.expect("the broker answers");
    assert_eq!(counts, [Some(0), Some(0)], "nobody consumes, and nothing is there");
    topology.ensure(QueueKind::Transient).await.expect("it is there now");
}

/// A message as a client would put it on the wire: correlation id, message id, app id.
fn message(marks: &Marks, id: &str) -> Arc<Message> {
    let job = Job {
        id: JobId(1),
        word: "maple",
        dots: 1,
    };
    let properties = marks.properties(&job, Delivery::Persistent);
    let round = properties.correlation_id().as_ref().expect("jobs carry it").as_str();
    let mut bytes = (1_u16 << 10 | 1 << 7 | 1 << 3).to_be_bytes().to_vec();
    for text in [round, id, "dispatch-lab"] {
        bytes.push(u8::try_from(text.len()).expect("short"));
        bytes.extend_from_slice(text.as_bytes());
    }
    Arc::new(Message {
        exchange: "".into(),
        routing_key: "".into(),
        properties: bytes.into(),
        body: Arc::from(*b"maple."),
        persistence: Persistence::Persistent,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures::default(),
        charge: Charge::default(),
    })
}

fn handed_to(consumer: &str, message: Arc<Message>, passed_over: Vec<(Arc<str>, Blocked)>) -> Trace {
    Trace::Dispatched {
        queue: "a queue".into(),
        channel: CHANNEL,
        consumer: consumer.into(),
        tag: DeliveryTag(1),
        ack: BrokerAck::Manual,
        redelivered: false,
        message,
        passed_over,
    }
}

const CHANNEL: ChannelId = ChannelId {
    connection: ConnectionId(1),
    number: 1,
};

#[test]
fn decision_is_told_with_job_worker_and_who_was_passed_over() {
    let marks = Marks::new(Run::random());
    let passed_over = vec![
        ("W1.4".into(), Blocked::Prefetch(3)),
        ("stranger".into(), Blocked::Prefetch(1)),
        ("W2.1".into(), Blocked::Unsent),
    ];
    let seen = dispatched_to(
        &anywhere(),
        &marks,
        &handed_to("W3.1", message(&marks, "42"), passed_over),
    );
    let want = Dispatched {
        job: JobId(42),
        to: Some(WorkerId(3)),
        ack: AckMode::Manual,
        passed_over: vec![(WorkerId(1), NoRoom::Full(3)), (WorkerId(2), NoRoom::Unsent)],
    };
    assert_eq!(seen, Some(want));
}

#[test]
fn job_that_a_stranger_got_is_told_as_such() {
    let marks = Marks::new(Run::random());
    let seen = dispatched_to(
        &anywhere(),
        &marks,
        &handed_to("stranger", message(&marks, "7"), Vec::new()),
    );
    assert!(
        matches!(
            seen,
            Some(Dispatched {
                job: JobId(7),
                to: None,
                ..
            })
        ),
        "{seen:?}"
    );
}

#[test]
fn what_is_not_of_this_run_is_not_told() {
    let (ours, other) = (Marks::new(Run::random()), Marks::new(Run::random()));
    let requeued = Trace::Requeued {
        queue: "a queue".into(),
        channel: CHANNEL,
        messages: vec![message(&ours, "1")],
        why: RequeueCause::ConnectionLost,
    };
    let rows = [
        handed_to("W1.1", message(&other, "1"), Vec::new()),
        handed_to("W1.1", message(&ours, "one"), Vec::new()),
        requeued,
    ];
    for trace in rows {
        assert_eq!(dispatched_to(&anywhere(), &ours, &trace), None, "{trace:?}");
    }
}

#[test]
fn figures_are_exact_and_a_missing_queue_holds_nothing() {
    let access = Access::new(BrokerUrl::loopback(1), OwnedTLSConfig::default());
    let topology = Topology::new(
        access,
        Run::random(),
        Owner::Lab,
        super::super::topology::Layout::of(&crate::lab::Settings::default()),
    );
    let durable = QueueTotals {
        name: topology.name(QueueKind::Durable).into(),
        ready: 3,
        unacked: 2,
        consumers: 1,
        published: 9,
        acked: 4,
        dropped: 0,
    };
    let queue = |ready, unacked, consumers| QueueSays {
        ready: Figure::Exact(ready),
        unacked: Figure::Exact(unacked),
        consumers: Figure::Exact(consumers),
    };
    let want = BrokerSays {
        durable: queue(3, 2, 1),
        transient: queue(0, 0, 0),
    };
    assert_eq!(says(&topology, &[durable]), want);
}

fn anywhere() -> Topology {
    let access = Access::new(BrokerUrl::loopback(1), OwnedTLSConfig::default());
    let layout = super::super::topology::Layout::of(&crate::lab::Settings::default());
    Topology::new(access, Run::random(), Owner::Lab, layout)
}
