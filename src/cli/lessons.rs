//! The options of `dispatch-lab lessons`.

use clap::Args;
use std::path::PathBuf;

/// `dispatch-lab lessons`.
#[derive(Args, Clone, Debug)]
pub struct LessonsArgs {
    /// A folder with lessons of your own, which are listed behind those that are built in
    pub folder: Option<PathBuf>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
    /// Forget the progress of lesson NAME, or of all lessons
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with = "json")]
    pub reset: Option<Option<String>>,
}
