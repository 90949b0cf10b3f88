//! One row of money.

#[cfg(test)]
mod tests;

use rusqlite::{Connection, params};
use types::{
    Microdollars, ModelId, Principal, ProviderId, RequestId, Timestamp, TokenCount, TokenUsage,
};

use super::{Row, cell, spend, sql};
use crate::{AccountPath, ChargeKind, Window};

/// More tokens than any answer has, so that sums of rows stay exact.
const TOKENS_MOST: u64 = 1_000_000_000_000;

/// A charge of a whole path, written once whatever is repeated.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) id: i64,
    pub(crate) path: AccountPath,
    pub(crate) request: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) window: Window,
    pub(crate) kind: ChargeKind,
    pub(crate) provider: ProviderId,
    pub(crate) model: ModelId,
    pub(crate) usage: TokenUsage,
    pub(crate) reserved: Microdollars,
    pub(crate) cost: Microdollars,
    pub(crate) saved: Microdollars,
    pub(crate) origin: Option<RequestId>,
}

impl Charge {
    /// Writes the row, adds it to the balances and closes the reservation of the same id.
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let is_new = self.insert(connection)?;
        if is_new && self.cost > Microdollars::ZERO {
            for account in self.path.accounts() {
                spend(connection, account, self.window, self.cost)?;
            }
        }
        connection.prepare_cached(sql::CLOSE)?.execute([self.id])?;
        Ok(())
    }

    fn insert(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let Principal { tenant, team, project, developer, key } = self.path.principal();
        let usage = &self.usage;
        let inserted = connection.prepare_cached(sql::CHARGE_ONCE)?.execute(params![
            self.id,
            self.request.as_str(),
            cell(self.at.as_millis()),
            self.window.number(),
            self.kind.as_str(),
            None::<&str>,
            tenant.as_str(),
            team.as_ref().map(types::TeamId::as_str),
            project.as_ref().map(types::ProjectId::as_str),
            developer.as_str(),
            key.as_ref().map(types::KeyId::as_str),
            self.provider.as_str(),
            self.model.as_str(),
            tokens(usage.input),
            tokens(usage.cache_read),
            tokens(usage.cache_write_5m),
            tokens(usage.cache_write_1h),
            tokens(usage.output),
            tokens(usage.reasoning),
            cell(self.reserved.get()),
            cell(self.cost.get()),
            cell(self.saved.get()),
            self.origin.as_ref().map(RequestId::as_str),
        ])?;
        Ok(inserted > 0)
    }
}

/// A reservation whose call may have gone out.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) id: i64,
    pub(crate) path: AccountPath,
    pub(crate) request: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) window: Window,
    pub(crate) provider: ProviderId,
    pub(crate) model: ModelId,
    pub(crate) amount: Microdollars,
}

impl Opening {
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Principal { tenant, team, project, developer, key } = self.path.principal();
        connection.prepare_cached(sql::OPEN)?.execute(params![
            self.id,
            self.request.as_str(),
            cell(self.at.as_millis()),
            self.window.number(),
            tenant.as_str(),
            team.as_ref().map(types::TeamId::as_str),
            project.as_ref().map(types::ProjectId::as_str),
            developer.as_str(),
            key.as_ref().map(types::KeyId::as_str),
            self.provider.as_str(),
            self.model.as_str(),
            cell(self.amount.get()),
        ])?;
        Ok(())
    }

    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let principal = Principal {
            tenant: row.id("tenant")?,
            team: row.optional_id("team")?,
            project: row.optional_id("project")?,
            developer: row.id("developer")?,
            key: row.optional_id("key")?,
        };
        Ok(Self {
            id: row.0.get("id")?,
            path: AccountPath::of(&principal),
            request: row.id("request")?,
            at: row.time("at")?,
            window: row.window("month")?,
            provider: row.id("provider")?,
            model: row.id("model")?,
            amount: row.amount("amount")?,
        })
    }

    /// What is charged when nobody is left who knows what became of the call.
    pub(crate) fn at_worst(self) -> Charge {
        Charge {
            id: self.id,
            path: self.path,
            request: self.request,
            at: self.at,
            window: self.window,
            kind: ChargeKind::Unreconciled,
            provider: self.provider,
            model: self.model,
            usage: TokenUsage::default(),
            reserved: self.amount,
            cost: self.amount,
            saved: Microdollars::ZERO,
            origin: None,
        }
    }
}

fn tokens(count: TokenCount) -> i64 {
    cell(count.get().min(TOKENS_MOST))
}
