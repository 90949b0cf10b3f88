//! A home directory in which commands run.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::Process;
use crate::settings;

/// Nothing that a test waits for may take longer, also on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The end of `work`, which comes in time or fails the test.
pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(PATIENCE, work).await;
    ended.unwrap_or_else(|_| panic!("{what} took longer than {PATIENCE:?}"))
}

/// A home directory without anything in it, and the commands of whoever lives there. They see no
/// environment but this.
pub(crate) struct Place {
    folder: TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place whose configuration is `settings`.
    pub(crate) fn with(settings: &toml::Table) -> Self {
        let place = Self::new();
        place.configure(settings);
        place
    }

    /// A place whose one provider is `simulator`.
    pub(crate) fn beside(simulator: &simulator::Simulator) -> Self {
        Self::with(&settings::with_provider(simulator.address()))
    }

    pub(crate) fn configure(&self, settings: &toml::Table) {
        let file = self.home(".config/forebay/config.toml");
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, settings.to_string()).unwrap();
    }

    /// A path in the home directory.
    pub(crate) fn home(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Where the data directory is when nobody says otherwise.
    pub(crate) fn data(&self) -> PathBuf {
        self.home(".local/share/forebay")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forebay"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        end_of(self.command(arguments)).await
    }

    /// What a command prints, which must succeed.
    pub(crate) async fn good(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran.out
    }

    /// What a command prints with `--json`.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        parse(&self.good(&[arguments, &["--json"]].concat()).await)
    }

    /// The error that a command ends with, which must fail and print nothing.
    pub(crate) async fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{arguments:?}: {ran:?}");
        // A gateway has logged before.
        let (_, error) = ran.err.rsplit_once("error: ").unwrap_or_else(|| panic!("{ran:?}"));
        error.to_owned()
    }

    /// A new virtual key; `arguments` are those of `keys create`.
    pub(crate) async fn key(&self, arguments: &[&str]) -> String {
        let created = self.json(&[&["keys", "create"], arguments].concat()).await;
        created["key"].as_str().unwrap().to_owned()
    }

    /// Starts the gateway and waits until it listens.
    pub(crate) async fn serve(&self) -> Process {
        Process::gateway(self).await
    }

    /// What the gateways of this place have logged.
    pub(crate) fn log(&self) -> String {
        fs_err::read_to_string(self.log_path()).unwrap()
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.home("log")
    }
}

pub(crate) async fn end_of(mut command: Command) -> Ran {
    let output = within("a command", command.output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// One line of JSON.
#[track_caller]
pub(crate) fn parse(line: &str) -> Value {
    assert_eq!(line.lines().count(), 1, "{line}");
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[track_caller]
pub(crate) fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

/// The permissions of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(path).unwrap().permissions().mode() & 0o777
}
