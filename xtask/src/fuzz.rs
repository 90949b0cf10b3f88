//! `fuzz`: the property tests with many more cases than `test` gives them.

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::Metadata;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Cases for each property
    #[arg(long, default_value_t = 100_000)]
    cases: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let metadata = Metadata::read()?;
    let packages = with_properties(&metadata);
    if packages.is_empty() {
        bail!("no package has property tests");
    }
    let mut command = process::cargo(["test", "--release", "--locked", "--tests"]);
    for package in packages {
        command.args(["--package", package]);
    }
    process::run(command.env("PROPTEST_CASES", options.cases.to_string()))
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
