//! The tests with the official SDKs: the binary, and Python with the packages in a place of its
//! own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::python;
use crate::{process, workspace};

/// Below `tests`.
const NAME: &str = "sdk";

/// Brings what the tests need and returns the commands that run them.
pub(super) fn commands(target: &Path) -> Result<[Command; 2]> {
    let binary = build(target)?;
    let python = python::environment(NAME, target)?;
    Ok(["test_sdk.py", "test_mcp.py"].map(|script| {
        let mut command = Command::new(&python);
        command
            .arg(script)
            .current_dir(workspace::root().join("tests").join(NAME))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("FOREBAY_BINARY", &binary);
        command
    }))
}

/// Builds the binary and tells where it is.
fn build(target: &Path) -> Result<PathBuf> {
    process::run(&mut process::cargo(["build", "--locked", "--package", "forebay"]))?;
    Ok(target.join("debug").join("forebay"))
}
