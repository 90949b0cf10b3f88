//! An operation fails: a typed error, no panic, and all is well afterwards.

use std::path::Path;

use forebay_storage::{Database, Durability, Error};
use testkit::{Fault, FaultyVfs};
use types::Class;

use crate::support::{SCHEMA, ids, insert, open, place, small};

#[track_caller]
fn check_typed(fault: Fault, error: &Error) {
    let fits = match fault {
        Fault::Full => matches!(error, Error::Full { .. }),
        Fault::Io | Fault::ShortWrite | Fault::Sync => matches!(error, Error::Io { .. }),
    };
    assert!(fits, "{fault:?} shows as {error:?}");
}

/// Opens, writes and reads with one failure somewhere. Returns what was acknowledged.
#[track_caller]
fn survive(path: &Path, vfs: &'static str, fault: Fault) -> Vec<i64> {
    let mut failures = Vec::new();
    let database = match Database::open(path, &SCHEMA, &small(vfs)) {
        Ok(database) => database,
        Err(error) => {
            failures.push(error);
            Database::open(path, &SCHEMA, &small(vfs)).unwrap()
        }
    };
    let mut acknowledged = Vec::new();
    for id in 1..=12 {
        let durability = if id % 2 == 0 { Durability::Synced } else { Durability::Written };
        match insert(&database, durability, id).wait() {
            Ok(()) => acknowledged.push(id),
            Err(error) => failures.push(error),
        }
        if id % 4 == 0 {
            let count = database.read(|connection| {
                connection.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0))
            });
            match count {
                Ok(count) => assert_eq!(usize::try_from(count), Ok(acknowledged.len())),
                Err(error) => failures.push(error),
            }
        }
    }
    failures.extend(database.close().err());
    assert!(failures.len() <= 1, "one fault, one failure: {failures:?}");
    failures.iter().for_each(|error| check_typed(fault, error));
    acknowledged
}

#[track_caller]
fn check_every_operation(vfs_name: &'static str, fault: Fault) {
    let vfs = FaultyVfs::register(vfs_name);
    for nth in 1.. {
        vfs.reset();
        vfs.fail_operation(nth, fault);
        let (_folder, path) = place();
        let acknowledged = survive(&path, vfs_name, fault);
        let is_clean = vfs.is_fault_pending();
        vfs.reset();
        let reopened = Database::open(&path, &SCHEMA, &small(vfs_name)).unwrap();
        assert_eq!(ids(&reopened), acknowledged, "operation {nth} failed");
        if is_clean {
            assert_eq!(acknowledged.len(), 12);
            assert!(nth > 20, "the fault struck only {nth} times");
            break;
        }
    }
}

#[test]
fn any_operation_fails() {
    check_every_operation("any io", Fault::Io);
}

#[test]
fn any_write_finds_the_disk_full() {
    check_every_operation("any full", Fault::Full);
}

#[test]
fn any_write_stops_half_way() {
    check_every_operation("any short", Fault::ShortWrite);
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_mends_itself() {
    let vfs = FaultyVfs::register("full");
    let (_folder, path) = place();
    let database = Database::open(&path, &SCHEMA, &small("full")).unwrap();
    for round in 1..=100 {
        insert(&database, Durability::Synced, round).wait().unwrap();
        vfs.fill_disk(true);
        let refused = insert(&database, Durability::Synced, 1000 + round).wait().unwrap_err();
        assert!(matches!(refused, Error::Full { .. }), "{refused:?}");
        assert_eq!(refused.class(), Class::Busy);
        assert_eq!(ids(&database), (1..=round).collect::<Vec<i64>>());
        vfs.fill_disk(false);
    }
    // Too large to be kept in memory: the disk is full in the middle of the work.
    vfs.fill_disk(true);
    let large = database.write(Durability::Written, |connection| {
        connection.execute("INSERT INTO record (id, body) VALUES (999, zeroblob(8000000))", [])
    });
    let refused = large.wait().unwrap_err();
    assert!(matches!(refused, Error::Full { .. }), "{refused:?}");
    vfs.fill_disk(false);
    database.close().unwrap();
    assert_eq!(ids(&open(&path)), (1..=100).collect::<Vec<i64>>());
}
