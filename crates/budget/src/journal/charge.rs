//! One row of money.

#[cfg(test)]
mod tests;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use types::{
    Microdollars, ModelId, Principal, ProviderId, RequestId, Timestamp, TokenCount, TokenUsage,
};

use super::{cell, spend, sql};
use crate::{AccountPath, ChargeKind, Window};

/// The first byte of a reservation that is written down, before its fields in postcard's form, which
/// names none: other fields, or in another order, need another byte. An earlier one is JSON, which
/// begins with a brace.
const FORM: u8 = 1;
/// What most of them take.
const OPENING_BYTES: usize = 256;
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
    /// Writes the row and adds it to the balances; tells whether it was not there yet.
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let is_new = self.insert(connection)?;
        if is_new && self.cost > Microdollars::ZERO {
            for account in self.path.accounts() {
                spend(connection, account, self.window, self.cost)?;
            }
        }
        Ok(is_new)
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

/// A reservation whose call may have gone out, as it is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Opening {
    pub(crate) id: i64,
    pub(crate) principal: Principal,
    pub(crate) request: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) window: Window,
    pub(crate) provider: ProviderId,
    pub(crate) model: ModelId,
    pub(crate) amount: Microdollars,
    /// None while the call may be under way.
    pub(crate) outcome: Option<Outcome>,
}

/// What a call came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    kind: ChargeKind,
    usage: TokenUsage,
    cost: Microdollars,
}

impl Opening {
    /// The bytes that are written down.
    pub(crate) fn encode(&self) -> postcard::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(OPENING_BYTES);
        bytes.push(FORM);
        postcard::to_extend(self, bytes)
    }

    /// What was written down.
    pub(crate) fn decode(bytes: &[u8]) -> postcard::Result<Self> {
        match bytes.split_first() {
            Some((&FORM, fields)) => postcard::from_bytes(fields),
            _ => serde_json::from_slice(bytes).map_err(|_| postcard::Error::SerdeDeCustom),
        }
    }

    /// What stands for `charge` until its row is written.
    pub(crate) fn settled(charge: &Charge) -> Self {
        let Charge { id, at, window, kind, usage, cost, .. } = *charge;
        Self {
            id,
            principal: charge.path.principal().clone(),
            request: charge.request.clone(),
            at,
            window,
            provider: charge.provider.clone(),
            model: charge.model.clone(),
            amount: charge.reserved,
            outcome: Some(Outcome { kind, usage, cost }),
        }
    }

    /// What is charged: the worst case when nobody is left who knows what became of the call.
    pub(crate) fn charge(self) -> Charge {
        let Outcome { kind, usage, cost } = self.outcome.unwrap_or(Outcome {
            kind: ChargeKind::Unreconciled,
            usage: TokenUsage::default(),
            cost: self.amount,
        });
        Charge {
            id: self.id,
            path: AccountPath::of(&self.principal),
            request: self.request,
            at: self.at,
            window: self.window,
            kind,
            provider: self.provider,
            model: self.model,
            usage,
            reserved: self.amount,
            cost,
            saved: Microdollars::ZERO,
            origin: None,
        }
    }
}

fn tokens(count: TokenCount) -> i64 {
    cell(count.get().min(TOKENS_MOST))
}
