//! What nobody saw the end of.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use storage::Durability;
use types::{Microdollars, ModelId, Principal, ProviderId, RequestId, TenantId, Timestamp};

use crate::book::{Book, CEILING};
use crate::journal::{self, Row, cell, sql};
use crate::ledger::journal_error;
use crate::{AccountId, AccountKind, AccountPath, Error, Ledger, Window};

/// A charge at the worst case, made by a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreconciled {
    /// Names the charge in [`Ledger::reconcile`].
    pub id: i64,
    /// The request that was in flight; none for the rest of a lease after a power loss.
    pub request: Option<RequestId>,
    /// When it was reserved, or the lease was found open.
    pub at: Timestamp,
    /// The month it is charged in.
    pub window: Window,
    /// The accounts that were charged.
    pub accounts: Vec<AccountId>,
    /// Who was called.
    pub provider: Option<ProviderId>,
    /// For which model.
    pub model: Option<ModelId>,
    /// What was charged.
    pub cost: Microdollars,
}

impl Ledger {
    /// All charges that wait for somebody to look at the provider's bill. Blocks while it reads.
    ///
    /// # Errors
    /// [`Error::Journal`] where the ledger cannot be read.
    pub fn unreconciled(&self) -> Result<Vec<Unreconciled>, Error> {
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(sql::UNRECONCILED)?;
            let rows = select.query_map([], |row| Unreconciled::read(&Row(row)))?;
            rows.collect()
        };
        let rows = self.core().database.read(read);
        rows.map_err(journal_error("list unreconciled charges"))
    }

    /// Puts what the provider billed, often nothing, in place of an unreconciled charge.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no unreconciled charge has this id, [`Error::Journal`].
    pub async fn reconcile(&self, id: i64, actual: Microdollars) -> Result<(), Error> {
        let actual = actual.min(CEILING);
        let book = self.core().shared_book();
        let write = move |connection: &Connection| {
            let mut book = book.lock();
            let was = correct(connection, &book, id, actual)?;
            // More than before counts already now, even if the caller does not wait.
            if let Some(was) = was.as_ref().filter(|was| was.cost < actual) {
                was.correct_to(actual, &mut book);
            }
            Ok(was)
        };
        let corrected = self.core().database.write(Durability::Synced, write).await;
        let Some(was) = corrected.map_err(journal_error("reconcile a charge"))? else {
            return Err(Error::NotFound { what: "unreconciled charge", id: id.to_string() });
        };
        if was.cost > actual {
            was.correct_to(actual, &mut self.core().book());
        }
        Ok(())
    }
}

/// Returns the charge as it was.
fn correct(
    connection: &Connection,
    book: &Book,
    id: i64,
    actual: Microdollars,
) -> rusqlite::Result<Option<Unreconciled>> {
    let select = |row: &rusqlite::Row<'_>| Unreconciled::read(&Row(row));
    let Some(charge) = connection.query_row(sql::CHARGE, [id], select).optional()? else {
        return Ok(None);
    };
    connection.execute(sql::RECONCILE, params![id, cell(actual.get())])?;
    for account in &charge.accounts {
        // What is in flight keeps its part of the lease, which a recovery looks for.
        let more = actual.saturating_sub(charge.cost);
        journal::lease_more(connection, account, charge.window, more)?;
        journal::unspend(connection, account, charge.window, charge.cost)?;
        journal::spend(connection, account, charge.window, actual)?;
        if !book.holds(account, charge.window) {
            // Nobody else will give back what this leaves of the lease.
            journal::close_lease(connection, account, charge.window)?;
        }
    }
    Ok(Some(charge))
}

impl Unreconciled {
    fn correct_to(&self, actual: Microdollars, book: &mut Book) {
        book.correct(&self.accounts, self.window, (self.cost, actual));
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let request = row.optional_id("request")?;
        Ok(Self {
            id: row.0.get("id")?,
            request,
            at: row.time("at")?,
            window: row.window("month")?,
            accounts: accounts(row)?,
            provider: row.optional_id("provider")?,
            model: row.optional_id("model")?,
            cost: row.amount("cost")?,
        })
    }
}

/// The one account that a charge counts for, or all of its path.
fn accounts(row: &Row<'_>) -> rusqlite::Result<Vec<AccountId>> {
    let tenant: TenantId = row.id("tenant")?;
    if row.0.get::<_, Option<String>>("scope")?.is_none() {
        let principal = Principal {
            team: row.optional_id("team")?,
            project: row.optional_id("project")?,
            developer: row.id("developer")?,
            tenant,
            key: None,
        };
        return Ok(AccountPath::of(&principal).accounts().to_vec());
    }
    Ok(vec![match row.kind("scope")? {
        AccountKind::Developer => AccountId::developer(&tenant, &row.id("developer")?),
        AccountKind::Project => AccountId::project(&tenant, &row.id("project")?),
        AccountKind::Team => AccountId::team(&tenant, &row.id("team")?),
        AccountKind::Tenant => AccountId::tenant(&tenant),
    }])
}
