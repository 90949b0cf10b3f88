//! `lint`: format, clippy with warnings denied, tidy, documentation.

use anyhow::Result;

use crate::{process, tidy};

pub(crate) fn run() -> Result<()> {
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))?;
    tidy::run()?;
    process::run(&mut process::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]))?;
    let mut documentation = process::cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    process::run(documentation.env("RUSTDOCFLAGS", "-D warnings"))
}
