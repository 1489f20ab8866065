//! A classroom: the door of the teacher's lab, and the desk of one who joins.

use super::{HUNG_UP, OK, PANICKED, USAGE, log_to, on_a_terminal, runtime, signalled};
use crate::cli::{DoorArgs, JoinArgs, Secret};
use crate::engine::{BrokerUrl, Door, Join, JoinOptions};
use crate::lab::{AckMode, DeskOwner, Prefetch};
use crate::tui::{self, DeskSeat, Exit, ScreenError, ThemeChoice};
use anyhow::{Context, Result};
use futures_util::FutureExt;
use std::io::IsTerminal;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where a password may stand, besides files: arguments are seen by everyone on the machine.
const PASSWORD: &str = "DISPATCH_LAB_PASSWORD";

/// The door, if there is to be one.
pub(super) fn door(args: &DoorArgs) -> Result<Option<Door>> {
    let Some(listen) = args.listen else { return Ok(None) };
    let password = given_password(args.password_file.as_deref())?;
    Ok(Some(Door::new(listen, password, args.queue_name.clone())?))
}

/// From the file, else from the environment.
fn given_password(file: Option<&Path>) -> Result<Option<String>> {
    match file {
        Some(file) => first_line(file).map(Some),
        None => Ok(std::env::var(PASSWORD).ok().filter(|password| !password.is_empty())),
    }
}

/// A password: the file's first line.
pub(super) fn first_line(file: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read the password from {}", file.display()))?;
    let password = text.lines().next().unwrap_or_default();
    anyhow::ensure!(
        !password.is_empty(),
        "the first line of {} is empty; it must hold the password",
        file.display()
    );
    Ok(password.to_owned())
}

pub(super) fn join(args: &JoinArgs) -> Result<u8> {
    if !on_a_terminal() {
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let Some(url) = url(args)? else { return Ok(OK) };
    let runtime = runtime()?;
    let status = runtime.block_on(at_the_desk(args, url));
    // A worker thread that hangs in a name look-up must not keep the program.
    runtime.shutdown_timeout(Duration::from_secs(1));
    status
}

/// With the password, wherever it comes from; `None`: it was asked for, and not given.
fn url(args: &JoinArgs) -> Result<Option<BrokerUrl>> {
    let Secret(text) = &args.url;
    let url: BrokerUrl = text.parse()?;
    let given = match &args.password_file {
        Some(file) => Some(first_line(file)?),
        None if BrokerUrl::lacks_password(text) => given_password(None)?,
        None => return Ok(Some(url)),
    };
    if let Some(password) = given {
        return Ok(Some(url.with_password(password)));
    }
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "there is no password for {url} and no terminal to ask for it on: name a --password-file"
    );
    let question = format!("password for {}:", url.place());
    let password = tui::ask_password(&question).context("can't ask for the password")?;
    Ok(password.map(|password| url.with_password(password)))
}

async fn at_the_desk(args: &JoinArgs, url: BrokerUrl) -> Result<u8> {
    let (prefetch, ack) = (
        Prefetch(args.prefetch),
        if args.auto_ack {
            AckMode::Automatic
        } else {
            AckMode::Manual
        },
    );
    let owner = DeskOwner {
        name: args.name.clone(),
        place: url.place(),
        queue: args.queue.clone(),
        prefetch,
        ack,
    };
    let stop = CancellationToken::new();
    let signal = tokio::spawn(signalled(stop.clone()));
    let (client, seen) = Join::start(JoinOptions {
        url,
        name: args.name.clone(),
        queue: args.queue.clone(),
        prefetch,
        ack,
    });
    let seat = DeskSeat {
        owner,
        asks: client.asks(),
        seen,
        stop: stop.clone(),
    };
    let theme = args.theme.map_or(ThemeChoice::Auto, Into::into);
    let shown = AssertUnwindSafe(tui::join(seat, theme)).catch_unwind().await;
    stop.cancel();
    // Whatever happened to the screen, the broker hears a goodbye.
    client.leave().await;
    let signal = signal.await.unwrap_or(None);
    let status = match shown {
        // The panic has told its own story.
        Err(_) | Ok(Err(ScreenError::Panicked)) => return Ok(PANICKED),
        Ok(Err(error)) => return Err(error).context("the terminal failed"),
        Ok(Ok(Exit::LabEnded)) => anyhow::bail!("the client ended by itself; run it with --log FILE to see why"),
        Ok(Ok(Exit::TerminalClosed)) => HUNG_UP,
        Ok(Ok(Exit::Quit | Exit::Stopped | Exit::Lesson(_))) => OK,
    };
    Ok(signal.map_or(status, |number| 128 + number))
}
