//! Puts the parts together: arguments in, broker, engine and screen set up and taken down, exit status out.

mod class;
mod replay;

use crate::broker::server::{self, ServeError, ServeOptions, ServerConfig, StartError, Tunables, User};
use crate::cli::{BrokerArgs, Cli, Command, LabArgs, ScreenArgs, ThemeArg};
use crate::engine::{Arena, BrokerUrl, DoorError, Engine, Options, Target, UrlError};
use crate::recording::{self, Historian, RecordError, RecordingFile, Run};
use crate::tui::{self, Exit, Motion, Mouse, ScreenError, ScreenOptions, Seat, ThemeChoice, Trace};
use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use futures_util::FutureExt;
use std::io::{ErrorKind, IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// All went well.
const OK: u8 = 0;
/// Something failed; a sentence on standard error says what.
const FAILED: u8 = 1;
/// The arguments, or where the program was started, are not right.
const USAGE: u8 = 2;
/// The terminal went away, as after SIGHUP.
const HUNG_UP: u8 = 129;
/// A panic, as Rust's own runtime reports it.
const PANICKED: u8 = 101;

/// A disk that takes longer for the end of a recording hangs, and must not keep the program.
const LAST_PIECE: Duration = Duration::from_secs(5);

/// Runs what the command line asks for.
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Some(Command::Completions { shell }) => completions(shell),
        Some(Command::Broker(args)) => broker(&args),
        Some(Command::Replay(args)) => replay::replay(&args),
        Some(Command::Join(args)) => class::join(&args),
        None => lab(&cli.lab),
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        // Whoever closed the terminal took standard error along; that is no reason to panic.
        let _ = writeln!(std::io::stderr(), "dispatch-lab: {error:#}");
        if is_usage(&error) { USAGE } else { FAILED }
    }))
}

/// Whether the arguments could never have worked, wherever they were given.
fn is_usage(error: &anyhow::Error) -> bool {
    let not_loopback = |e: &ServeError| matches!(e, ServeError::Start(StartError::NotLoopback(_)));
    let exists = |e: &RecordError| matches!(e, RecordError::Exists(_));
    error.is::<UrlError>()
        || error.is::<DoorError>()
        || error.downcast_ref().is_some_and(not_loopback)
        || error.downcast_ref().is_some_and(exists)
}

fn completions(shell: Shell) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "dispatch-lab", &mut script);
    match std::io::stdout().write_all(&script) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(OK),
        written => written.map(|()| OK).context("can't write the completions"),
    }
}

fn broker(args: &BrokerArgs) -> Result<u8> {
    log_to(args.log.as_deref())?;
    runtime()?.block_on(server::serve(serve_options(args)?))?;
    Ok(OK)
}

fn serve_options(args: &BrokerArgs) -> Result<ServeOptions> {
    let mut users = Vec::new();
    for given in &args.user {
        users.push(user(&given.name, &given.password_file)?);
    }
    if users.is_empty() {
        users.push(User::guest());
    }
    let mut tunables = Tunables::of(args.like.into());
    if let Some(millis) = args.consumer_timeout {
        tunables.consumer_timeout = Some(Duration::from_millis(millis)).filter(|timeout| !timeout.is_zero());
    }
    if let Some(bytes) = args.memory_limit {
        tunables.memory_limit = bytes;
    }
    let config = ServerConfig {
        listen: args.listen,
        users,
        vhosts: std::iter::once("/")
            .chain(args.vhost.iter().map(String::as_str))
            .map(str::to_owned)
            .collect(),
        like: args.like.into(),
        data: args.data.clone(),
        frame_max: args.frame_max,
        heartbeat_s: args.heartbeat,
        channel_max: args.max_channels,
        max_connections: args.max_connections,
        max_message_size: args.max_message_size,
        tunables,
        ..ServerConfig::default()
    };
    Ok(ServeOptions {
        config,
        tunables: args.tunables.clone(),
    })
}

/// A user whose password is the file's first line.
fn user(name: &str, file: &Path) -> Result<User> {
    Ok(User::new(name, class::first_line(file)?))
}

