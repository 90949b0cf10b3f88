//! Forebay's task runner, the one entry point for whoever works on it.
//!
//! It depends on no crate of the product: it runs cargo, the binary and Python.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to a terminal")]

mod bench;
mod ci;
mod fuzz;
mod lint;
mod process;
mod python;
mod schema;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs the tasks of Forebay's developers.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test: units, integration, documentation, and the official SDKs
    Test(test::Options),
    /// Check format, clippy, tidy and the documentation
    Lint,
    /// Check the layers, the shape of the code, options, licences and texts
    Tidy,
    /// Create or upgrade the database schema (arguments go to `forebay migrate`)
    Migrate(schema::Arguments),
    /// Create what indexes the schema lacks (arguments go to `forebay index`)
    Index(schema::Arguments),
    /// Measure what the gateway adds to a request and compare with the baseline
    Bench(bench::Options),
    /// Run the fuzz targets for minutes and the property tests with many cases
    Fuzz(fuzz::Options),
    /// Run what continuous integration runs: lint, test, bench --quick
    Ci,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Test(options) => test::run(&options),
        Task::Lint => lint::run(),
        Task::Tidy => tidy::run(),
        Task::Migrate(arguments) => schema::run("migrate", &arguments),
        Task::Index(arguments) => schema::run("index", &arguments),
        Task::Bench(options) => bench::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Ci => ci::run(),
    }
}
