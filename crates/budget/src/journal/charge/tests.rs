use types::{DeveloperId, TenantId};

use super::*;
use crate::SCHEMA;
use crate::book::Lease;

fn database() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in SCHEMA.migrations {
        connection.execute_batch(migration.sql).unwrap();
    }
    connection
}

fn opening() -> Opening {
    let path = AccountPath::of(&Principal {
        tenant: TenantId::new("acme").unwrap(),
        team: None,
        project: None,
        developer: DeveloperId::new("ada").unwrap(),
        key: None,
    });
    Opening {
        id: 1,
        path,
        request: RequestId::new("r-1").unwrap(),
        at: Timestamp::from_millis(1_795_132_800_000),
        window: Window::of(Timestamp::from_millis(1_795_132_800_000)),
        provider: ProviderId::new("openai").unwrap(),
        model: ModelId::new("gpt-5-mini").unwrap(),
        amount: Microdollars::new(70),
    }
}

fn ask(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_charge_that_is_written_again_counts_once() {
    let connection = database();
    opening().write(&connection).unwrap();
    assert_eq!(ask(&connection, "SELECT count(*) FROM reservations"), 1);
    let charge = opening().at_worst();
    for _ in 0..3 {
        charge.write(&connection).unwrap();
        assert_eq!(ask(&connection, "SELECT count(*) FROM reservations"), 0);
        assert_eq!(ask(&connection, "SELECT count(*) FROM charges"), 1);
        assert_eq!(ask(&connection, "SELECT sum(spent) FROM windows"), 2 * 70);
    }
}

#[test]
fn what_was_written_is_read_again() {
    let connection = database();
    opening().write(&connection).unwrap();
    let read = connection.query_row(sql::ALL_OPEN, [], |row| Opening::read(&Row(row))).unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", opening()));
}

#[test]
fn hostile_token_counts_are_capped() {
    let connection = database();
    let most = TokenCount::new(u64::MAX);
    let usage = TokenUsage { input: most, output: most, ..TokenUsage::default() };
    Charge { usage, ..opening().at_worst() }.write(&connection).unwrap();
    let stored = ask(&connection, "SELECT sum(input + output) FROM charges");
    assert_eq!(stored, 2 * i64::try_from(TOKENS_MOST).unwrap());
}

#[test]
fn a_grant_never_lowers_a_lease_and_a_return_never_goes_below_what_is_spent() {
    let connection = database();
    let charge = opening().at_worst();
    charge.write(&connection).unwrap();
    let leased = || ask(&connection, "SELECT leased FROM windows WHERE kind = 'developer'");
    let lease = |total| {
        let account = charge.path.accounts()[0].clone();
        vec![Lease::new(account, charge.window, Microdollars::new(total))]
    };
    crate::journal::grant(&connection, &lease(500)).unwrap();
    crate::journal::grant(&connection, &lease(300)).unwrap();
    assert_eq!(leased(), 500);
    crate::journal::give_back(&connection, &lease(90)).unwrap();
    assert_eq!(leased(), 90);
    crate::journal::give_back(&connection, &lease(69)).unwrap();
    assert_eq!(leased(), 70);
}
