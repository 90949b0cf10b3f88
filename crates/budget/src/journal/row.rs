//! Values between rows and types.

use rusqlite::types::Type;
use types::{Microdollars, Timestamp, TokenCount};

use crate::{AccountId, AccountKind, Window};

/// A number as SQLite holds it; the largest stands for all that are too large.
pub(crate) fn cell(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A row whose columns are read by name and checked.
pub(crate) struct Row<'a>(pub(crate) &'a rusqlite::Row<'a>);

impl Row<'_> {
    /// A validated name.
    pub(crate) fn id<T>(&self, column: &str) -> rusqlite::Result<T>
    where
        T: TryFrom<String, Error = types::Error>,
    {
        T::try_from(self.0.get(column)?).map_err(damaged)
    }

    pub(crate) fn optional_id<T>(&self, column: &str) -> rusqlite::Result<Option<T>>
    where
        T: TryFrom<String, Error = types::Error>,
    {
        let text: Option<String> = self.0.get(column)?;
        text.map(|text| T::try_from(text).map_err(damaged)).transpose()
    }

    /// Names separated by spaces.
    pub(crate) fn ids<T>(&self, column: &str) -> rusqlite::Result<Option<Vec<T>>>
    where
        T: TryFrom<String, Error = types::Error>,
    {
        let text: Option<String> = self.0.get(column)?;
        let read = |text: String| {
            text.split_whitespace().map(|id| T::try_from(id.to_owned()).map_err(damaged)).collect()
        };
        text.map(read).transpose()
    }

    pub(crate) fn number(&self, column: &str) -> rusqlite::Result<u64> {
        let number: i64 = self.0.get(column)?;
        u64::try_from(number).map_err(damaged)
    }

    pub(crate) fn amount(&self, column: &str) -> rusqlite::Result<Microdollars> {
        self.number(column).map(Microdollars::new)
    }

    pub(crate) fn tokens(&self, column: &str) -> rusqlite::Result<TokenCount> {
        self.number(column).map(TokenCount::new)
    }

    pub(crate) fn time(&self, column: &str) -> rusqlite::Result<Timestamp> {
        self.number(column).map(Timestamp::from_millis)
    }

    pub(crate) fn optional_time(&self, column: &str) -> rusqlite::Result<Option<Timestamp>> {
        let is_set = self.0.get::<_, Option<i64>>(column)?.is_some();
        is_set.then(|| self.time(column)).transpose()
    }

    pub(crate) fn window(&self, column: &str) -> rusqlite::Result<Window> {
        self.0.get(column).map(Window::from_number)
    }

    /// The account of the columns `tenant`, `kind` and `name`.
    pub(crate) fn account(&self) -> rusqlite::Result<AccountId> {
        let kind = self.kind("kind")?;
        Ok(AccountId::named(&self.id("tenant")?, kind, &self.0.get::<_, String>("name")?))
    }

    pub(crate) fn kind(&self, column: &str) -> rusqlite::Result<AccountKind> {
        let kind: String = self.0.get(column)?;
        AccountKind::parse(&kind).ok_or_else(|| damaged(UnknownKind))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the ledger names a kind of account that this program does not know")]
struct UnknownKind;

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(source))
}
