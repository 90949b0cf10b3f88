//! The tests with the official SDKs: the binary, and Python with the packages in a place of its
//! own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::python;
use crate::workspace;

/// Below `tests`.
const NAME: &str = "sdk";

/// Brings what the tests of `binary` need and returns the commands that run them.
pub(super) fn commands(binary: &Path, target: &Path) -> Result<[Command; 3]> {
    let python = python::environment(NAME, target)?;
    Ok(["test_sdk.py", "test_mcp.py", "test_agents.py"].map(|script| {
        let mut command = Command::new(&python);
        command
            .arg(script)
            .current_dir(workspace::root().join("tests").join(NAME))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("FOREBAY_BINARY", binary);
        command
    }))
}
