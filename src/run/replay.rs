//! A recording in the same screen: no engine, no broker, and nothing to be asked for.

use super::person::Person;
use super::report::Clerk;
use super::{USAGE, about, log_to, on_a_terminal, runtime};
use crate::cli::ReplayArgs;
use crate::lab::{Elapsed, Gaze, When};
use crate::recording::{Historian, Recording};
use crate::report::Played;
use crate::tui::{Ending, Seat};
use anyhow::Result;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

pub(super) fn replay(args: &ReplayArgs) -> Result<u8> {
    if !on_a_terminal() {
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    eprintln!("reading {} …", args.file.display());
    let recording = Recording::open(&args.file)?;
    let (truncated, count) = (recording.truncated, recording.count);
    let status = runtime()?.block_on(on_screen(args, recording))?;
    if truncated {
        eprintln!(
            "dispatch-lab: {} breaks off, as if its program had been killed; what was written whole was shown: {count} events",
            args.file.display()
        );
    }
    Ok(status)
}

async fn on_screen(args: &ReplayArgs, recording: Recording) -> Result<u8> {
    let mut person = Person::at(args.screen);
    let ending = if recording.truncated {
        Ending::CutOff
    } else {
        Ending::Whole
    };
    // The one picture of the present is the last of the past; it lives as long as the screen.
    let present = watch::Sender::new(Arc::clone(&recording.last));
    let first = Gaze {
        when: When::At(Elapsed(0)),
        ..Gaze::default()
    };
    let historian = Historian::of_past((recording.history, recording.course), first);
    // Nobody reads it: the screen itself says that a recording can't be asked for anything.
    let (commands, _) = mpsc::channel(1);
    let (clerk, reports) = Clerk::open(historian.inquirer(), about(Played::Recording));
    let seat = Seat::bare(commands, present.subscribe(), person.stop())
        .with_history(historian.gaze(), historian.sights())
        .with_reports(reports)
        .of_recording(ending);
    let shown = person.show(seat).await;
    clerk.close(None).await?;
    historian.end().await?;
    person.leave(shown).await
}
