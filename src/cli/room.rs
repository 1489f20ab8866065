//! Options for who looks at the screen, and where.

use clap::{Args, ValueEnum};

/// What is for a room full of people, or kept from them.
#[derive(Args, Clone, Copy, Debug)]
pub struct RoomArgs {
    /// Show still pictures: no job is seen to travel
    #[arg(long)]
    pub no_motion: bool,
    /// Hide laser and pressed keys, for a terminal that is recorded
    #[arg(long)]
    pub no_echo: bool,
}

/// `--theme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeArg {
    /// Light text on dark
    Dark,
    /// Dark text on light
    Light,
    /// Black and white with a few strong colours and thick lines
    Contrast,
}
