//! Arguments in, exit status out.

use dispatch_lab::broker::server::{User, serve};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dispatch-lab: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    anyhow::ensure!(
        arguments.first().is_some_and(|first| first == "broker"),
        "usage: dispatch-lab broker [--listen ADDR:PORT] [--user NAME --password-file FILE]"
    );
    let option = |name: &str| {
        arguments
            .iter()
            .position(|a| a == name)
            .and_then(|i| arguments.get(i + 1))
    };
    let listen = option("--listen").map_or("127.0.0.1:5672", String::as_str).parse()?;
    let users = match (option("--user"), option("--password-file")) {
        (Some(name), Some(file)) => vec![User::new(name, std::fs::read_to_string(file)?.trim_end())],
        _ => Vec::new(),
    };
    Ok(serve(listen, users).await?)
}
