use super::*;
use crate::broker::server::{Server, ServerConfig};
use std::future::Future;
use tokio::net::{TcpListener, TcpStream};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

fn url(text: &str) -> BrokerUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Something that listens on loopback and answers its only client in its own way.
async fn listening<F: Future<Output = ()> + Send + 'static>(answer: fn(TcpStream) -> F) -> BrokerUrl {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be listened on");
    let port = listener.local_addr().expect("a listener has an address").port();
    tokio::spawn(async move {
        if let Ok((stream, _)) = listener.accept().await {
            answer(stream).await;
        }
    });
    url(&format!("amqp://me:hunter2@127.0.0.1:{port}/lab"))
}

async fn refusal(url: BrokerUrl, limit: Duration) -> StartError {
    let error = probe_within(url, limit).await.expect_err("it cannot be used");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    error
}

async fn http(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
}

async fn tls_alert(mut stream: TcpStream) {
    let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 10]).await;
}

async fn hang_up(stream: TcpStream) {
    drop(stream);
}

async fn another_amqp(mut stream: TcpStream) {
    let _ = stream.write_all(b"AMQP\x03\x01\x00\x00").await;
}

async fn endless_frame(mut stream: TcpStream) {
    let _ = stream.write_all(&[1, 0, 0, 0xff, 0xff, 0xff, 0xff]).await;
}

async fn silence(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn what_is_no_broker_is_called_none() {
    for url in [
        listening(http).await,
        listening(hang_up).await,
        listening(another_amqp).await,
        listening(endless_frame).await,
    ] {
        let error = refusal(url, LONG).await;
        assert!(matches!(error, StartError::NotAmqp { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn tls_where_none_was_expected_is_named() {
    let error = refusal(listening(tls_alert).await, LONG).await;
    assert!(matches!(error, StartError::TlsExpected { .. }), "{error:?}");
    assert!(error.to_string().contains("write amqps://"), "{error}");
}

#[tokio::test]
async fn silence_is_a_time_out() {
    let error = refusal(listening(silence).await, SHORT).await;
    assert!(matches!(error, StartError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn closed_port_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be listened on");
    let port = listener.local_addr().expect("a listener has an address").port();
    drop(listener);
    let error = refusal(url(&format!("amqp://127.0.0.1:{port}")), LONG).await;
    assert_eq!(
        error,
        StartError::Refused {
            place: format!("127.0.0.1:{port}")
        }
    );
}

#[tokio::test]
async fn unknown_host_is_named() {
    // RFC 6761 reserves the name: it never has an address.
    let error = refusal(url("amqp://nowhere.invalid"), LONG).await;
    assert!(
        matches!(&error, StartError::UnknownHost { host, .. } if host == "nowhere.invalid"),
        "{error:?}"
    );
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn plain_answer_to_tls_is_a_tls_problem() {
    let plain = listening(http).await;
    let error = refusal(url(&format!("amqps://127.0.0.1:{}", plain.port())), LONG).await;
    assert!(matches!(error, StartError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn certificate_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    let with_ca = || url("amqp://127.0.0.1:1").with_ca(Some(path.clone()));
    let missing = refusal(with_ca(), LONG).await;
    assert!(
        matches!(&missing, StartError::CaFile { path: named, .. } if *named == path),
        "{missing:?}"
    );
    std::fs::write(&path, "no certificate").expect("the folder can be written to");
    assert!(
        refusal(with_ca(), LONG)
            .await
            .to_string()
            .contains("it holds no certificate")
    );
}

#[test]
fn refusals_of_the_broker_are_told_apart_by_their_code() {
    use amq_protocol::protocol::{AMQPError, AMQPHardError, AMQPSoftError};
    let url = url("amqp://me:hunter2@broker/lab");
    let text = "words of the broker";
    let of = |error: AMQPError| login_error(&url, &ErrorKind::ProtocolError(error).into()).to_string();
    let rows = [
        (
            AMQPError::new(AMQPSoftError::ACCESSREFUSED.into(), text.into()),
            "refused user \"me\"",
        ),
        (
            AMQPError::new(AMQPHardError::NOTALLOWED.into(), text.into()),
            "vhost \"lab\"",
        ),
        (AMQPError::new(AMQPHardError::RESOURCEERROR.into(), text.into()), text),
    ];
    for (error, part) in rows {
        let sentence = of(error);
        assert!(
            sentence.contains(part) && sentence.contains("broker:5672"),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}

#[test]
fn broker_is_named_by_its_own_properties() {
    let start = |properties: &[(&str, &str)]| {
        let mut start = connection::Start::default();
        for (key, value) in properties {
            start
                .server_properties
                .insert((*key).into(), AMQPValue::LongString((*value).into()));
        }
        product(&start)
    };
    assert_eq!(start(&[("product", "LavinMQ"), ("version", "2.1.0")]), "LavinMQ 2.1.0");
    let own = [
        ("product", "RabbitMQ"),
        ("version", "4.0.5"),
        ("platform", "dispatch-lab 0.1.0"),
    ];
    assert_eq!(start(&own), "dispatch-lab 0.1.0 as RabbitMQ 4.0.5");
    let rabbit = [
        ("product", "RabbitMQ"),
        ("version", "4.0.5"),
        ("platform", "Erlang/OTP 26.2.5"),
    ];
    assert_eq!(start(&rabbit), "RabbitMQ 4.0.5");
    assert_eq!(start(&[("product", "Some\x1b[2J\nbroker")]), "Some[2Jbroker");
    assert_eq!(start(&[]), "AMQP broker");
}

#[tokio::test]
async fn broker_that_can_be_used_is_told_from_one_that_refuses() {
    let server = Server::start(ServerConfig::default()).await.expect("loopback");
    let at = |userinfo: &str, vhost: &str| {
        url(&format!(
            "amqp://{userinfo}127.0.0.1:{}/{vhost}",
            server.address().port()
        ))
    };
    let found = probe(at("", "")).await.expect("it can be used");
    assert!(
        found
            .name
            .ends_with(&format!(" at 127.0.0.1:{}", server.address().port())),
        "{}",
        found.name
    );
    found.line.close().await;
    let login = refusal(at("guest:hunter2@", ""), LONG).await;
    assert!(
        matches!(&login, StartError::Login { user, .. } if user == "guest"),
        "{login:?}"
    );
    let vhost = refusal(at("", "nope"), LONG).await;
    assert!(
        matches!(&vhost, StartError::Vhost { vhost, .. } if vhost == "nope"),
        "{vhost:?}"
    );
}
