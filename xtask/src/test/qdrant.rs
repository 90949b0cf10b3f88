//! Qdrant's engine behind its protocol, which the contract of vector indexes is run against.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::Companion;
use crate::{python, workspace};

/// A server of `tests/qdrant/server.py`. It is stopped and then its points are deleted when this is
/// dropped.
pub(super) struct Server {
    url: String,
    _program: Companion,
    _points: TempDir,
}

impl Server {
    pub(super) fn start(target: &Path) -> Result<Self> {
        let python = python::environment("qdrant", target)?;
        let points = tempfile::tempdir().context("cannot create a temporary folder")?;
        let script = workspace::root().join("tests").join("qdrant").join("server.py");
        let mut program = Companion::start(Command::new(python).arg(script).arg(points.path()))?;
        let url = program.line()?.trim_end().to_owned();
        Ok(Self { url, _program: program, _points: points })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}
