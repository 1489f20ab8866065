use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

/// A link to a plain TCP peer: link, lapin's end, the peer's end.
async fn linked() -> (Link, Compat<LinkStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be listened on");
    let link = Link::default();
    let reactor = LinkReactor { link: link.clone() };
    let address = listener.local_addr().expect("a listener has an address");
    let (ours, peer) = tokio::join!(reactor.tcp_connect_addr(address), listener.accept());
    (
        link,
        ours.expect("loopback can be connected to"),
        peer.expect("accept").0,
    )
}

#[tokio::test]
async fn bytes_pass_both_ways_until_the_link_is_cut() {
    let (link, mut ours, mut peer) = linked().await;
    let mut got = [0; 4];
    ours.get_mut().write_all(b"ping").await.expect("the link is open");
    peer.read_exact(&mut got).await.expect("the peer reads");
    assert_eq!(&got, b"ping");
    peer.write_all(b"pong").await.expect("the peer writes");
    ours.get_mut().read_exact(&mut got).await.expect("the link is open");
    assert_eq!(&got, b"pong");
    link.reset();
    let error = ours.get_mut().write_all(b"more").await.expect_err("the link is cut");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn reset_is_a_reset_for_the_peer_and_not_an_end_of_file() {
    let (link, _ours, mut peer) = linked().await;
    link.reset();
    let mut buf = [0; 1];
    let result = timeout(SOON, peer.read(&mut buf)).await.expect("the peer hears of it");
    assert_eq!(
        result.expect_err("no end of file").kind(),
        io::ErrorKind::ConnectionReset
    );
    assert!(!link.is_open());
}

#[tokio::test]
async fn reset_wakes_a_reader_that_waits() {
    let (link, mut ours, _peer) = linked().await;
    let waiting = tokio::spawn(async move { ours.get_mut().read_u8().await });
    // The reader must be waiting for the cut to wake it; its waker is what the link keeps of it.
    timeout(SOON, async {
        while link.lock().reader.is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the reader waits");
    link.reset();
    let result = timeout(SOON, waiting)
        .await
        .expect("it was woken")
        .expect("it did not panic");
    assert_eq!(result.expect_err("cut").kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_socket_though_the_link_lives_on() {
    let (link, ours, mut peer) = linked().await;
    drop(ours);
    let mut buf = [0; 1];
    let read = timeout(SOON, peer.read(&mut buf)).await.expect("the peer hears of it");
    assert_eq!(read.expect("a clean end"), 0);
    assert!(!link.is_open());
    link.reset();
}

#[tokio::test]
async fn a_cut_link_connects_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be listened on");
    let link = Link::default();
    link.reset();
    let address = listener.local_addr().expect("a listener has an address");
    assert!(LinkReactor { link }.tcp_connect_addr(address).await.is_err());
}
