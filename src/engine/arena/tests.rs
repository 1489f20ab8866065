use super::*;
use crate::lab::Preset;
use tokio::net::TcpListener;

/// Less than one step of a connection may take, and more than a broker that answers is given.
const SOON: Duration = Duration::from_secs(6);

#[tokio::test]
async fn closing_does_not_wait_for_a_broker_that_answers_nobody() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let port = deaf.local_addr().expect("it is bound").port();
    let url = format!("amqp://127.0.0.1:{port}").parse().expect("a URL");
    let arena = Arena::open(Target::Url(url));
    let order = ContestOrder::Begin(Box::new(Preset::FairDispatch.plan()));
    arena.orders().send(order).await.expect("it is open");
    let mute = deaf.accept().await.expect("it is asked");
    let left = timeout(SOON, arena.close()).await.expect("it gives up soon");
    let left = left.expect_err("nobody knows what is there");
    assert!(
        left.to_string().contains("the queues of the comparison may be left"),
        "{left}"
    );
    drop(mute);
}
