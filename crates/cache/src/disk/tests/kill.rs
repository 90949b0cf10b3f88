//! A process that is killed while it writes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

const FOLDER: &str = "FOREBAY_CACHE_KILL_FOLDER";
const KEYS: u64 = 500;
/// The entries and the checks must agree on a time without talking to each other.
const STORED_AT: Timestamp = Timestamp::from_millis(1_000_000_000);

fn open_in(folder: &Path) -> Disk {
    let database = open(&folder.join("cache.db")).unwrap();
    let clock = ManualClock::new(STORED_AT).clock();
    Disk::new(database, &CacheSettings::default(), clock).unwrap()
}

/// What round `round` stores under a key; the parent knows it too.
fn entry_of(number: u64, round: u64) -> Arc<Entry> {
    entry(round, usize::try_from(number % 7 * 900).unwrap(), STORED_AT)
}

/// Runs in the killed process alone: stores round after round, and tells of each flushed one.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let disk = open_in(Path::new(&folder));
    for round in 0.. {
        for number in 0..KEYS {
            disk.put(key_of(number), entry_of(number, round));
        }
        if round % 3 == 0 {
            disk.flush();
        }
        println!("round {round} of {KEYS}");
    }
}

/// Each kill comes after another number of rounds, so at another moment of the writer's work.
#[test]
fn a_killed_process_leaves_no_wrong_value() {
    let folder = tempfile::tempdir().unwrap();
    for rounds in [1, 2, 4, 7, 11] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "disk::tests::kill::child", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.map(Result::unwrap).filter(|line| line.contains("round ")).nth(rounds);
        assert!(said.is_some());
        child.kill().unwrap();
        child.wait().unwrap();

        let disk = open_in(folder.path());
        let mut present = 0;
        for number in 0..KEYS {
            if let Some(found) = disk.get(&key_of(number), None) {
                let round = found.entry.cost.get();
                assert_eq!(found.entry, *entry_of(number, round), "key {number}");
                present += 1;
            }
        }
        assert_eq!(present, KEYS, "the first round was flushed");
        assert_eq!(disk.statistics().corrupt, 0);
    }
}
