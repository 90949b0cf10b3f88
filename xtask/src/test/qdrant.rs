//! Qdrant's engine behind its protocol, which the contract of vector indexes is run against.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process::Companion;
use crate::{python, workspace};

/// A server of `tests/qdrant/server.py`, stopped and its points deleted when this is dropped.
pub(super) struct Server {
    url: String,
    folder: PathBuf,
    _program: Companion,
}

impl Server {
    pub(super) fn start(target: &Path) -> Result<Self> {
        let python = python::environment("qdrant", target)?;
        let folder = target.join("qdrant").join("points");
        if folder.exists() {
            fs_err::remove_dir_all(&folder)?;
        }
        fs_err::create_dir_all(&folder)?;
        let script = workspace::root().join("tests").join("qdrant").join("server.py");
        let mut program = Companion::start(Command::new(python).arg(script).arg(&folder))?;
        let url = program.line()?.trim_end().to_owned();
        Ok(Self { url, folder, _program: program })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What is left over is deleted at the next start.
        drop(fs_err::remove_dir_all(&self.folder));
    }
}
