//! When a running gateway reads its configuration again.

use std::path::PathBuf;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often the file is looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// Hears SIGHUP, and sees when the configuration file holds something else.
#[derive(Debug)]
pub(crate) struct Reloads {
    hangup: Signal,
    path: Option<PathBuf>,
    content: Option<Vec<u8>>,
    looks: Interval,
}

impl Reloads {
    /// From now on; `path` is the file that was read at the start, where there was one.
    pub(crate) fn listen(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let mut looks = interval(LOOKS_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let hangup = signal(SignalKind::hangup())?;
        let mut reloads = Self { hangup, path, content: None, looks };
        reloads.look();
        Ok(reloads)
    }

    /// Waits until the configuration should be read again.
    pub(crate) async fn wanted(&mut self) {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => {
                    self.look();
                    return;
                }
                _ = self.looks.tick() => {
                    if self.look() {
                        return;
                    }
                }
            }
        }
    }

    /// Whether the file holds something else than at the last look. One that is gone for the moment
    /// in which an editor replaces it does not.
    fn look(&mut self) -> bool {
        let content = self.path.as_ref().and_then(|path| fs_err::read(path).ok());
        let is_new = content.is_some() && content != self.content;
        if is_new {
            self.content = content;
        }
        is_new
    }
}
