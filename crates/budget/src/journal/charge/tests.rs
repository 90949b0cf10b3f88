use types::{DeveloperId, KeyId, ProjectId, TeamId, TenantId};

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
    Opening {
        id: 1,
        principal: Principal {
            tenant: TenantId::new("acme").unwrap(),
            team: None,
            project: None,
            developer: DeveloperId::new("ada").unwrap(),
            key: None,
        },
        request: RequestId::new("r-1").unwrap(),
        at: Timestamp::from_millis(1_795_132_800_000),
        window: Window::of(Timestamp::from_millis(1_795_132_800_000)),
        provider: ProviderId::new("openai").unwrap(),
        model: ModelId::new("gpt-5-mini").unwrap(),
        amount: Microdollars::new(70),
        outcome: None,
    }
}

fn ask(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_charge_that_is_written_again_counts_once() {
    let connection = database();
    let charge = opening().charge();
    for is_new in [true, false, false] {
        assert_eq!(charge.write(&connection).unwrap(), is_new);
        assert_eq!(ask(&connection, "SELECT count(*) FROM charges"), 1);
        assert_eq!(ask(&connection, "SELECT sum(spent) FROM windows"), 2 * 70);
    }
}

#[test]
fn what_was_written_is_read_again_and_has_room_with_the_longest_names() {
    let name = "n".repeat(128);
    let opening = Opening {
        id: i64::MAX,
        principal: Principal {
            tenant: TenantId::new(&name).unwrap(),
            team: Some(TeamId::new(&name).unwrap()),
            project: Some(ProjectId::new(&name).unwrap()),
            developer: DeveloperId::new(&name).unwrap(),
            key: Some(KeyId::new(&name).unwrap()),
        },
        request: RequestId::new(&name).unwrap(),
        at: Timestamp::from_millis(u64::MAX),
        window: Window::of(Timestamp::from_millis(u64::MAX)),
        provider: ProviderId::new(&name).unwrap(),
        model: ModelId::new(&name).unwrap(),
        amount: Microdollars::new(u64::MAX),
        outcome: None,
    };
    let most = TokenCount::new(u64::MAX);
    let usage = TokenUsage {
        input: most,
        cache_read: most,
        cache_write_5m: most,
        cache_write_1h: most,
        output: most,
        reasoning: most,
    };
    let cost = Microdollars::new(u64::MAX);
    let outcome = Outcome { kind: ChargeKind::Unreconciled, usage, cost };
    let settled = Opening { outcome: Some(outcome), ..opening.clone() };
    for opening in [opening, settled] {
        let record = opening.encode().unwrap();
        assert!(record.len() <= storage::Slots::RECORD_BYTES_MAX, "{}", record.len());
        let earlier = serde_json::to_vec(&opening).unwrap();
        for record in [&record, &earlier] {
            let read = Opening::decode(record).unwrap();
            assert_eq!(format!("{read:?}"), format!("{opening:?}"));
        }
        for unknown in
            [&[], &record[1..], &record[..record.len() - 1], &[&[2], &record[1..]].concat()]
        {
            assert!(Opening::decode(unknown).is_err());
        }
    }
}

/// Whoever has to change this has to change the first byte too.
#[test]
fn the_form_of_what_is_written_down_stays() {
    let outcome = Outcome {
        kind: ChargeKind::Estimated,
        usage: TokenUsage { output: TokenCount::new(300), ..TokenUsage::default() },
        cost: Microdollars::new(5),
    };
    let written = Opening { outcome: Some(outcome), ..opening() }.encode().unwrap();
    let fields = b"\x02\x04acme\0\0\x03ada\0\x03r-1\x80\xf8\x82\xb2\x9f4\x82\xbe\x01\x06openai\n\
        gpt-5-miniF\x01\x01\0\0\0\0\xac\x02\0\x05";
    assert_eq!(
        written.escape_ascii().to_string(),
        [&[1][..], fields].concat().escape_ascii().to_string()
    );
}

#[test]
fn what_is_over_is_charged_at_what_it_came_to() {
    let connection = database();
    let usage = TokenUsage { output: TokenCount::new(3), ..TokenUsage::default() };
    let kind = ChargeKind::Settled;
    let charge = Charge { kind, usage, cost: Microdollars::new(12), ..opening().charge() };
    let read = Opening::settled(&charge).charge();
    assert_eq!(format!("{read:?}"), format!("{charge:?}"));
    read.write(&connection).unwrap();
    assert_eq!(ask(&connection, "SELECT sum(spent) FROM windows"), 2 * 12);
    assert_eq!(ask(&connection, "SELECT cost FROM charges WHERE kind = 'settled'"), 12);
}

/// The latest migration charges what an earlier program left open.
#[test]
fn what_was_open_in_a_table_is_charged_at_its_worst_case() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA.migrations[0].sql).unwrap();
    let rows = "INSERT INTO windows VALUES ('acme', 'developer', 'ada', 24322, 5, 100),
            ('acme', 'tenant', 'acme', 24322, 5, 100), ('acme', 'developer', 'bob', 24322, 1, 9);
        INSERT INTO reservations (id, request, at, month, tenant, developer, provider, model,
            amount) VALUES (7, 'r-1', 1, 24322, 'acme', 'ada', 'p', 'm', 30),
            (8, 'r-2', 1, 24322, 'acme', 'ada', 'p', 'm', 80);";
    connection.execute_batch(rows).unwrap();
    connection.execute_batch(SCHEMA.migrations[1].sql).unwrap();
    let sum = |column: &str, name: &str| {
        ask(&connection, &format!("SELECT {column} FROM windows WHERE name = '{name}'"))
    };
    assert_eq!((sum("spent", "ada"), sum("leased", "ada")), (115, 115));
    assert_eq!((sum("spent", "acme"), sum("leased", "acme")), (115, 115));
    assert_eq!((sum("spent", "bob"), sum("leased", "bob")), (1, 9));
    let charged = "SELECT sum(cost) FROM charges WHERE kind = 'unreconciled'";
    assert_eq!(ask(&connection, charged), 110);
}

#[test]
fn hostile_token_counts_are_capped() {
    let connection = database();
    let most = TokenCount::new(u64::MAX);
    let usage = TokenUsage { input: most, output: most, ..TokenUsage::default() };
    Charge { usage, ..opening().charge() }.write(&connection).unwrap();
    let stored = ask(&connection, "SELECT sum(input + output) FROM charges");
    assert_eq!(stored, 2 * i64::try_from(TOKENS_MOST).unwrap());
}

#[test]
fn a_grant_never_lowers_a_lease_and_a_return_never_goes_below_what_is_spent() {
    let connection = database();
    let charge = opening().charge();
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
