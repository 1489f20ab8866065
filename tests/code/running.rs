//! A program on its way, with what it prints. Dropped, it is killed.

use crate::broker::PATIENCE;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use tokio::sync::mpsc;

/// Lines read and not looked at yet; when it is full, the program waits.
const LINES: usize = 64;

pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    errors: mpsc::Receiver<String>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = read(child.stdout.take().expect("it is piped"));
        let errors = read(child.stderr.take().expect("it is piped"));
        Self { child, lines, errors }
    }

    /// The next line; an empty one at the end.
    pub(crate) async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv())
            .await
            .expect("a line in time");
        line.unwrap_or_default()
    }

    /// Its exit status, and what it said on standard error.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let all = async {
            while let Some(line) = self.errors.recv().await {
                said.push_str(&line);
                said.push('\n');
            }
            while self.lines.recv().await.is_some() {}
        };
        tokio::time::timeout(PATIENCE, all).await.expect("it ends in time");
        let status = self.child.wait().expect("it can be waited for");
        (status.code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (lines, inlet) = mpsc::channel(LINES);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    inlet
}
