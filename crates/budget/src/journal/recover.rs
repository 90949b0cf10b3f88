//! What a start makes of what the last run left.

use rusqlite::{Connection, OptionalExtension, params};
use storage::BootId;
use types::{Microdollars, Timestamp};

use super::{Charge, Opening, Row, cell, close_lease, spend, sql};
use crate::{AccountId, AccountKind, ChargeKind, Window};

/// What the ledger knows after a recovery.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// The last month that anything was granted or charged in, and `now`'s if that is later.
    pub(crate) window: Window,
    pub(crate) limits: Vec<(AccountId, Option<Microdollars>)>,
    pub(crate) spent: Vec<(AccountId, Microdollars)>,
    pub(crate) next_id: i64,
    /// How many reservations were charged at their worst case.
    pub(crate) reservations: u64,
    /// How many leases were counted as spent.
    pub(crate) leases: u64,
}

struct OpenLease {
    account: AccountId,
    window: Window,
    free: Microdollars,
}

/// Charges what was in flight at its worst case, and what was over at what it came to. After another start of the machine, which may
/// mean that power was lost and with it what was merely written, charges the rest of every open
/// lease too: whatever was in flight lies in one.
pub(crate) fn recover(
    connection: &Connection,
    in_flight: Vec<Opening>,
    boot: &BootId,
    now: Timestamp,
) -> rusqlite::Result<Recovered> {
    let last: Option<String> =
        connection.query_row(sql::GET_BOOT, [], |row| row.get(0)).optional()?;
    let power_may_have_failed = last.as_deref() != Some(boot.as_str());
    let reservations = charge_open(connection, in_flight, power_may_have_failed)?;
    let mut next_id = next_id(connection)?;
    let open = open_leases(connection)?;
    let mut leases = 0;
    for lease in open {
        if power_may_have_failed {
            charge_lease(connection, &lease, next_id, now)?;
            next_id += 1;
            leases += 1;
        } else {
            close_lease(connection, &lease.account, lease.window)?;
        }
    }
    connection.execute(sql::SET_BOOT, [boot.as_str()])?;
    let last: Option<u32> = connection.query_row(sql::LAST_MONTH, [], |row| row.get(0))?;
    let window =
        last.map_or(Window::of(now), |last| Window::from_number(last).max(Window::of(now)));
    let (limits, spent) = (limits(connection)?, balances(connection, window)?);
    Ok(Recovered { window, limits, spent, next_id, reservations, leases })
}

/// Charges what has no charge yet; returns how many at their worst case. Where power may have failed some may
/// be long over, whose charge is lost: together they are not more than the leases.
fn charge_open(
    connection: &Connection,
    mut open: Vec<Opening>,
    within_leases: bool,
) -> rusqlite::Result<u64> {
    // One may be there with its outcome and without, or with both amounts where it was extended;
    // the first one counts.
    open.sort_by_key(|opening| (opening.outcome.is_none(), std::cmp::Reverse(opening.amount)));
    let mut count = 0;
    for opening in open {
        let is_worst = opening.outcome.is_none();
        let charge = opening.charge();
        if !within_leases || is_leased(connection, &charge)? {
            let is_new = charge.write(connection)?;
            count += u64::from(is_new && is_worst);
        }
    }
    Ok(count)
}

/// Whether the leases of all accounts have room for a charge.
fn is_leased(connection: &Connection, charge: &Charge) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(sql::LEASED)?;
    for account in charge.path.accounts() {
        let (tenant, kind) = (account.tenant_id().as_str(), account.kind().as_str());
        let window = params![tenant, kind, account.name(), charge.window.number()];
        let free: Option<i64> = select.query_row(window, |row| row.get(0)).optional()?;
        if free.is_none_or(|free| free < cell(charge.cost.get())) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn next_id(connection: &Connection) -> rusqlite::Result<i64> {
    let largest: i64 = connection.query_row(sql::LARGEST_CHARGE, [], |row| row.get(0))?;
    Ok(largest.saturating_add(1))
}

fn open_leases(connection: &Connection) -> rusqlite::Result<Vec<OpenLease>> {
    let mut select = connection.prepare(sql::OPEN_LEASES)?;
    let leases = select.query_map([], |row| {
        let row = Row(row);
        let (account, window) = (row.account()?, row.window("month")?);
        Ok(OpenLease { account, window, free: row.amount("free")? })
    })?;
    leases.collect()
}

/// A charge of one account alone: nobody knows which requests it stands for.
fn charge_lease(
    connection: &Connection,
    lease: &OpenLease,
    id: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let OpenLease { account, window, free } = lease;
    let named = |kind| (account.kind() == kind).then(|| account.name());
    connection.prepare_cached(sql::CHARGE_LEASE)?.execute(params![
        id,
        cell(now.as_millis()),
        window.number(),
        ChargeKind::Unreconciled.as_str(),
        account.kind().as_str(),
        account.tenant_id().as_str(),
        named(AccountKind::Team),
        named(AccountKind::Project),
        named(AccountKind::Developer),
        cell(free.get()),
    ])?;
    spend(connection, account, *window, *free)
}

fn limits(connection: &Connection) -> rusqlite::Result<Vec<(AccountId, Option<Microdollars>)>> {
    let mut select = connection.prepare(sql::LIMITS)?;
    let limits = select.query_map([], |row| {
        let limit: Option<i64> = row.get("spend_limit")?;
        let row = Row(row);
        let limit = limit.is_some().then(|| row.amount("spend_limit")).transpose()?;
        Ok((row.account()?, limit))
    })?;
    limits.collect()
}

fn balances(
    connection: &Connection,
    window: Window,
) -> rusqlite::Result<Vec<(AccountId, Microdollars)>> {
    let mut select = connection.prepare(sql::BALANCES)?;
    let balances = select.query_map([window.number()], |row| {
        let row = Row(row);
        Ok((row.account()?, row.amount("spent")?))
    })?;
    balances.collect()
}
