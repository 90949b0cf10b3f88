//! A command that stays up, as a child process.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::place::{Place, within};

/// A running command that listens somewhere. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Process {
    /// Starts `command` and waits for the line, beginning with `announced`, that tells where it
    /// listens.
    pub(crate) async fn start(mut command: Command, announced: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let line = line_of(&mut out, announced).await;
        let (_, address) = line.split_once("http://").unwrap();
        let address = address.split(['/', ' ']).next().unwrap().parse().unwrap();
        Self { child, out, address }
    }

    /// Starts the gateway of `place` and waits until it listens.
    pub(crate) async fn gateway(place: &Place) -> Self {
        Self::start(serve(place), "listening on http://").await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Waits for a line that begins so, and returns it.
    pub(crate) async fn line(&mut self, beginning: &str) -> String {
        line_of(&mut self.out, beginning).await
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) async fn signal(&self, name: &str) {
        signal(self.id(), name).await;
    }

    /// Waits until it has ended by itself. Returns what else it printed.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        within("the end of a process", async {
            self.out.read_to_string(&mut rest).await.unwrap();
            (self.child.wait().await.unwrap(), rest)
        })
        .await
    }

    /// Asks it to stop and waits; it must end well.
    pub(crate) async fn stop(self) {
        self.signal("TERM").await;
        assert_eq!(self.end().await.0.code(), Some(0));
    }

    /// Kills it with a signal that nothing of it survives.
    pub(crate) async fn kill(mut self) {
        within("a kill", self.child.kill()).await.unwrap();
    }
}

async fn line_of(out: &mut BufReader<ChildStdout>, beginning: &str) -> String {
    let mut before = String::new();
    loop {
        let mut line = String::new();
        within("a line", out.read_line(&mut line)).await.unwrap();
        assert_ne!(line, "", "no line begins with {beginning:?}: {before}");
        if line.starts_with(beginning) {
            return line.trim_end().to_owned();
        }
        before += &line;
    }
}

/// The first line that `command` prints; it goes on running until the child is dropped.
pub(crate) async fn first_line(mut command: Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let line = line_of(&mut out, "").await;
    (child, line)
}

/// `forebay serve`, its log added to the place's.
pub(crate) fn serve(place: &Place) -> Command {
    let log = fs_err::OpenOptions::new().create(true).append(true).open(place.log_path()).unwrap();
    let mut command = place.command(&["serve"]);
    command.stderr(log.into_file());
    command
}

/// Sends a signal to one process. The shell knows how, and needs no unsafe code.
pub(crate) async fn signal(id: u32, name: &str) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$0\" \"$1\"", name, &id.to_string()]);
    assert!(within("a signal", kill.status()).await.unwrap().success());
}
