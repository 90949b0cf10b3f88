//! `test`: every test there is, and one line at the end that adds them up.

mod model;
mod qdrant;
mod sdk;
mod tally;

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Metadata};
use crate::{process, python};
use tally::Tally;

#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Run soaks and campaigns too (sets FOREBAY_LONG=1)
    #[arg(long)]
    long: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let metadata = Metadata::read()?;
    let mut tally = Tally::default();
    process::run(cargo_test(options).arg("--no-run"))?;
    let binary = metadata.target_directory.join("debug").join("forebay");
    let mut cargo = cargo_test(options);
    cargo.arg("--no-fail-fast");
    let python = python::environment("analysis", &metadata.target_directory)?;
    cargo.env("FOREBAY_ANALYSIS_PYTHON", python);
    let qdrant = qdrant::Server::start(&metadata.target_directory)?;
    cargo.env("FOREBAY_TEST_QDRANT_URL", qdrant.url());
    let model = model::directory(&binary, &metadata.target_directory);
    let model = model.inspect_err(|error| {
        println!("the tests with a real model are skipped: {error:#}");
    });
    if let Ok(model) = &model {
        cargo.env("FOREBAY_TEST_MODEL", model);
    }
    let cargo_passed = count(&mut cargo, Tally::add_cargo_line, &mut tally)?;
    if !cargo_passed && tally.failed() == 0 {
        bail!("cargo test could not run every test: {tally}");
    }
    let mut python_passed = true;
    for mut python in sdk::commands(&binary, &metadata.target_directory)? {
        if let Ok(model) = &model {
            python.env("FOREBAY_TEST_MODEL", model);
        }
        python_passed &= count(&mut python, Tally::add_unittest_line, &mut tally)?;
    }
    println!("{tally}");
    if !cargo_passed || !python_passed || tally.failed() > 0 {
        bail!("tests failed");
    }
    Ok(())
}

/// Every test of every crate. Building them builds the binary too.
fn cargo_test(options: &Options) -> Command {
    let mut cargo = process::cargo(["test", "--workspace", "--locked"]);
    if options.long {
        cargo.args(["--features", workspace::LONG_FEATURES]).env("FOREBAY_LONG", "1");
    } else {
        cargo.args(["--features", workspace::OPTIONAL_FEATURES]);
    }
    cargo
}

/// Runs `command` with its output passed on and counted; tells whether it succeeded.
fn count(command: &mut Command, add: fn(&mut Tally, &str), tally: &mut Tally) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start tests")?;
    let output = child.stdout.take().context("the standard output is piped")?;
    process::relay(output, |line| add(tally, line))?;
    Ok(child.wait()?.success())
}
