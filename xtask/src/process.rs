//! Running other programs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Cargo, run from the root of the repository.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    // Set by cargo for what it runs: the very toolchain that built this program.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(workspace::root()).args(arguments);
    // What cargo says of this program; build scripts that watch it would build everything anew
    // each time that cargo is called from here and by hand in turn.
    for (name, _) in std::env::vars_os() {
        let is_ours = |prefix| name.to_str().is_some_and(|name| name.starts_with(prefix));
        if is_ours("CARGO_PKG_") || is_ours("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// Says what is run, runs it with its output passed on, and fails where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs quietly and returns what was printed on standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}): {}", shown(command), output.status, complaint.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} is not UTF-8", shown(command)))
}

/// Passes each line of `source` on to standard output and shows it to `watch`.
pub(crate) fn relay(source: impl Read, mut watch: impl FnMut(&str)) -> Result<()> {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        watch(text.trim_end());
        line.clear();
    }
    Ok(())
}

/// The command as somebody would type it.
fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .map(|part| part.rsplit_once('/').map_or(part.to_string(), |(_, name)| name.to_owned()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A program that runs beside this one and is stopped, by its process id, when this is dropped.
pub(crate) struct Companion {
    name: String,
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Companion {
    /// Starts `command`, whose standard output is read with [`Companion::line`].
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = shown(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take().context("the standard output is piped")?;
        Ok(Self { name, child, lines: BufReader::new(stdout) })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error if it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended ({status})", self.name);
        }
        Ok(())
    }

    /// The next line it prints. An error if it ends instead.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            let status = self.child.wait()?;
            bail!("{} ended ({status}) before it was ready", self.name);
        }
        Ok(line)
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // Both fail only if it is gone already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_is_an_error_that_names_the_program() {
        let error = run(&mut shell("exit 3")).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3 failed"), "{error}");
        let error = output(&mut shell("echo no >&2; exit 4")).unwrap_err().to_string();
        assert!(error.ends_with("no"), "{error}");
    }

    #[test]
    fn a_companion_is_gone_when_dropped() {
        let mut companion = Companion::start(&mut shell("echo $$; exec sleep 600")).unwrap();
        let id = companion.line().unwrap();
        let alive = |id: &str| output(&mut shell(&format!("kill -0 {}", id.trim()))).is_ok();
        assert!(alive(&id));
        drop(companion);
        assert!(!alive(&id));
    }

    #[test]
    fn a_companion_that_ends_early_is_an_error() {
        let mut companion = Companion::start(&mut shell("exit 7")).unwrap();
        let error = companion.line().unwrap_err().to_string();
        assert!(error.contains("before it was ready") && error.contains('7'), "{error}");
    }

    #[test]
    fn relay_shows_every_line_even_without_a_last_line_break() {
        let mut seen = Vec::new();
        relay(&b"one\ntwo \xff\nthree"[..], |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "two \u{fffd}", "three"]);
    }
}
