//! A file is brought to today's schema whole or not at all, or is left alone.

use std::path::Path;

use forebay_storage::{
    Database, Durability, Error, Migration, OnCorrupt, Schema, SchemaStatus, Settings,
    schema_status,
};
use rusqlite::Connection;
use testkit::{Fault, FaultyVfs, Unsynced};

use crate::support::{SCHEMA, ids, insert, open, place, small};

static FIRST: Schema = Schema {
    name: "records",
    migrations: SCHEMA.migrations.split_at(1).0,
    indexes: &[],
    queries: &[],
};

/// A file of version 1 with records 1 to 3 in it, all in the file itself.
fn first_version(path: &Path) {
    let database = Database::open(path, &FIRST, &Settings::default()).unwrap();
    for id in 1..=3 {
        insert(&database, Durability::Written, id).wait().unwrap();
    }
    database.close().unwrap();
}

/// All that the file says about its schema, read without the code under test.
fn schema_of(path: &Path) -> (u32, Vec<String>) {
    let connection = Connection::open(path).unwrap();
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut select = connection
        .prepare("SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name")
        .unwrap();
    (version, select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
}

#[test]
fn status_tells_what_opening_would_change() {
    let (_folder, path) = place();
    let status = |current, missing_indexes| SchemaStatus { current, latest: 2, missing_indexes };
    let now = || schema_status(&path, &SCHEMA).unwrap();
    assert_eq!(now(), status(0, vec!["record_by_tag"]));
    assert!(!path.exists(), "asking creates nothing");
    first_version(&path);
    assert_eq!(now(), status(1, vec!["record_by_tag"]));
    open(&path).close().unwrap();
    assert_eq!(now(), status(2, vec![]));
    assert!(now().is_current());
    Connection::open(&path).unwrap().execute_batch("DROP INDEX record_by_tag").unwrap();
    assert!(!now().is_current());
    open(&path).close().unwrap();
    assert!(now().is_current(), "a lacking index is created");
}

#[test]
fn a_migration_that_stops_at_any_statement_leaves_no_trace() {
    let statements: Vec<&str> = SCHEMA.migrations[1].sql.split_inclusive(';').collect();
    for done in 0..=statements.len() {
        let (_folder, path) = place();
        first_version(&path);
        let before = schema_of(&path);
        let sql = format!("{} SELECT no_such_function();", statements[..done].concat());
        let broken = Migration { version: 2, name: "broken", sql: sql.leak() };
        let migrations = vec![SCHEMA.migrations[0], broken].leak();
        let schema: &'static Schema = Box::leak(Box::new(Schema { migrations, ..FIRST }));
        let failed = Database::open(&path, schema, &Settings::default()).unwrap_err();
        assert!(matches!(failed, Error::Query { operation: "migrate", .. }), "{failed:?}");
        assert_eq!(schema_of(&path), before, "after {done} statements");
        assert_eq!(ids(&open(&path)), [1, 2, 3]);
    }
}

#[test]
fn a_migration_survives_a_failure_of_any_operation() {
    let vfs = FaultyVfs::register("migration io");
    let settings = small("migration io");
    for nth in 1.. {
        let (_folder, path) = place();
        first_version(&path);
        vfs.reset();
        vfs.fail_operation(nth, Fault::Io);
        let opened = Database::open(&path, &SCHEMA, &settings).map(drop);
        let is_clean = vfs.is_fault_pending();
        vfs.reset();
        if let Err(error) = opened {
            assert!(matches!(error, Error::Io { .. }), "{error:?}");
            assert!(matches!(schema_status(&path, &SCHEMA).unwrap().current, 1 | 2));
        }
        assert_eq!(ids(&Database::open(&path, &SCHEMA, &settings).unwrap()), [1, 2, 3]);
        assert!(schema_status(&path, &SCHEMA).unwrap().is_current());
        if is_clean {
            assert!(nth > 20, "the fault struck only {nth} times");
            break;
        }
    }
}

#[test]
fn a_migration_survives_the_power_going_at_any_sync() {
    let vfs = FaultyVfs::register("migration power");
    let settings = small("migration power");
    for nth in 1.. {
        let (_folder, path) = place();
        first_version(&path);
        vfs.reset();
        vfs.freeze_at_sync(nth);
        drop(Database::open(&path, &SCHEMA, &settings));
        if !vfs.is_frozen() {
            assert!(nth > 2, "a migration syncs");
            break;
        }
        for unsynced in [Unsynced::Lost, Unsynced::Torn { seed: nth }] {
            let (folder, left) = place();
            vfs.image(folder.path(), unsynced).unwrap();
            assert!(matches!(schema_status(&left, &SCHEMA).unwrap().current, 1 | 2));
            assert_eq!(ids(&open(&left)), [1, 2, 3]);
        }
    }
}

/// Opening is refused, whatever is to be done with damaged files, and changes nothing.
#[track_caller]
fn check_refused(path: &Path, is_expected: impl Fn(&Error) -> bool) {
    let before = fs_err::read(path).unwrap();
    let settings = Settings { on_corrupt: OnCorrupt::SetAside, ..Settings::default() };
    let error = Database::open(path, &SCHEMA, &settings).unwrap_err();
    assert!(is_expected(&error), "{error:?}");
    let error = schema_status(path, &SCHEMA).unwrap_err();
    assert!(is_expected(&error), "{error:?}");
    assert!(fs_err::read(path).unwrap() == before, "the file was touched");
}

#[test]
fn a_newer_file_is_refused() {
    let (_folder, path) = place();
    open(&path).close().unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 3).unwrap();
    check_refused(&path, |error| matches!(error, Error::NewerSchema { found: 3, known: 2, .. }));
}

#[test]
fn the_file_of_somebody_else_is_refused() {
    let (_folder, path) = place();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    check_refused(&path, |error| matches!(error, Error::Foreign { expected: "records", .. }));

    static OTHER: Schema = Schema { name: "others", ..SCHEMA };
    let (_folder, path) = place();
    Database::open(&path, &OTHER, &Settings::default()).unwrap().close().unwrap();
    check_refused(&path, |error| matches!(error, Error::Foreign { expected: "records", .. }));
}

#[test]
fn migrations_must_be_numbered() {
    static GAP: Schema =
        Schema { migrations: &[Migration { version: 2, name: "x", sql: "" }], ..SCHEMA };
    let (_folder, path) = place();
    let error = Database::open(&path, &GAP, &Settings::default()).unwrap_err();
    assert!(matches!(error, Error::Query { .. }), "{error:?}");
}

#[test]
fn a_new_file_is_made_as_the_settings_say() {
    let (_folder, path) = place();
    let settings = Settings { incremental_vacuum: true, ..Settings::default() };
    Database::open(&path, &SCHEMA, &settings).unwrap().close().unwrap();
    let connection = Connection::open(&path).unwrap();
    let number =
        |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("page_size"), 4096);
    assert_eq!(number("auto_vacuum"), 2, "incremental");
}
