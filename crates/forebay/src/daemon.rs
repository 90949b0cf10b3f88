//! Starting the gateway for a command that cannot do without one.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{File, OpenOptions};
use orchestrator::config::Config;
use server::ControlClient;
use types::Clock;

use crate::context::Context;

/// In the data directory.
const LOG: &str = "daemon.log";
/// A longer log of earlier gateways is begun anew.
const LOG_BYTES_MAX: u64 = 1 << 20;
/// How long a gateway may take until it answers.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// How long another gateway is looked for once the started one has ended.
const ANOTHER_WITHIN: Duration = Duration::from_secs(5);
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// Starts a gateway that outlives this process, and waits until it answers. Of commands that want
/// one at once, one starts it.
pub(crate) fn start(context: &Context, config: &Config) -> anyhow::Result<ControlClient> {
    let directory = &config.data_directory;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("could not create {}", directory.display()))?;
    let log = directory.join(LOG);
    // The lock goes with this handle; the gateway writes to another one.
    let turn = open_log(&log)?;
    turn.lock().context("could not wait for another command that starts the gateway")?;
    if let Some(daemon) = ControlClient::connect(directory)? {
        return Ok(daemon);
    }
    if turn.metadata()?.len() > LOG_BYTES_MAX {
        turn.set_len(0)?;
    }
    let begins_at = turn.metadata()?.len();
    let started = spawn(context, directory, &log)?;
    match wait(started, directory)? {
        Some(daemon) => Ok(daemon),
        None => bail!(
            "could not start a gateway on {}: {}; all it said is in {}",
            directory.display(),
            last_line(turn, begins_at)?,
            log.display()
        ),
    }
}

fn open_log(path: &Path) -> anyhow::Result<File> {
    Ok(OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?)
}

/// `forebay serve` with this command's configuration, in no terminal's foreground.
fn spawn(context: &Context, directory: &Path, log: &Path) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("could not find this program's own file")?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--data").arg(directory);
    if let Some(path) = context.config_path() {
        command.arg("--config").arg(absolute(path)?);
    }
    let output = open_log(log)?.into_file();
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .current_dir(directory)
        .process_group(0)
        .spawn()
        .context("could not start the gateway")
}

fn absolute(path: PathBuf) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).context("could not resolve the configuration file's path")
}

/// Waits until a gateway answers: the started one, or one that was faster and has the directory.
fn wait(mut started: Child, directory: &Path) -> anyhow::Result<Option<ControlClient>> {
    let clock = Clock::system();
    let mut deadline = clock.monotonic() + ANSWERS_WITHIN;
    let mut runs = true;
    loop {
        if let Some(daemon) = ControlClient::connect(directory)? {
            return Ok(Some(daemon));
        }
        if runs && started.try_wait()?.is_some() {
            runs = false;
            deadline = clock.monotonic() + ANOTHER_WITHIN;
        }
        if clock.monotonic() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

/// What a gateway said last since it began to write at `begins_at`.
fn last_line(mut log: File, begins_at: u64) -> anyhow::Result<String> {
    log.seek(SeekFrom::Start(begins_at))?;
    let mut said = Vec::new();
    log.take(LOG_BYTES_MAX).read_to_end(&mut said)?;
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Ok(last.unwrap_or("it said nothing within 30 s").to_owned())
}
