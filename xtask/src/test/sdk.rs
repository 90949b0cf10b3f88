//! The tests with the official SDKs: the binary, and Python with the packages in a place of its
//! own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, workspace};

const FOLDER: &str = "tests/sdk";
/// A copy of the requirements that were installed: the environment is reused while they are equal.
const INSTALLED: &str = "installed.txt";

/// Brings what the tests need and returns the command that runs them.
pub(super) fn command(target: &Path) -> Result<Command> {
    let binary = build(target)?;
    let python = environment(&target.join("sdk"))?;
    let mut command = Command::new(python);
    command
        .arg("test_sdk.py")
        .current_dir(workspace::root().join(FOLDER))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1")
        .env("FOREBAY_BINARY", binary);
    Ok(command)
}

/// Builds the binary and tells where it is.
fn build(target: &Path) -> Result<PathBuf> {
    process::run(&mut process::cargo(["build", "--locked", "--package", "forebay"]))?;
    Ok(target.join("debug").join("forebay"))
}

/// A virtual environment below `folder` with the pinned packages; returns its Python.
fn environment(folder: &Path) -> Result<PathBuf> {
    let requirements = workspace::root().join(FOLDER).join("requirements.txt");
    let venv = folder.join("venv");
    let python = venv.join("bin").join("python");
    let wanted = fs_err::read(&requirements)?;
    let installed = venv.join(INSTALLED);
    if fs_err::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    fs_err::create_dir_all(folder)?;
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).context(
        "the SDK tests need Python 3.9 or newer with venv (on Debian the package python3-venv)",
    )?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::run(pip.arg(&requirements)).context(
        "the SDK tests install the packages in tests/sdk/requirements.txt: pip must be able to reach its package index",
    )?;
    fs_err::write(&installed, wanted)?;
    Ok(python)
}
