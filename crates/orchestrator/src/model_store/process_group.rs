//! A program that does not outlive this one.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, ChildStdin, Command};

/// Runs its arguments as a program, and kills it with all that it started when standard input ends:
/// that is a pipe from this process, so it ends however this process ends.
const SCRIPT: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- & program=$!
{ read -r _ <&3; kill -KILL 0; } & watch=$!
wait $program; status=$?
kill $watch
exit $status
"#;

/// A running program in a process group of its own. Dropped, or this process ended, the group is
/// killed.
pub(super) struct ProcessGroup {
    child: Child,
    /// Open while the program may run.
    _open: Option<ChildStdin>,
}

impl ProcessGroup {
    /// What runs `program`, to be given its arguments and passed to [`Self::spawn`].
    pub(super) fn command(program: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(program);
        command
    }

    pub(super) fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.process_group(0).stdin(Stdio::piped()).spawn()?;
        // Waiting for a child would close what it still holds.
        let open = child.stdin.take();
        Ok(Self { child, _open: open })
    }

    /// Waits for the program's end. Its status is 127 where it is not there.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }
}
