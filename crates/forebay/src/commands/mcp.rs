//! `forebay mcp`: a shim between an agent and the daemon.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use server::ControlClient;

use crate::arguments::Mcp;
use crate::context::Context;
use crate::daemon;

/// What is passed on at once.
const PIECE_BYTES: usize = 64 << 10;

pub(super) fn run(context: &Context, arguments: Mcp) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    let daemon = match ControlClient::connect(&config.data_directory)? {
        Some(daemon) => daemon,
        None if arguments.no_daemon => bail!(
            "no gateway runs on {}; start one with `forebay serve`, or leave --no-daemon out",
            config.data_directory.display()
        ),
        None => daemon::start(context, &config)?,
    };
    relay(&daemon.attend(arguments.tenant, arguments.project)?)
}

/// Copies both ways until the agent or the daemon leaves.
fn relay(daemon: &UnixStream) -> anyhow::Result<ExitCode> {
    let agent_left = Arc::new(AtomicBool::new(false));
    let (sending, left) = (daemon.try_clone()?, Arc::clone(&agent_left));
    // It is never joined: where the daemon leaves first, it still waits for the agent's next word.
    std::thread::spawn(move || {
        let copied = copy(io::stdin().lock(), &sending);
        left.store(copied.is_ok(), Ordering::Release);
        // What was asked is still answered. A daemon that is gone hears nothing anyway.
        sending.shutdown(Shutdown::Write).ok();
    });
    match copy(daemon, io::stdout().lock()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("could not pass on what the gateway says"),
        Ok(()) if agent_left.load(Ordering::Acquire) => Ok(ExitCode::SUCCESS),
        Ok(()) => bail!("the gateway has stopped; connect again to start one"),
    }
}

/// Passes on whatever comes as soon as it comes. What the kernel copies by itself for
/// [`io::copy`] may wait for more.
fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(piece.get(..read).unwrap_or_default())?;
        to.flush()?;
    }
}
