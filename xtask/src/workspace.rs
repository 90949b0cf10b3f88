//! What cargo and git know about the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// What no crate builds unless asked and is checked and tested all the same.
pub(crate) const OPTIONAL_FEATURES: &str = "forebay/qdrant";

/// What takes a C++ compiler many minutes and is tested with all that takes long.
pub(crate) const LONG_FEATURES: &str = "forebay/qdrant,forebay/hnsw";

/// The part of `cargo metadata` that is used here.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
    /// Where cargo builds.
    pub(crate) target_directory: PathBuf,
}

/// One package, ours or a dependency.
#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None`: normal; otherwise "dev" or "build".
    pub(crate) kind: Option<String>,
    /// Set for packages of this repository.
    path: Option<PathBuf>,
}

impl Metadata {
    /// Asks cargo, without letting it change the lock file.
    pub(crate) fn read() -> Result<Self> {
        let mut command = process::cargo(["metadata", "--format-version", "1", "--locked"]);
        Self::parse(&process::output(&mut command)?)
    }

    pub(crate) fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("cargo metadata is not as expected")
    }

    /// The packages of this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }
}

impl Dependency {
    /// Whether it is a package of this repository.
    pub(crate) fn is_ours(&self) -> bool {
        self.path.is_some()
    }
}

/// The files of the repository that git tracks or would track, relative to the root, sorted.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut command = Command::new("git");
    command.current_dir(root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listing = process::output(&mut command)?;
    let mut files: Vec<PathBuf> = listing
        .split_terminator('\0')
        .map(PathBuf::from)
        .filter(|file| root().join(file).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}
