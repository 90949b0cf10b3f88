//! What is bounded, what waits, and what ends.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use forebay_storage::{DataDirectory, Database, Durability, Error, Pending, Settings};
use types::Class;

use crate::support::{SCHEMA, hold, ids, insert, open, place};

const SMALL_LOG_BYTES: u64 = 100 << 10;

fn with_small_log() -> (tempfile::TempDir, Database) {
    let (folder, path) = place();
    let settings = Settings { wal_max_bytes: SMALL_LOG_BYTES, ..Settings::default() };
    (folder, Database::open(&path, &SCHEMA, &settings).unwrap())
}

#[test]
fn the_log_stays_bounded_under_load() {
    let (_folder, database) = with_small_log();
    let stop = Arc::new(AtomicU32::new(0));
    let reader = thread::spawn({
        let (database, stop) = (database.clone(), Arc::clone(&stop));
        move || {
            while stop.load(Ordering::Relaxed) == 0 {
                ids(&database);
            }
        }
    });
    let one_group_bytes = 40 << 10;
    for id in 1..=500 {
        insert(&database, Durability::Written, id).wait().unwrap();
        let wal_bytes = database.statistics().wal_bytes;
        assert!(wal_bytes < SMALL_LOG_BYTES + one_group_bytes, "{wal_bytes}");
    }
    stop.store(1, Ordering::Relaxed);
    reader.join().unwrap();
    assert!(database.statistics().checkpoints > 4);
}

#[test]
fn a_full_queue_refuses_and_recovers() {
    let (_folder, path) = place();
    let database = open(&path);
    let (release, held) = hold(&database);
    let large = || database.write_sized(Durability::Written, 40 << 20, |_| Ok(()));
    let (first, second) = (large(), large());
    let refused = second.wait().unwrap_err();
    assert!(matches!(refused, Error::Busy { .. }), "{refused:?}");
    assert_eq!(refused.class(), Class::Busy);
    let small: Vec<Pending<()>> =
        (0..20_000).map(|_| database.write(Durability::Written, |_| Ok(()))).collect();
    drop(release);
    held.wait().unwrap();
    first.wait().unwrap();
    let accepted = small.into_iter().filter_map(|pending| pending.wait().ok()).count();
    assert_eq!(accepted, 16_383, "16,384 may wait, and the first work does");
    large().wait().unwrap();
    assert_eq!(database.statistics().queued_bytes, 0);
}

#[test]
fn large_works_are_not_all_put_into_one_transaction() {
    let (_folder, path) = place();
    let database = open(&path);
    let (release, held) = hold(&database);
    let before = database.statistics().groups;
    let works: Vec<Pending<()>> =
        (0..8).map(|_| database.write_sized(Durability::Written, 2 << 20, |_| Ok(()))).collect();
    drop(release);
    held.wait().unwrap();
    works.into_iter().for_each(|work| work.wait().unwrap());
    // The holder's own group was formed before any of them was queued.
    assert_eq!(database.statistics().groups - before, 1 + 4);
}

#[test]
fn readers_wait_for_a_connection_and_a_panic_gives_it_back() {
    let (_folder, path) = place();
    let settings = Settings { readers: 1, ..Settings::default() };
    let database = Database::open(&path, &SCHEMA, &settings).unwrap();
    insert(&database, Durability::Written, 1).wait().unwrap();
    let panicking = thread::spawn({
        let database = database.clone();
        move || database.read(|_| -> rusqlite::Result<()> { panic!("on purpose") })
    });
    assert!(panicking.join().is_err());
    let barrier = Arc::new(Barrier::new(2));
    let waiting = thread::spawn({
        let (database, barrier) = (database.clone(), Arc::clone(&barrier));
        move || {
            barrier.wait();
            ids(&database)
        }
    });
    database
        .read(|connection| {
            connection.execute_batch("BEGIN; SELECT count(*) FROM record")?;
            barrier.wait();
            Ok(())
        })
        .unwrap();
    assert_eq!(waiting.join().unwrap(), [1]);
    assert_eq!(ids(&database), [1], "the transaction left open was ended");
}

#[test]
fn readers_cannot_write() {
    let (_folder, path) = place();
    let written = open(&path).read(|connection| connection.execute("DELETE FROM record", []));
    assert!(matches!(written, Err(Error::Io { .. } | Error::Query { .. })), "{written:?}");
}

