//! Arguments in, exit status out.

use clap::Parser;
use dispatch_lab::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    dispatch_lab::run::run(Cli::parse())
}
