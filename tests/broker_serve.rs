//! The broker as a program of its own: its first line, its end, its errors.
#![cfg(unix)]

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
