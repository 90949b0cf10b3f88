//! Who used what in a month.

use serde::{Deserialize, Serialize};
use types::{Microdollars, TenantId, Timestamp, TokenUsage};

use crate::journal::{Row, sql};
use crate::ledger::journal_error;
use crate::window::date_of;
use crate::{Error, Ledger, Window};

const DAY_MILLIS: u64 = 86_400_000;

/// What a report has a line for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// A person or service.
    Developer,
    /// A team.
    Team,
    /// A project.
    Project,
    /// A model.
    Model,
    /// A day in UTC, written `2026-11-20`.
    Day,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The name; none for requests without one, and for what a power loss left without a model.
    pub group: Option<String>,
    /// Requests, free ones included.
    pub requests: u64,
    /// Of these, answered from the cache or with another request's answer.
    pub free: u64,
    /// Tokens of all answers.
    pub tokens: TokenUsage,
    /// What was charged.
    pub cost: Microdollars,
    /// What free answers would have cost.
    pub saved: Microdollars,
}

impl GroupBy {
    fn sql(self) -> &'static str {
        match self {
            Self::Developer => sql::BY_DEVELOPER,
            Self::Team => sql::BY_TEAM,
            Self::Project => sql::BY_PROJECT,
            Self::Model => sql::BY_MODEL,
            Self::Day => sql::BY_DAY,
        }
    }
}

impl Ledger {
    /// What was used in `window`, in the order of the groups' names: by one tenant, or with
    /// `None` by all together, for whoever runs the machine. Blocks until what was charged before
    /// is written, and while it reads.
    ///
    /// What a power loss left unreconciled is charged to each account by itself: a report by
    /// developer shows what developers' accounts were charged, one by model or day the tenants'.
    ///
    /// # Errors
    /// [`Error::Journal`] where the ledger cannot be written or read.
    pub fn report(
        &self,
        by: GroupBy,
        window: Window,
        tenant: Option<&TenantId>,
    ) -> Result<Vec<Usage>, Error> {
        let select = |connection: &rusqlite::Connection| {
            let mut select = connection.prepare_cached(by.sql())?;
            let values = rusqlite::params![window.number(), tenant.map(TenantId::as_str)];
            let lines = select.query_map(values, |row| Usage::read(&Row(row)))?;
            lines.collect::<Result<Vec<_>, _>>()
        };
        let database = &self.core().database;
        let lines = database.flush().wait().and_then(|()| database.read(select));
        let mut lines = lines.map_err(journal_error("report usage"))?;
        if by == GroupBy::Day {
            lines.iter_mut().for_each(Usage::name_day);
        }
        Ok(lines)
    }
}

impl Usage {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let tokens = TokenUsage {
            input: row.tokens("input")?,
            cache_read: row.tokens("cache_read")?,
            cache_write_5m: row.tokens("cache_write_5m")?,
            cache_write_1h: row.tokens("cache_write_1h")?,
            output: row.tokens("output")?,
            reasoning: row.tokens("reasoning")?,
        };
        Ok(Self {
            group: row.0.get("name")?,
            requests: row.number("requests")?,
            free: row.number("free")?,
            tokens,
            cost: row.amount("cost")?,
            saved: row.amount("saved")?,
        })
    }

    /// The ledger groups days by their number.
    fn name_day(&mut self) {
        let number = self.group.as_deref().and_then(|day| day.parse::<u64>().ok());
        let millis = number.map(|day| day.saturating_mul(DAY_MILLIS));
        self.group = millis.map(|millis| date_of(Timestamp::from_millis(millis)).to_string());
    }
}
