//! Puts the parts together: arguments in, broker, engine and screen set up and taken down, exit status out.

mod check;
mod class;
mod forecast;
mod lesson;
mod lessons;
mod person;
mod progress;
mod replay;
mod report;
mod scenario;
mod sweep;
mod template;

use crate::broker::server::{self, ServeError, ServeOptions, ServerConfig, StartError, Tunables, User};
use crate::cli::{BrokerArgs, Cli, Command, LabArgs, Secret, ThemeArg};
use crate::engine::{Arena, BrokerCtl, BrokerUrl, DoorError, Engine, Options, Target, UrlError};
use crate::recording::{self, Historian, RecordError, RecordingFile, Run};
use crate::report::{About, Played};
use crate::scenario::NoSuchLesson;
use crate::tui::{LessonWish, Seat, ThemeChoice};
use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use forecast::Forecaster;
use lesson::{BadFile, Desk};
use person::{Person, Shown};
use report::{Clerk, Parting};
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
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
        Some(Command::Run(args)) => scenario::run(&args),
        Some(Command::Sweep(args)) => sweep::sweep(&args),
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::Lesson(args)) => lesson::lesson(&args),
        Some(Command::Lessons(args)) => lessons::lessons(&args),
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
    let no_lesson = error.is::<BadFile>() || error.is::<NoSuchLesson>();
    no_lesson
        || error.is::<report::Exists>()
        || error.is::<UrlError>()
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
    if let Some(why) = args.contradiction() {
        Cli::command()
            .error(clap::error::ErrorKind::ArgumentConflict, why)
            .exit();
    }
    if !on_a_terminal() {
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let runtime = runtime()?;
    let status = runtime.block_on(visit(args));
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

/// The lab, and whatever lessons are wanted from there.
async fn visit(args: &LabArgs) -> Result<u8> {
    let target = match class::door(&args.door)? {
        Some(door) => Target::Room(door),
        None => target(args.url.as_ref(), args.tls_ca.as_ref(), args.broker_ctl.as_ref())?,
    };
    report::check(args.report.as_ref())?;
    let file = args.record.as_deref().map(RecordingFile::create).transpose()?;
    // Before the engine: from its start on there is something on the broker to take away again.
    let mut person = Person::at(args.screen);
    let desk = Desk::built_in()
        .on(args.url.as_ref(), args.tls_ca.as_ref())
        .of(args.by.as_deref());
    let shown = match lab_on_screen(args, &mut person, (target.clone(), file), &desk).await {
        Ok(Shown::Lesson(LessonWish::Row(row))) => {
            lesson::from(&mut person, desk, lesson::First::Row(row), &target.alone()).await
        }
        left => left,
    };
    person.leave(shown).await
}

/// The broker that is asked for.
fn target(url: Option<&Secret>, tls_ca: Option<&PathBuf>, ctl: Option<&BrokerCtl>) -> Result<Target> {
    let Some(url) = url else { return Ok(Target::Embedded) };
    let url = url
        .0
        .parse::<BrokerUrl>()?
        .with_ca(tls_ca.cloned())
        .with_ctl(ctl.cloned());
    eprintln!("connecting to {url} …");
    Ok(Target::Url(url))
}

async fn lab_on_screen(
    args: &LabArgs,
    person: &mut Person,
    (target, file): (Target, Option<RecordingFile>),
    desk: &Desk,
) -> Result<Shown> {
    let (settings, version) = (args.settings(), args.version());
    let (teller, events) = recording::told();
    let grounds = target.clone();
    let options = Options {
        target,
        settings,
        version,
        script: None,
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
    let (clerk, mut reports) = Clerk::open(historian.inquirer(), about(Played::Live).by(args.by.as_deref()));
    let parting = Parting::of(args.report.as_ref(), &mut reports);
    let forecaster = Forecaster::of(engine.snapshots());
    // Nobody is told: without a lesson there is no news.
    let (news, no_outcome) = (mpsc::channel(1).0, watch::Sender::default().subscribe());
    let seat = Seat::bare(engine.commands(), engine.snapshots(), person.stop())
        .with_history(historian.gaze(), historian.sights())
        .with_contests(arena.orders(), arena.contests())
        .with_frames(engine.tap(), engine.frames())
        .with_reports(reports)
        .with_broker_url(engine.url_for_programs())
        .with_join_line(engine.join_line())
        .with_lessons(desk.lessons(None, None), no_outcome, news)
        .with_forecast(forecaster.foresight, forecaster.forecasts);
    let shown = person.show(seat).await;
    // Of the lab as it was left, with all its workers.
    let reported = clerk.close(parting).await;
    // Whatever happened to the screen, the lab leaves nothing on the broker.
    let (compared, ran) = tokio::join!(arena.close(), engine.shutdown());
    let left = compared.and(ran);
    let kept = timeout(LAST_PIECE, historian.end()).await;
    let shown = shown?;
    if shown != Shown::Left(PANICKED) {
        left?;
        reported?;
        kept.unwrap_or(Err(RecordError::Hangs(LAST_PIECE)))?;
    }
    Ok(shown)
}

/// What reports say of this program and this kind of run.
fn about(played: Played) -> About {
    About {
        version: env!("CARGO_PKG_VERSION"),
        played,
        ..About::default()
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
