//! The ledger's rows: what is written, and what is made of it after a stop.

mod charge;
mod recover;
mod row;
pub(crate) mod sql;

use std::sync::Arc;

use rusqlite::{Connection, params};
use storage::Slot;
use types::Microdollars;

pub(crate) use self::charge::{Charge, Opening};
pub(crate) use self::recover::{Recovered, recover};
pub(crate) use self::row::{Row, cell};
use crate::book::Lease;
use crate::{AccountId, Window};

/// A row that must reach the ledger in the end, so it is kept until it has.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) row: Arc<ChargeRow>,
    /// The open reservation that stands for it until then.
    pub(crate) slot: Option<Slot>,
}

/// A charge, and where it passed its reservation the leases that it outgrew.
#[derive(Debug)]
pub(crate) struct ChargeRow {
    pub(crate) charge: Charge,
    pub(crate) outgrown: Vec<Lease>,
}

impl ChargeRow {
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.charge.write(connection)?;
        grant(connection, &self.outgrown)
    }
}

/// Raises leases to the given totals; one that is higher stays.
pub(crate) fn grant(connection: &Connection, leases: &[Lease]) -> rusqlite::Result<()> {
    write_leases(connection, sql::GRANT, leases)
}

/// Lowers leases to the given totals, never below what is spent.
pub(crate) fn give_back(connection: &Connection, leases: &[Lease]) -> rusqlite::Result<()> {
    write_leases(connection, sql::RETURN, leases)
}

fn write_leases(
    connection: &Connection,
    statement: &str,
    leases: &[Lease],
) -> rusqlite::Result<()> {
    for lease in leases {
        execute_on(connection, statement, &lease.account, lease.window, lease.total)?;
    }
    Ok(())
}

/// Adds to what an account has spent.
pub(crate) fn spend(
    connection: &Connection,
    account: &AccountId,
    window: Window,
    amount: Microdollars,
) -> rusqlite::Result<()> {
    execute_on(connection, sql::SPEND, account, window, amount)
}

/// Takes back from what an account has spent.
pub(crate) fn unspend(
    connection: &Connection,
    account: &AccountId,
    window: Window,
    amount: Microdollars,
) -> rusqlite::Result<()> {
    execute_on(connection, sql::UNSPEND, account, window, amount)
}

/// Raises a lease by an amount.
pub(crate) fn lease_more(
    connection: &Connection,
    account: &AccountId,
    window: Window,
    amount: Microdollars,
) -> rusqlite::Result<()> {
    execute_on(connection, sql::LEASE_MORE, account, window, amount)
}

/// Lowers a lease to what is spent.
pub(crate) fn close_lease(
    connection: &Connection,
    account: &AccountId,
    window: Window,
) -> rusqlite::Result<()> {
    execute_on(connection, sql::RETURN, account, window, Microdollars::ZERO)
}

fn execute_on(
    connection: &Connection,
    statement: &str,
    account: &AccountId,
    window: Window,
    amount: Microdollars,
) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute(params![
        account.tenant_id().as_str(),
        account.kind().as_str(),
        account.name(),
        window.number(),
        cell(amount.get()),
    ])?;
    Ok(())
}

/// Sets a limit, or with `None` that there is none.
pub(crate) fn set_limit(
    connection: &Connection,
    account: &AccountId,
    limit: Option<Microdollars>,
) -> rusqlite::Result<()> {
    connection.prepare_cached(sql::SET_LIMIT)?.execute(params![
        account.tenant_id().as_str(),
        account.kind().as_str(),
        account.name(),
        limit.map(|limit| cell(limit.get())),
    ])?;
    Ok(())
}
