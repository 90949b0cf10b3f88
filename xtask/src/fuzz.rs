//! `fuzz`: each target that reads bytes from outside for minutes, and the other property tests with
//! many more cases than `test` gives them.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Metadata;

/// Where the targets are among the tests.
const TARGETS: &str = "targets::";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Minutes for each target: the decoder of events, the parser of requests, and each protocol's
    /// codec in both directions
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Cases for each of the other properties
    #[arg(long, default_value_t = 100_000)]
    cases: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    run_targets(options.minutes)?;
    let metadata = Metadata::read()?;
    let packages = with_properties(&metadata);
    if packages.is_empty() {
        bail!("no package has property tests");
    }
    let mut command = process::cargo(["test", "--release", "--locked", "--tests"]);
    for package in packages {
        command.args(["--package", package]);
    }
    command.args(["--", "--skip", TARGETS]);
    process::run(command.env("PROPTEST_CASES", options.cases.to_string()))
}

/// Each target says how many cases it had; the others go on where one has found something.
fn run_targets(minutes: f64) -> Result<()> {
    let span = Duration::try_from_secs_f64(minutes * 60.0).context("--minutes")?;
    let mut command = process::cargo(["test", "--release", "--locked"]);
    command.args(["--package", "forebay-wire", "--test", "it", "--", TARGETS, "--nocapture"]);
    process::run(command.env("FOREBAY_FUZZ_SECONDS", span.as_secs().to_string()))
}

/// The packages of this repository that have property tests.
fn with_properties(metadata: &Metadata) -> Vec<&str> {
    metadata
        .members()
        .filter(|package| package.dependencies.iter().any(|other| other.name == "proptest"))
        .map(|package| package.name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_packages_that_use_proptest_are_run() {
        let metadata = Metadata::parse(
            r#"{"workspace_members": ["a 1", "b 1"], "target_directory": "t", "packages": [
                {"id": "a 1", "name": "a", "version": "1", "license": null, "dependencies":
                    [{"name": "proptest", "kind": "dev", "path": null}]},
                {"id": "b 1", "name": "b", "version": "1", "license": null, "dependencies": []},
                {"id": "c 1", "name": "c", "version": "1", "license": null, "dependencies":
                    [{"name": "proptest", "kind": null, "path": null}]}
            ]}"#,
        )
        .unwrap();
        assert_eq!(with_properties(&metadata), ["a"]);
    }
}
