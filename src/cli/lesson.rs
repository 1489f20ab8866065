//! `lesson`: one opened on the screen, or a new one begun.

use super::{ScreenArgs, Secret};
use crate::engine::BrokerCtl;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What `lesson` takes.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LessonArgs {
    /// What to do instead of opening one.
    #[command(subcommand)]
    pub make: Option<LessonMake>,
    /// The lesson: a name from `dispatch-lab lessons`, or a FILE.toml [default: a list to choose from]
    #[arg(value_name = "NAME|FILE")]
    pub lesson: Option<String>,
    /// A folder with lessons of your own, which stand behind those that are built in
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Play it on the broker at this URL instead of the embedded one
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_name = "URL")]
    pub url: Option<Secret>,
    /// Trust the certificates in this PEM file for amqps:// (besides the well-known ones)
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// A command that ends and starts the broker at --url: it is run with kill, stop or start as its last argument (words
    /// between blanks; no quoting)
    #[arg(long, value_name = "CMD", requires = "url")]
    pub broker_ctl: Option<BrokerCtl>,
    /// Whose name reports bear
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// How it looks.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// What can be done besides opening a lesson.
#[derive(Clone, Debug, Subcommand)]
pub enum LessonMake {
    /// Begin a lesson of your own: write a commented FILE.toml, which must be new
    New {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