#[test]
fn closing_writes_what_is_queued_and_ends_all_clones() {
    let (_folder, path) = place();
    let database = open(&path);
    let other = database.clone();
    let (release, _held) = hold(&database);
    let queued = insert(&database, Durability::Written, 1);
    let closing = thread::spawn(|| database.close());
    drop(release);
    closing.join().unwrap().unwrap();
    queued.wait().unwrap();
    assert!(matches!(other.read(|_| Ok(())), Err(Error::Closed)));
    assert!(matches!(insert(&other, Durability::Written, 2).wait(), Err(Error::Closed)));
    assert!(matches!(other.close(), Err(Error::Closed)));
    assert!(!path.with_extension("db-wal").exists(), "the log is folded in");
    assert_eq!(ids(&open(&path)), [1]);
}

#[test]
fn dropping_writes_what_is_queued_even_on_the_writer_itself() {
    let (_folder, path) = place();
    let database = open(&path);
    let (sent, last) = mpsc::channel();
    let own = database.clone();
    let pending = database.write(Durability::Written, move |connection| {
        sent.send(own).unwrap();
        connection.execute("INSERT INTO record (id, body) VALUES (1, x'')", [])
    });
    drop(database);
    drop(last.recv().unwrap());
    pending.wait().unwrap();
    assert_eq!(ids(&open(&path)), [1]);
}

#[test]
fn a_pending_wakes_the_task_that_awaits_it() {
    struct Count(AtomicU32);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (_folder, path) = place();
    let database = open(&path);
    let (release, held) = hold(&database);
    let woken = Arc::new(Count(AtomicU32::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut pending = pin!(database.write(Durability::Written, |_| Ok(7)));
    assert!(pending.as_mut().poll(&mut context).is_pending());
    assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    drop(release);
    held.wait().unwrap();
    database.write(Durability::Written, |_| Ok(())).wait().unwrap();
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert!(matches!(pending.as_mut().poll(&mut context), Poll::Ready(Ok(7))));
}

#[test]
fn a_data_directory_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a").join("b");
    let held = DataDirectory::lock(&path).unwrap();
    assert_eq!(held.path(), path);
    for _ in 0..100 {
        let refused = DataDirectory::lock(&path).unwrap_err();
        assert_eq!(refused.class(), Class::Busy);
        assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
        assert!(matches!(refused, Error::Held { by: Some(_), .. }));
    }
    drop(held);
    DataDirectory::lock(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs_err::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    let database = open(&path);
    insert(&database, Durability::Synced, 1).wait().unwrap();
    database.backup_to(&folder.path().join("backup.db")).unwrap();
    for entry in fs_err::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn a_machine_keeps_its_boot_id() {
    let id = DataDirectory::boot_id();
    assert!(!id.as_str().is_empty());
    if cfg!(target_os = "linux") {
        assert_eq!(id, DataDirectory::boot_id());
    }
}

#[test]
fn a_long_read_holds_the_log_back_for_as_long_as_it_takes() {
    let (_folder, database) = with_small_log();
    insert(&database, Durability::Written, 1).wait().unwrap();
    let (begun, is_reading) = mpsc::channel();
    let (end, is_over) = mpsc::channel::<()>();
    let reader = thread::spawn({
        let database = database.clone();
        move || {
            database.read(|connection| {
                connection.execute_batch("BEGIN; SELECT count(*) FROM record")?;
                begun.send(()).unwrap();
                let _ = is_over.recv();
                connection.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0))
            })
        }
    });
    is_reading.recv().unwrap();
    for id in 2..=30 {
        insert(&database, Durability::Written, id).wait().unwrap();
    }
    assert!(database.statistics().wal_bytes > SMALL_LOG_BYTES);
    assert_eq!(ids(&database).len(), 30, "others read meanwhile");
    drop(end);
    assert_eq!(reader.join().unwrap().unwrap(), 1, "one read sees one moment");
    for id in 31..=60 {
        insert(&database, Durability::Written, id).wait().unwrap();
    }
    assert!(database.statistics().wal_bytes < SMALL_LOG_BYTES);
}
