//! The ordinary client of the package index, run as a program.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err::File;
use tokio::process::Command;

use super::process_group::ProcessGroup;
use super::pull_progress::Watcher;
use super::{ModelStoreError, PullProgress};

/// The exit code of a program that is not there.
const NOT_THERE: i32 = 127;
/// What a Python without pip says.
const NO_PIP: &str = "No module named pip";
/// How often it is looked at how much is here.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How much of what a client printed is told: its last lines.
const LINES_TOLD: usize = 4;

/// A program that is pip, or runs it.
#[derive(Clone, Debug)]
pub(super) struct PackageClient {
    pub(super) program: PathBuf,
    pub(super) arguments: &'static [&'static str],
}

impl PackageClient {
    /// Those that may be on a machine.
    pub(super) fn usual() -> Vec<Self> {
        let client = |program: &str, arguments| Self { program: program.into(), arguments };
        vec![
            client("python3", &["-m", "pip"]),
            client("python", &["-m", "pip"]),
            client("pip3", &[]),
            client("pip", &[]),
        ]
    }

    /// What downloads the wheels that the file `requirements` pins, and nothing that they need.
    pub(super) fn download(
        &self,
        requirements: &Path,
        folder: &Path,
        selection: &[&str],
    ) -> Command {
        let mut command = self.command();
        command
            .args(["download", "--no-input", "--disable-pip-version-check", "--no-cache-dir"])
            .args(["--progress-bar", "off", "--timeout", "15", "--retries", "1"])
            .args(["--no-deps", "--only-binary", ":all:", "--require-hashes"])
            .args(selection)
            .arg("--requirement")
            .arg(requirements)
            .arg("--dest")
            .arg(folder);
        command
    }

    /// Runs `command` to its end, at most `time_max`; returns the end of what it printed, or nothing
    /// where there is no such client. How much of the `bytes_total` it has brought is what `folder`
    /// takes.
    pub(super) async fn run(
        &self,
        mut command: Command,
        folder: &Path,
        time_max: Duration,
        bytes_total: u64,
        watcher: Watcher<'_>,
    ) -> Result<Option<String>, ModelStoreError> {
        let path = folder.join("printed");
        let failed = ModelStoreError::system;
        let (out, errors) = File::create(&path)
            .and_then(|file| Ok((file.try_clone()?, file)))
            .map_err(failed("keep what a program prints"))?;
        command.stdout(out.into_file()).stderr(errors.into_file());
        let mut child = ProcessGroup::spawn(command)
            .map_err(failed("start the client of the package index"))?;
        let watched = async {
            let mut look = tokio::time::interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    status = child.wait() => return status,
                    _ = look.tick() => {
                        let bytes = bytes_in(folder).min(bytes_total);
                        watcher(PullProgress::Received { bytes, bytes_total });
                    }
                }
            }
        };
        let ended = tokio::time::timeout(time_max, watched).await;
        let program = self.to_string();
        let Ok(status) = ended else {
            return Err(ModelStoreError::TimedOut { program, limit: time_max });
        };
        let status = status.map_err(failed("wait for the client of the package index"))?;
        let printed = fs_err::read(&path).map_err(failed("read what a program printed"))?;
        let said = last_lines(&String::from_utf8_lossy(&printed));
        if status.success() {
            return Ok(Some(said));
        }
        if status.code() == Some(NOT_THERE) || said.contains(NO_PIP) {
            return Ok(None);
        }
        let said = if said.is_empty() { status.to_string() } else { said };
        Err(ModelStoreError::Client { program, said })
    }

    fn command(&self) -> Command {
        let mut command = ProcessGroup::command(&self.program);
        command.args(self.arguments);
        command
    }
}

impl fmt::Display for PackageClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.program.display().fmt(formatter)?;
        self.arguments.iter().try_for_each(|argument| write!(formatter, " {argument}"))
    }
}

fn last_lines(printed: &str) -> String {
    let lines: Vec<_> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LINES_TOLD)..].join("; ")
}

/// What the files of a folder take. Those that come and go meanwhile may be left out.
pub(super) fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs_err::read_dir(folder) else { return 0 };
    let bytes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    bytes.sum()
}
