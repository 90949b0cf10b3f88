//! All that is compared on one processor core.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// Processes that share one core until this is dropped.
///
/// A request that goes through a proxy wakes two programs more than one that does not. Where each
/// waking starts a core that sleeps, as in a virtual machine, that takes longer than the proxies do,
/// and longer from one minute to the next.
pub(super) struct OneCore {
    processes: Vec<u32>,
    /// The cores that they may use otherwise, as `taskset` writes them.
    before: String,
}

impl OneCore {
    /// Puts `processes` and this one on the first core that this one may use.
    pub(super) fn new(processes: impl Iterator<Item = u32>) -> Result<Self> {
        let this = std::process::id();
        let printed = process::output(&mut taskset(&[&this.to_string()]))?;
        let before = cores(&printed).context("not what taskset prints")?.to_owned();
        let first = before.split([',', '-']).next().unwrap_or_default().to_owned();
        let all = Self { processes: processes.chain([this]).collect(), before };
        all.put_on(&first)?;
        Ok(all)
    }

    fn put_on(&self, cores: &str) -> Result<()> {
        self.processes.iter().try_for_each(|process| {
            process::output(&mut taskset(&["--all-tasks", cores, &process.to_string()])).map(drop)
        })
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        if let Err(error) = self.put_on(&self.before) {
            println!("the programs stay on one core: {error:#}");
        }
    }
}

fn taskset(arguments: &[&str]) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "--pid"]).args(arguments);
    command
}

/// The list at the end of what `taskset --cpu-list --pid` prints.
fn cores(printed: &str) -> Option<&str> {
    let (_, list) = printed.trim_end().rsplit_once(": ")?;
    list.starts_with(|c: char| c.is_ascii_digit()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_cores_is_read() {
        assert_eq!(cores("pid 1's current affinity list: 0-3,7\n"), Some("0-3,7"));
        assert_eq!(cores("pid 1's current affinity mask: ff\n"), None);
    }
}
