//! `check`: is a scenario's file right?

use clap::Args;
use std::path::PathBuf;

/// What `check` takes.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct CheckArgs {
    /// Scenario files, and folders of them (*.toml)
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    pub files: Vec<PathBuf>,
    /// Only read the files: don't play them in simulation to see that expectations hold, that exactly one choice of each
    /// question is right, and that the flip breaks what it says
    #[arg(long)]
    pub no_run: bool,
    /// Print a JSON array on standard output, one object for each file
    #[arg(long)]
    pub json: bool,
    /// Print the JSON schema of the files, for editors, and check nothing
    #[arg(long, conflicts_with_all = ["files", "no_run", "json"])]
    pub schema: bool,
}
