//! The broker as a program of its own: its first line, its end, its errors.
#![cfg(unix)]

use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

type Result<T = ()> = anyhow::Result<T>;

/// A running broker; killed if a test fails before it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn broker(listen: &str) -> Result<Running> {
    broker_with(listen, &[])
}

fn broker_with(listen: &str, more: &[&str]) -> Result<Running> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dispatch-lab"));
    command.args(["broker", "--listen", listen]).args(more);
    Ok(Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?))
}

/// The address in the first line.
fn address(running: &mut Running) -> Result<String> {
    let out = running.0.stdout.as_mut().expect("piped");
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim_end().strip_prefix("listening on ");
    Ok(address.expect("the first line says where it listens").to_owned())
}

#[test]
fn signals_end_it_in_good_order() -> Result {
    for signal in ["-TERM", "-INT"] {
        let mut running = broker("127.0.0.1:0")?;
        let address = address(&mut running)?;
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        let sent = Command::new("kill")
            .args([signal, &running.0.id().to_string()])
            .status()?;
        assert!(sent.success());
        assert_eq!(running.0.wait()?.code(), Some(0), "{signal}");
    }
    Ok(())
}

/// A broker on this folder, and a channel of a client.
async fn broker_and_channel(data: &str) -> Result<(Running, lapin::Connection, lapin::Channel)> {
    let mut running = broker_with("127.0.0.1:0", &["--data", data])?;
    let url = format!("amqp://guest:guest@{}/%2f", address(&mut running)?);
    let connection = lapin::Connection::connect(&url, lapin::ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    Ok((running, connection, channel))
}

fn terminate(mut running: Running) -> Result {
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status()?.success());
    assert_eq!(running.0.wait()?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn broker_that_can_not_say_where_it_listens_stops_in_good_order() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_string_lossy();
    let (running, _connection, channel) = broker_and_channel(&data).await?;
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare("q".into(), durable, FieldTable::default())
        .await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let persistent = lapin::BasicProperties::default().with_delivery_mode(2);
    let published = channel.basic_publish("".into(), "q".into(), BasicPublishOptions::default(), b"", persistent);
    published.await?.await?;
    terminate(running)?;
    let (nobody, output) = std::io::pipe()?;
    drop(nobody);
    let mut command = Command::new(env!("CARGO_BIN_EXE_dispatch-lab"));
    command.args(["broker", "--listen", "127.0.0.1:0", "--data", &data]);
    let mut mute = Running(command.stdout(output).stderr(Stdio::piped()).spawn()?);
    assert_eq!(mute.0.wait()?.code(), Some(1));
    let mut told = String::new();
    mute.0.stderr.as_mut().expect("piped").read_to_string(&mut told)?;
    assert!(told.contains("cannot write to standard output"), "{told}");
    let (running, _connection, channel) = broker_and_channel(&data).await?;
    let got = channel
        .basic_get("q".into(), BasicGetOptions::default())
        .await?
        .expect("it is there");
    assert!(!got.delivery.redelivered, "that run counts as a crash");
    terminate(running)
}

#[test]
fn what_it_can_not_do_is_told_in_one_sentence() -> Result {
    let mut first = broker("127.0.0.1:0")?;
    let taken = address(&mut first)?;
    for (listen, words) in [(&*taken, "already in use"), ("0.0.0.0:0", "--user NAME:PASSWORD-FILE")] {
        let mut second = broker(listen)?;
        assert_ne!(second.0.wait()?.code(), Some(0), "{listen}");
        let mut told = String::new();
        second.0.stderr.as_mut().expect("piped").read_to_string(&mut told)?;
        assert!(told.contains(words) && told.lines().count() == 1, "{told}");
    }
    Ok(())
}

#[test]
fn system_is_quoted_once() -> Result {
    for more in [["--data", "/dev/null"], ["--tunables", "/no/such/file"]] {
        let mut running = broker_with("127.0.0.1:0", &more)?;
        assert_eq!(running.0.wait()?.code(), Some(1), "{more:?}");
        let mut told = String::new();
        running.0.stderr.as_mut().expect("piped").read_to_string(&mut told)?;
        assert_eq!(told.matches("os error").count(), 1, "{told}");
    }
    Ok(())
}

/// A broker on this folder that does not start says why, in one sentence, with exit status 1.
fn refused(folder: &Path, words: &str) -> Result {
    let folder = folder.to_string_lossy();
    let mut running = broker_with("127.0.0.1:0", &["--data", &folder])?;
    assert_eq!(running.0.wait()?.code(), Some(1), "{words}");
    let mut told = String::new();
    running.0.stderr.as_mut().expect("piped").read_to_string(&mut told)?;
    assert!(
        told.contains(words) && told.contains(&*folder) && told.lines().count() == 1,
        "{told}"
    );
    Ok(())
}

#[test]
fn folder_that_can_not_be_used_is_told_in_one_sentence() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut first = broker_with("127.0.0.1:0", &["--data", &data.to_string_lossy()])?;
    address(&mut first)?;
    refused(&data, "in use by another broker")?;
    refused(folder.path(), "holds data, which is no broker's data")?;
    // Its lock goes with it, even so.
    first.0.kill()?;
    first.0.wait()?;
    address(&mut broker_with("127.0.0.1:0", &["--data", &data.to_string_lossy()])?)?;
    std::fs::write(data.join("fence"), "nonsense")?;
    refused(&data, "is damaged")
}
