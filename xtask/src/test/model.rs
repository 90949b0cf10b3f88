//! The model that some tests need, brought by the binary as for anybody.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process;

/// The directory of the model below `target`, brought there once by `binary`.
pub(super) fn directory(binary: &Path, target: &Path) -> Result<PathBuf> {
    let data = target.join("model");
    let directory = data.join("models").join("all-MiniLM-L6-v2");
    // Written last, so where it stands everything does.
    if !directory.join("manifest.json").exists() {
        let mut pull = Command::new(binary);
        process::run(pull.args(["models", "pull", "--data"]).arg(&data))?;
    }
    Ok(directory)
}
