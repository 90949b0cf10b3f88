//! `forebay mcp`: a shim between an agent and the daemon.

use std::io::{self, ErrorKind};
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
        let copied = io::copy(&mut io::stdin().lock(), &mut &sending);
        left.store(copied.is_ok(), Ordering::Release);
        // What was asked is still answered. A daemon that is gone hears nothing anyway.
        sending.shutdown(Shutdown::Write).ok();
    });
    match io::copy(&mut &*daemon, &mut io::stdout().lock()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("could not pass on what the gateway says"),
        Ok(_) if agent_left.load(Ordering::Acquire) => Ok(ExitCode::SUCCESS),
        Ok(_) => bail!("the gateway has stopped; connect again to start one"),
    }
}
