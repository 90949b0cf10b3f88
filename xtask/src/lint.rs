//! `lint`: format, clippy with warnings denied, tidy, documentation.

use anyhow::Result;

use crate::{process, tidy, workspace};

pub(crate) fn run() -> Result<()> {
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))?;
    tidy::run()?;
    process::run(&mut process::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--features",
        workspace::OPTIONAL_FEATURES,
        "--",
        "--deny",
        "warnings",
    ]))?;
    let mut documentation = process::cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    documentation.args(["--features", workspace::OPTIONAL_FEATURES]);
    process::run(documentation.env("RUSTDOCFLAGS", "-D warnings"))
}