fn lab(args: &LabArgs) -> Result<u8> {
    if !on_a_terminal() {
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let runtime = runtime()?;
    let status = runtime.block_on(lab_on_screen(args));
    // A worker thread that hangs in a name look-up must not keep the program.
    runtime.shutdown_timeout(Duration::from_secs(1));
    status
}

/// Whether there is a terminal to draw on; if not, it is told.
fn on_a_terminal() -> bool {
    let terminal = std::io::stdout().is_terminal();
    if !terminal {
        eprintln!(
            "dispatch-lab: standard output is not a terminal, and the lab is drawn on one; run it in a terminal, or run \
             `dispatch-lab broker` for the broker alone, `dispatch-lab --help` for all else"
        );
    }
    terminal
}

async fn lab_on_screen(args: &LabArgs) -> Result<u8> {
    let target = match &args.url {
        Some(url) => Target::Url(url.0.parse::<BrokerUrl>()?.with_ca(args.tls_ca.clone())),
        None => class::door(&args.door)?.map_or(Target::Embedded, Target::Room),
    };
    if let Target::Url(url) = &target {
        eprintln!("connecting to {url} …");
    }
    let file = args.record.as_deref().map(RecordingFile::create).transpose()?;
    // Before the engine: from its start on there is something on the broker to take away again.
    let stop = CancellationToken::new();
    let signal = tokio::spawn(signalled(stop.clone()));
    let (settings, version) = (args.settings(), args.version());
    let (teller, events) = recording::told();
    let grounds = target.clone();
    let options = Options {
        target,
        settings,
        version,
    };
    let engine = match Engine::start_recorded(options, teller).await {
        Ok(engine) => engine,
        Err(error) => {
            file.into_iter().for_each(RecordingFile::discard);
            return Err(error.into());
        }
    };
    let run = Run {
        beginning: engine.beginning(),
        events,
        present: engine.snapshots(),
    };
    let historian = Historian::of_run(run, file);
    let arena = Arena::open(grounds);
    let seat = Seat::bare(engine.commands(), engine.snapshots(), stop.clone())
        .with_history(historian.gaze(), historian.sights())
        .with_contests(arena.orders(), arena.contests())
        .with_frames(engine.tap(), engine.frames())
        .with_broker_url(engine.url_for_programs())
        .with_join_line(engine.join_line());
    let shown = show(seat, args.screen).await;
    stop.cancel();
    // Whatever happened to the screen, the lab leaves nothing on the broker.
    let (compared, ran) = tokio::join!(arena.close(), engine.shutdown());
    let left = compared.and(ran);
    let kept = timeout(LAST_PIECE, historian.end()).await;
    let signal = signal.await.unwrap_or(None);
    let status = match shown? {
        PANICKED => return Ok(PANICKED),
        status => status,
    };
    left?;
    kept.unwrap_or(Err(RecordError::Hangs(LAST_PIECE)))?;
    Ok(signal.map_or(status, |number| 128 + number))
}

/// The screen, until it ends.
async fn show(seat: Seat, args: ScreenArgs) -> Result<u8> {
    let options = ScreenOptions {
        theme: args.theme.map_or(ThemeChoice::Auto, Into::into),
        mouse: if args.no_mouse { Mouse::Free } else { Mouse::Captured },
        motion: if args.room.no_motion {
            Motion::Still
        } else {
            Motion::Shown
        },
        trace: if args.room.no_echo { Trace::Hidden } else { Trace::Shown },
    };
    match AssertUnwindSafe(tui::run(seat, options)).catch_unwind().await {
        // The panic has told its own story.
        Err(_) | Ok(Err(ScreenError::Panicked)) => Ok(PANICKED),
        Ok(Err(error)) => Err(error).context("the terminal failed"),
        Ok(Ok(Exit::LabEnded)) => anyhow::bail!("the lab ended by itself; run it with --log FILE to see why"),
        Ok(Ok(Exit::TerminalClosed)) => Ok(HUNG_UP),
        Ok(Ok(Exit::Quit | Exit::Stopped)) => Ok(OK),
    }
}

impl From<ThemeArg> for ThemeChoice {
    fn from(arg: ThemeArg) -> Self {
        match arg {
            ThemeArg::Dark => Self::Dark,
            ThemeArg::Light => Self::Light,
            ThemeArg::Contrast => Self::Contrast,
        }
    }
}

/// Waits for a signal that ends the program, or for its end by other means; cancels `stop` and tells the signal's number.
async fn signalled(stop: CancellationToken) -> Option<u8> {
    let number = tokio::select! {
        number = ending_signal() => Some(number),
        () = stop.cancelled() => None,
    };
    stop.cancel();
    number
}

#[cfg(unix)]
async fn ending_signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut signals) => drop(signals.recv().await),
            // Without a handler the signal ends the program by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = wait(SignalKind::hangup()) => 1,
        () = wait(SignalKind::interrupt()) => 2,
        () = wait(SignalKind::quit()) => 3,
        () = wait(SignalKind::terminate()) => 15,
    }
}

#[cfg(not(unix))]
async fn ending_signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 2,
        Err(_) => std::future::pending().await,
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start the runtime's threads")
}

fn log_to(file: Option<&Path>) -> Result<()> {
    let Some(path) = file else { return Ok(()) };
    let file = std::fs::File::create(path).with_context(|| format!("can't write the log to {}", path.display()))?;
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(std::sync::Mutex::new(file))
        .init();
    Ok(())
}
