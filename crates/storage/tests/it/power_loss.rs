//! What was acknowledged as synced outlives the power, whenever it goes.

use std::path::Path;
use std::sync::Arc;

use forebay_storage::{Database, Durability, Error};
use testkit::{Fault, FaultyVfs, Unsynced};

use crate::support::{SCHEMA, body, ids, insert, place, small};

fn open(path: &Path, vfs: &'static str) -> Result<Database, Error> {
    Database::open(path, &SCHEMA, &small(vfs))
}

fn durability(id: i64) -> Durability {
    match id % 3 {
        0 => Durability::Synced,
        1 => Durability::Soon,
        _ => Durability::Written,
    }
}

/// A machine whose power is cut, and the one that is started with its disk.
struct Machines {
    before: Arc<FaultyVfs>,
    after: Arc<FaultyVfs>,
    after_name: &'static str,
}

impl Machines {
    fn new(before: &'static str, after: &'static str) -> Self {
        let after_name = after;
        Self { before: FaultyVfs::register(before), after: FaultyVfs::register(after), after_name }
    }

    /// Starts again with what is left. The second machine spares the real disk its syncs.
    fn restart(&self, unsynced: Unsynced, check: impl FnOnce(&Database)) {
        let (folder, path) = place();
        self.before.image(folder.path(), unsynced).unwrap();
        self.after.reset();
        check(&open(&path, self.after_name).unwrap());
    }
}

/// Writes records 1 to `count`, every third synced, until one fails. Returns the last that was
/// acknowledged as synced, and the last that was tried.
fn write_records(path: &Path, vfs: &'static str, count: i64) -> (i64, i64) {
    let (mut synced, mut tried) = (0, 0);
    let Ok(database) = open(path, vfs) else { return (synced, tried) };
    for id in 1..=count {
        tried = id;
        match insert(&database, durability(id), id).wait() {
            Ok(()) if durability(id) == Durability::Synced => synced = id,
            Ok(()) => {}
            Err(_) => break,
        }
    }
    (synced, tried)
}

/// The records left are 1 to some m, unharmed, and m is at least `synced`.
#[track_caller]
fn check_left(database: &Database, synced: i64, tried: i64) {
    let sound: String = database
        .read(|connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(sound, "ok");
    let left: Vec<(i64, Vec<u8>)> = database
        .read(|connection| {
            let mut select = connection.prepare("SELECT id, body FROM record ORDER BY id")?;
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .unwrap();
    let last = left.last().map_or(0, |(id, _)| *id);
    assert!(synced <= last && last <= tried, "{synced} <= {last} <= {tried}");
    let expected: Vec<(i64, Vec<u8>)> = (1..=last).map(|id| (id, body(id))).collect();
    assert!(left == expected, "records are missing, harmed or made up");
    insert(database, Durability::Synced, last + 1).wait().unwrap();
}

#[test]
fn at_every_sync_of_two_hundred_writes() {
    let machines = Machines::new("power", "after power");
    let mut cuts = 0;
    loop {
        machines.before.reset();
        machines.before.freeze_at_sync(cuts + 1);
        let (_folder, path) = place();
        let (synced, tried) = write_records(&path, "power", 200);
        if !machines.before.is_frozen() {
            break;
        }
        cuts += 1;
        let torn = Unsynced::Torn { seed: cuts };
        for unsynced in [Unsynced::Lost, torn] {
            machines.restart(unsynced, |database| check_left(database, synced, tried));
        }
    }
    assert!(cuts > 66, "every third write syncs, and checkpoints do: {cuts}");
}

#[test]
fn after_a_failed_sync_nothing_acknowledged_is_lost() {
    let machines = Machines::new("failed sync", "after failed sync");
    for nth in 1.. {
        machines.before.reset();
        let (_folder, path) = place();
        let database = open(&path, "failed sync").unwrap();
        machines.before.fail_operation(nth, Fault::Sync);
        let acknowledged: Vec<i64> =
            (1..60).filter(|id| insert(&database, durability(*id), *id).wait().is_ok()).collect();
        let is_clean = machines.before.is_fault_pending();
        // The second attempt succeeds where the fault struck the first.
        let last = || insert(&database, Durability::Synced, 99).wait();
        last().or_else(|_| last()).unwrap();
        machines.restart(Unsynced::Lost, |database| {
            assert_eq!(ids(database), [acknowledged.as_slice(), &[99]].concat(), "sync {nth}");
        });
        if is_clean {
            assert!(nth > 20, "every third write syncs, and checkpoints do: {nth}");
            break;
        }
        assert_eq!(database.statistics().reopens, 1);
    }
}

#[test]
fn a_synced_work_that_changes_nothing_syncs_what_was_written_before() {
    let machines = Machines::new("nothing", "after nothing");
    let (_folder, path) = place();
    let database = open(&path, "nothing").unwrap();
    insert(&database, Durability::Written, 1).wait().unwrap();
    machines.restart(Unsynced::Lost, |database| assert_eq!(ids(database), [0; 0]));
    database.write(Durability::Synced, |_| Ok(())).wait().unwrap();
    machines.restart(Unsynced::Lost, |database| assert_eq!(ids(database), [1]));
    let before = machines.before.syncs();
    database.write(Durability::Synced, |_| Ok(())).wait().unwrap();
    assert_eq!(machines.before.syncs(), before, "there was nothing left to sync");
}

#[test]
fn a_reader_in_the_way_of_a_checkpoint_costs_nothing_when_the_next_one_fails() {
    let machines = Machines::new("reader", "after reader");
    let (_folder, path) = place();
    let database = open(&path, "reader").unwrap();
    (1..=5).for_each(|id| insert(&database, Durability::Written, id).wait().unwrap());
    let mut next = 6;
    let mut write_until = |is_reached: &dyn Fn(u64) -> bool| {
        let before = database.statistics().wal_bytes;
        while !is_reached(database.statistics().wal_bytes.max(before)) {
            drop(insert(&database, Durability::Written, next).wait());
            next += 1;
        }
    };
    database
        .read(|connection| {
            connection.execute_batch("BEGIN; SELECT count(*) FROM record")?;
            // Past its bound of 20 KiB the log is to be folded, which this reader prevents.
            write_until(&|wal_bytes| wal_bytes > 24 << 10);
            Ok(())
        })
        .unwrap();
    // The first sync of a checkpoint is that of the log, the second that of the file.
    machines.before.fail_operation(2, Fault::Sync);
    write_until(&|_| !machines.before.is_fault_pending());
    insert(&database, Durability::Synced, 1_000).wait().unwrap();
    let kept = ids(&database);
    assert!(kept.starts_with(&[1, 2, 3, 4, 5]) && database.statistics().reopens == 1);
    machines.restart(Unsynced::Lost, |database| assert_eq!(ids(database), kept));
}
