//! The options of the screen, and of `dispatch-lab replay`.

use super::{RoomArgs, ThemeArg};
use clap::Args;
use std::path::PathBuf;

/// How the screen looks and listens.
#[derive(Args, Clone, Copy, Debug)]
pub struct ScreenArgs {
    /// Colours for a dark or a light terminal, or for a projector [default: as the terminal says, else dark]
    #[arg(long, value_enum)]
    pub theme: Option<ThemeArg>,
    /// What is for the room.
    #[command(flatten)]
    pub room: RoomArgs,
    /// Leave the mouse to the terminal, so that text can be selected as usual
    #[arg(long)]
    pub no_mouse: bool,
}

/// `dispatch-lab replay`.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// What `dispatch-lab --record` wrote
    pub file: PathBuf,
    /// How it looks.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}
