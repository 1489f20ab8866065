//! Plays tables of rows, many at a time, and tells all that differed.

use crate::TOPICS;
use crate::client::Result;
use crate::place::{self, EMBEDDED, Place};
use crate::restart::Restarts;
use crate::stage::Stage;
use crate::table::{self, Kind, Line};
use dispatch_lab::broker::dispatch::Like;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long is waited for what is known not to come.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// Rows at play at a time.
const AT_ONCE: usize = 24;

/// A row on one broker, with one kind of queue.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) lines: Vec<Line>,
    /// The line whose expectation is wrong on purpose.
    pub(crate) wrong: Option<usize>,
}

/// The rows of a table that hold for a version, for each kind of queue.
pub(crate) fn cases(table: &str, like: Like) -> Vec<Case> {
    let mut cases = Vec::new();
    for row in table::read(table) {
        for kind in Kind::ALL {
            if let Some(lines) = row.lines(like, kind) {
                let name = format!("{} ({}, {like:?})", row.name, kind.name());
                let wrong = None;
                cases.push(Case {
                    name,
                    kind,
                    lines,
                    wrong,
                });
            }
        }
    }
    let only = std::env::var("ROW").unwrap_or_default();
    cases.retain(|case| case.name.contains(&only));
    cases
}

fn restarts_by(how: &str) -> impl Fn(&Case) -> bool {
    let wanted = format!("restart {how}");
    move |case| case.lines.iter().any(|line| line.request == wanted)
}

/// Plays one row.
pub(crate) async fn play(place: Place, case: Case) -> Result {
    let mut stage = Stage::new(place, case.kind);
    for line in &case.lines {
        let wrong = case.wrong == Some(line.number);
        if wrong {
            stage.patience = IMPATIENCE;
        }
        let (number, request) = (line.number, &line.request);
        match (stage.play(line).await, wrong) {
            (Ok(()), false) => {}
            (Ok(()), true) => return Err(format!("{}\n  line {number}: {request}\n  cannot fail", case.name)),
            (Err(_), true) => break,
            (Err(why), false) => return Err(format!("{}\n  line {number}: {request}\n  {why}", case.name)),
        }
    }
    stage.patience = stage.place.patience;
    stage.clean_up().await;
    Ok(())
}

/// Plays rows, some at a time; those that restart the broker all at once. Returns what differed.
pub(crate) async fn play_all(place: &Place, cases: Vec<Case>) -> Vec<String> {
    let at_once = if place.restarts.is_some() { usize::MAX } else { AT_ONCE };
    let (mut playing, mut differed) = (JoinSet::new(), Vec::new());
    let mut waiting = cases.into_iter();
    loop {
        while playing.len() < at_once
            && let Some(case) = waiting.next()
        {
            let place = place.clone();
            playing.spawn(async move {
                let restarts = place.restarts.clone();
                let played = play(place, case).await;
                match restarts {
                    Some(restarts) => played.and(restarts.leave().await),
                    None => played,
                }
            });
        }
        match playing.join_next().await {
            None => return differed,
            Some(Ok(Ok(()))) => {}
            Some(Ok(Err(why))) => differed.push(why),
            Some(Err(error)) => differed.push(format!("{error}")),
        }
    }
}

/// A topic on the embedded broker, as each version.
pub(crate) async fn embedded(topic: &str) {
    let (_, table) = TOPICS.iter().find(|(name, _)| *name == topic).expect("a topic");
    let (mut differed, mut played) = (Vec::new(), 0);
    for like in EMBEDDED {
        let cases = cases(table, *like);
        played += cases.len();
        differed.extend(play_embedded(*like, cases).await);
    }
    report(topic, played, &differed);
}

/// Plays rows on embedded brokers: those that restart it on brokers of their own.
pub(crate) async fn play_embedded(like: Like, cases: Vec<Case>) -> Vec<String> {
    let (mut differed, mut rest) = (Vec::new(), cases);
    for how in ["kill", "stop"] {
        let (restarting, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(restarts_by(how));
        rest = others;
        if !restarting.is_empty() {
            let (restarts, mut place) = Restarts::embedded(like, restarting.len()).await;
            place.restarts = Some(Arc::new(restarts));
            differed.extend(play_all(&place, restarting).await);
        }
    }
    let (server, place) = place::embedded(like, None).await;
    differed.extend(play_all(&place, rest).await);
    server.stop().await;
    differed
}

/// All topics on the broker that the environment names; first those that leave it alone.
pub(crate) async fn elsewhere() {
    let Some((place, control)) = place::from_environment().await else {
        return;
    };
    let all: Vec<Case> = TOPICS.iter().flat_map(|(_, table)| cases(table, place.like)).collect();
    let (killing, others): (Vec<_>, Vec<_>) = all.into_iter().partition(restarts_by("kill"));
    let (stopping, others): (Vec<_>, Vec<_>) = others.into_iter().partition(restarts_by("stop"));
    let mut played = others.len();
    let mut differed = play_all(&place, others).await;
    for restarting in [killing, stopping] {
        let Some(command) = control.clone() else {
            println!(
                "skipped: {} rows, since DISPATCH_LAB_TEST_CTL names no command that restarts it",
                restarting.len()
            );
            continue;
        };
        played += restarting.len();
        let restarts = Restarts::command(command, &place, restarting.len());
        let place = Place {
            restarts: Some(Arc::new(restarts)),
            ..place.clone()
        };
        differed.extend(play_all(&place, restarting).await);
    }
    report("RabbitMQ", played, &differed);
}

pub(crate) fn report(what: &str, played: usize, differed: &[String]) {
    println!("{what}: {played} rows played, {} differ", differed.len());
    assert!(
        differed.is_empty(),
        "{} of {played} rows differ\n\n{}\n",
        differed.len(),
        differed.join("\n\n")
    );
}
