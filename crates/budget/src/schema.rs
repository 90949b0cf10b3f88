//! What `ledger.db` holds.

use storage::{Index, ListedQuery, Migration, Schema};

use crate::journal::sql;

/// Limits, balances, charges and virtual keys.
pub static SCHEMA: Schema = Schema {
    name: "ledger",
    migrations: &[
        Migration { version: 1, name: "ledger", sql: LEDGER },
        Migration { version: 2, name: "reservations in a file of their own", sql: CHARGE_OPEN },
    ],
    indexes: &[
        Index {
            name: "charges_by_month",
            sql: "CREATE INDEX IF NOT EXISTS charges_by_month ON charges (month, tenant)",
        },
        Index {
            name: "charges_unreconciled",
            sql: "CREATE INDEX IF NOT EXISTS charges_unreconciled ON charges (id) \
                  WHERE kind = 'unreconciled'",
        },
        Index {
            name: "windows_by_month",
            sql: "CREATE INDEX IF NOT EXISTS windows_by_month ON windows (month)",
        },
        Index {
            name: "windows_with_lease",
            sql: "CREATE INDEX IF NOT EXISTS windows_with_lease ON windows (month) \
                  WHERE leased > spent",
        },
    ],
    queries: &[
        ListedQuery { name: "largest charge id", sql: sql::LARGEST_CHARGE },
        ListedQuery { name: "last month", sql: sql::LAST_MONTH },
        ListedQuery { name: "balances of a month", sql: sql::BALANCES },
        ListedQuery { name: "open leases", sql: sql::OPEN_LEASES },
        ListedQuery { name: "unreconciled charges", sql: sql::UNRECONCILED },
        ListedQuery { name: "one charge", sql: sql::CHARGE },
        ListedQuery { name: "usage by developer", sql: sql::BY_DEVELOPER },
        ListedQuery { name: "usage by team", sql: sql::BY_TEAM },
        ListedQuery { name: "usage by project", sql: sql::BY_PROJECT },
        ListedQuery { name: "usage by model", sql: sql::BY_MODEL },
        ListedQuery { name: "usage by day", sql: sql::BY_DAY },
    ],
};

/// Amounts are micro-dollars; times are milliseconds since 1970; a month is the number of months
/// since January of year 0. `scope` is set on a charge that counts for one account of its path
/// alone. `reserved` of a charge is what had been reserved for it.
const LEDGER: &str = "
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE limits (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    spend_limit INTEGER CHECK (spend_limit >= 0),
    PRIMARY KEY (tenant, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE windows (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    month INTEGER NOT NULL,
    spent INTEGER NOT NULL CHECK (spent >= 0),
    leased INTEGER NOT NULL CHECK (leased >= 0),
    PRIMARY KEY (tenant, kind, name, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    at INTEGER NOT NULL,
    month INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    team TEXT,
    project TEXT,
    developer TEXT NOT NULL,
    key TEXT,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0)
) STRICT;

CREATE TABLE charges (
    id INTEGER PRIMARY KEY,
    request TEXT,
    at INTEGER NOT NULL,
    month INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('settled', 'estimated', 'unreconciled', 'reconciled', 'free')),
    scope TEXT CHECK (scope IN ('developer', 'project', 'team', 'tenant')),
    tenant TEXT NOT NULL,
    team TEXT,
    project TEXT,
    developer TEXT,
    key TEXT,
    provider TEXT,
    model TEXT,
    input INTEGER NOT NULL DEFAULT 0,
    cache_read INTEGER NOT NULL DEFAULT 0,
    cache_write_5m INTEGER NOT NULL DEFAULT 0,
    cache_write_1h INTEGER NOT NULL DEFAULT 0,
    output INTEGER NOT NULL DEFAULT 0,
    reasoning INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL,
    cost INTEGER NOT NULL CHECK (cost >= 0),
    saved INTEGER NOT NULL DEFAULT 0,
    origin TEXT
) STRICT;

CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    tenant TEXT NOT NULL,
    team TEXT,
    project TEXT,
    developer TEXT NOT NULL,
    models TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    replaced_by TEXT
) STRICT, WITHOUT ROWID;
";

/// Charges what was in flight at its worst case, as a start does.
const CHARGE_OPEN: &str = "
UPDATE windows SET spent = spent + open.amount, leased = max(leased, spent + open.amount)
FROM (
    SELECT windows.tenant, windows.kind, windows.name, windows.month, sum(amount) AS amount
    FROM reservations JOIN windows ON windows.month = reservations.month
        AND windows.tenant = reservations.tenant
        AND windows.name = CASE windows.kind WHEN 'developer' THEN developer
            WHEN 'project' THEN project WHEN 'team' THEN team ELSE reservations.tenant END
    GROUP BY 1, 2, 3, 4
) AS open
WHERE (windows.tenant, windows.kind, windows.name, windows.month)
    = (open.tenant, open.kind, open.name, open.month);

INSERT INTO charges (id, request, at, month, kind, tenant, team, project, developer, key,
    provider, model, reserved, cost)
SELECT id, request, at, month, 'unreconciled', tenant, team, project, developer, key,
    provider, model, amount, amount
FROM reservations;

DROP TABLE reservations;
";
