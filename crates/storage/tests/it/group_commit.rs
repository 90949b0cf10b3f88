//! Many works, one transaction, and none harms another.

use forebay_storage::{Durability, Error, Pending};

use crate::support::{hold, ids, insert, open, place};

#[test]
fn what_waits_is_committed_together_and_in_order() {
    let (_folder, path) = place();
    let database = open(&path);
    let before = database.statistics();
    let (release, held) = hold(&database);
    let pendings: Vec<Pending<i64>> = (0..200)
        .map(|number| {
            // One that asks for a sync is enough for all.
            let durability = if number == 99 { Durability::Synced } else { Durability::Written };
            database.write(durability, |connection| {
                connection.execute("INSERT INTO record (body) VALUES (x'00')", [])?;
                Ok(connection.last_insert_rowid())
            })
        })
        .collect();
    assert_eq!(database.statistics().queued_works, 200);
    drop(release);
    held.wait().unwrap();
    let got: Vec<i64> = pendings.into_iter().map(|pending| pending.wait().unwrap()).collect();
    assert_eq!(got, (1..=200).collect::<Vec<i64>>());
    let after = database.statistics();
    assert_eq!(after.groups - before.groups, 2, "one for the holder, one for the rest");
    assert_eq!(after.synced_groups - before.synced_groups, 1);
    assert_eq!(after.works - before.works, 201);
}

#[test]
fn a_failing_or_panicking_work_leaves_its_neighbours_alone() {
    let (_folder, path) = place();
    let database = open(&path);
    let (release, _held) = hold(&database);
    let first = insert(&database, Durability::Synced, 1);
    let twice = database.write(Durability::Synced, |connection| {
        connection.execute("INSERT INTO record (id, body) VALUES (2, x'')", [])?;
        connection.execute("INSERT INTO record (id, body) VALUES (2, x'')", [])
    });
    let panicking = database.write(Durability::Synced, |connection| -> rusqlite::Result<()> {
        connection.execute("INSERT INTO record (id, body) VALUES (3, x'')", [])?;
        panic!("on purpose")
    });
    let last = insert(&database, Durability::Synced, 4);
    drop(release);
    first.wait().unwrap();
    last.wait().unwrap();
    assert!(matches!(twice.wait(), Err(Error::Query { .. })));
    assert!(matches!(panicking.wait(), Err(Error::Query { .. })));
    assert_eq!(ids(&database), [1, 4]);
    assert_eq!(database.statistics().failed_works, 2);
}

#[test]
fn a_work_that_ends_the_transaction_fails_and_the_next_group_goes_on() {
    let (_folder, path) = place();
    let database = open(&path);
    let (release, _held) = hold(&database);
    let ending =
        database.write(Durability::Written, |connection| connection.execute("ROLLBACK", []));
    let neighbour = insert(&database, Durability::Written, 1);
    drop(release);
    assert!(matches!(ending.wait(), Err(Error::Query { .. })));
    assert!(neighbour.wait().is_err(), "what was not committed is not acknowledged");
    insert(&database, Durability::Written, 2).wait().unwrap();
    assert_eq!(ids(&database), [2]);
}
