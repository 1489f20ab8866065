use super::*;
use crate::lab::{Bandwidth, Latency};
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

#[tokio::test]
async fn silence_is_told_to_nobody_and_the_peer_ends_it() {
    let (link, mut ours, mut peer) = linked().await;
    let mut mute = link.silence().expect("it is open");
    assert!(link.silence().is_none(), "it is silent already");
    ours.get_mut()
        .write_all(b"into the void")
        .await
        .expect("it is swallowed");
    peer.write_all(b"unheard").await.expect("the socket is open");
    // lapin gives up; the peer is not told.
    drop(ours);
    assert_eq!(
        peer.try_read(&mut [0; 1]).expect_err("nothing").kind(),
        io::ErrorKind::WouldBlock
    );
    drop(peer);
    timeout(SOON, mute.ended())
        .await
        .expect("the end is seen behind what was unheard");
}

#[tokio::test]
async fn dropped_silence_is_a_reset_for_the_peer() {
    let (link, _ours, mut peer) = linked().await;
    drop(link.silence());
    let result = timeout(SOON, peer.read(&mut [0; 1]))
        .await
        .expect("the peer hears of it");
    assert_eq!(
        result.expect_err("no end of file").kind(),
        io::ErrorKind::ConnectionReset
    );
}

const FAR: LineQuality = LineQuality {
    latency: Latency(20),
    bandwidth: Bandwidth(0),
};

#[tokio::test]
async fn slow_line_keeps_order_and_loses_nothing() {
    let narrow = LineQuality {
        latency: Latency(1),
        bandwidth: Bandwidth(2_000_000),
    };
    let (link, ours, peer) = linked().await;
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut read, mut write) = tokio::io::split(ours.into_inner());
    let (mut peer_read, mut peer_write) = peer.into_split();
    let sent = bytes.clone();
    let writer = tokio::spawn(async move {
        for piece in sent.chunks(70_000) {
            write.write_all(piece).await.expect("it is open");
        }
        write
    });
    let echo = tokio::spawn(async move { tokio::io::copy(&mut peer_read, &mut peer_write).await });
    let mut got = vec![0; bytes.len()];
    // The quality changes while bytes are under way, to none and back.
    let quarters = [FAR, LineQuality::default(), narrow, LineQuality::default()];
    for (part, quality) in got.chunks_mut(bytes.len() / 4).zip(quarters) {
        link.set_quality(quality);
        timeout(SOON, read.read_exact(part))
            .await
            .expect("in time")
            .expect("it is open");
    }
    assert!(got == bytes, "as it was sent");
    drop((read, writer.await.expect("no panic")));
    assert!(timeout(SOON, echo).await.is_ok(), "the end came through");
}

#[tokio::test]
async fn latency_is_added_each_way_and_taken_away_at_once() {
    let (link, mut ours, mut peer) = linked().await;
    link.set_quality(FAR);
    let start = Instant::now();
    ours.get_mut().write_all(b"ping").await.expect("open");
    peer.read_exact(&mut [0; 4]).await.expect("it comes");
    let there = start.elapsed();
    peer.write_all(b"pong").await.expect("open");
    ours.get_mut().read_exact(&mut [0; 4]).await.expect("it comes");
    assert!(there >= Duration::from_millis(20), "{there:?}");
    assert!(start.elapsed() >= Duration::from_millis(40), "{:?}", start.elapsed());
    let hours = LineQuality {
        latency: Latency(u16::MAX),
        bandwidth: Bandwidth(1),
    };
    link.set_quality(hours);
    ours.get_mut().write_all(b"ping").await.expect("there is room");
    link.set_quality(LineQuality::default());
    timeout(SOON, peer.read_exact(&mut [0; 4]))
        .await
        .expect("at once")
        .expect("open");
}

#[tokio::test]
async fn full_line_holds_back_and_end_of_peer_is_told_after_its_last_bytes() {
    let narrow = LineQuality {
        latency: Latency(0),
        bandwidth: Bandwidth(1_000),
    };
    let (link, mut ours, mut peer) = linked().await;
    link.set_quality(narrow);
    let plenty = vec![0; 100_000];
    let taken = timeout(Duration::from_millis(100), ours.get_mut().write_all(&plenty)).await;
    assert!(taken.is_err(), "no more than a second's worth is taken");
    peer.write_all(&[7; 100]).await.expect("open");
    peer.shutdown().await.expect("half closed");
    let mut all = Vec::new();
    let end = timeout(SOON, ours.get_mut().read_to_end(&mut all))
        .await
        .expect("in time");
    assert_eq!(end.expect("a clean end"), 100);
    assert_eq!(all, [7; 100]);
}
