//! What a process takes of the machine, as Linux tells in `/proc`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

/// The unit of processor time there, the same on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// Makes the most memory so far begin anew.
const RESET_PEAK: &str = "5";

/// Memory that a process has in use, in KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) now: u64,
    /// The most since [`reset_peak`].
    pub(super) peak: u64,
}

/// Processor time of all threads of a process so far.
pub(super) fn processor_time(process: u32) -> Result<Duration> {
    let stat = fs_err::read_to_string(file(process, "stat"))?;
    ticks(&stat).map(|ticks| TICK * ticks).context("/proc/PID/stat is not as expected")
}

pub(super) fn memory(process: u32) -> Result<Memory> {
    let status = fs_err::read_to_string(file(process, "status"))?;
    let field = |name| kibibytes(&status, name).context("/proc/PID/status is not as expected");
    Ok(Memory { now: field("VmRSS")?, peak: field("VmHWM")? })
}

pub(super) fn reset_peak(process: u32) -> Result<()> {
    Ok(fs_err::write(file(process, "clear_refs"), RESET_PEAK)?)
}

fn file(process: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{process}/{name}"))
}

/// The sum of user and system time. The name before may hold spaces and parentheses.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u32>().ok();
    next()?.checked_add(next()?)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let mut fields = status.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(field, _)| *field == name)?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added() {
        let stat = "7 (a (b) c) S 1 2 3 4 -1 4194304 11 12 13 14 150 25 0 0 20 0 9 0 3303 1 2";
        assert_eq!(ticks(stat), Some(175));
        assert_eq!(ticks("7 (a) S 1 2 3"), None);
    }

    #[test]
    fn a_line_of_memory_is_read() {
        let status = "Name:\tforebay\nVmHWM:\t   20480 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(1_024));
        assert_eq!(kibibytes(status, "VmHWM"), Some(20_480));
        assert_eq!(kibibytes(status, "VmSwap"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let process = std::process::id();
        let Memory { now, peak } = memory(process).unwrap();
        assert!(0 < now && now <= peak);
        processor_time(process).unwrap();
    }
}
