//! `test`: every test there is, and one line at the end that adds them up.

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
    let mut cargo = process::cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    cargo.args(["--features", workspace::OPTIONAL_FEATURES]);
    if options.long {
        cargo.env("FOREBAY_LONG", "1");
    }
    let python = python::environment("analysis", &metadata.target_directory)?;
    cargo.env("FOREBAY_ANALYSIS_PYTHON", python);
    let cargo_passed = count(&mut cargo, Tally::add_cargo_line, &mut tally)?;
    if !cargo_passed && tally.failed() == 0 {
        bail!("cargo test could not run every test: {tally}");
    }
    let mut python_passed = true;
    for mut python in sdk::commands(&metadata.target_directory)? {
        python_passed &= count(&mut python, Tally::add_unittest_line, &mut tally)?;
    }
    println!("{tally}");
    if !cargo_passed || !python_passed || tally.failed() > 0 {
        bail!("tests failed");
    }
    Ok(())
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
