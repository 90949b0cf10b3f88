//! Places of their own for the Python packages that tests need.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, workspace};

/// A copy of the requirements that were installed: the environment is reused while they are equal.
const INSTALLED: &str = "installed.txt";

/// A virtual environment below `target` with the packages pinned in `tests/NAME/requirements.txt`;
/// returns its Python.
pub(crate) fn environment(name: &str, target: &Path) -> Result<PathBuf> {
    let requirements = workspace::root().join("tests").join(name).join("requirements.txt");
    let folder = target.join(name);
    let venv = folder.join("venv");
    let python = venv.join("bin").join("python");
    let wanted = fs_err::read(&requirements)?;
    let installed = venv.join(INSTALLED);
    if fs_err::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    fs_err::create_dir_all(folder)?;
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).context(
        "the tests beside Python packages need Python 3.11 or newer with venv (on Debian the package python3-venv)",
    )?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::run(pip.arg(&requirements)).with_context(|| {
        format!(
            "the tests install the packages in tests/{name}/requirements.txt: pip must be able to reach its package index"
        )
    })?;
    fs_err::write(&installed, wanted)?;
    Ok(python)
}
