//! The command line of Forebay: arguments in, text or JSON and an exit code out.

mod arguments;
mod commands;
mod context;
mod daemon;
mod door;
mod model;
mod output;
mod quickstart;
mod reloads;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

/// A request makes hundreds of small allocations, on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code 0 is success, 1 a failure that is told on standard error, 2 a wrong argument.
fn main() -> ExitCode {
    match commands::run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}
