//! When a running gateway reads its configuration again.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use orchestrator::config::ConfigFile;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often the file is looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// Hears SIGHUP, and sees when the configuration file holds something else.
#[derive(Debug)]
pub(crate) struct Reloads {
    hangup: Signal,
    path: Option<PathBuf>,
    seen: Seen,
    looks: Interval,
}

impl Reloads {
    /// From now on; `path` is the file that was read at the start, where there was one.
    pub(crate) fn listen(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let mut looks = interval(LOOKS_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let hangup = signal(SignalKind::hangup())?;
        let mut seen = Seen::default();
        if let Some(content) = path.as_ref().and_then(|path| fs_err::read(path).ok()) {
            seen.used(content);
        }
        Ok(Self { hangup, path, seen, looks })
    }

    /// Waits until the configuration should be read again, and returns what the file holds then;
    /// `None` where there was no file at the start.
    pub(crate) async fn wanted(&mut self) -> anyhow::Result<Option<ConfigFile>> {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => {
                    let Some(path) = &self.path else { return Ok(None) };
                    let content = fs_err::read(path)?;
                    self.seen.used(content.clone());
                    return parsed(path, content).map(Some);
                }
                _ = self.looks.tick() => {
                    let Some(path) = &self.path else { continue };
                    if let Some(content) = self.seen.look(fs_err::read(path).ok()) {
                        return parsed(path, content).map(Some);
                    }
                }
            }
        }
    }
}

/// What the file held.
#[derive(Debug, Default)]
struct Seen {
    used: Option<Vec<u8>>,
    last: Option<Vec<u8>>,
}

impl Seen {
    fn used(&mut self, content: Vec<u8>) {
        self.last = Some(content.clone());
        self.used = Some(content);
    }

    /// What is to be used after a look found `content`: what it and the look before agree on, where
    /// that is new. A file that is being written differs from look to look, and one that is gone
    /// for the moment in which an editor replaces it holds nothing.
    fn look(&mut self, content: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let is_settled = content == self.last;
        self.last = content;
        if !is_settled || self.last == self.used {
            return None;
        }
        let content = self.last.clone()?;
        self.used = Some(content.clone());
        Some(content)
    }
}

/// An empty file is TOML and states every default, but is rather one whose writer was interrupted.
fn parsed(path: &Path, content: Vec<u8>) -> anyhow::Result<ConfigFile> {
    let wrong = || path.display().to_string();
    let text = String::from_utf8(content).with_context(wrong)?;
    if text.trim().is_empty() {
        bail!("{} is empty; start anew for a configuration of defaults", path.display());
    }
    Ok(ConfigFile::parse(path, &text)?)
}
