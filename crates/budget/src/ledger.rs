//! The accounts of a data directory, and the money on its way through them.

use std::sync::Arc;

use storage::{BootId, Database, Durability, Slots};
use types::{Clock, Microdollars, ModelId, ProviderId, RequestId};

use crate::book::Book;
use crate::core::Core;
use crate::journal::{self, Charge, ChargeRow, Entry, Opening, Recovered};
use crate::reservation::Reservation;
use crate::{
    AccountId, AccountPath, AccountStatus, ChargeKind, Charged, Error, FreeAnswer, Hold,
    LedgerSettings, Settled, Statistics, Window,
};

/// Of the file with the reservations whose calls may have gone out, beside the ledger's.
const OPEN_EXTENSION: &str = "open";

/// The accounts of one `ledger.db`: decides in memory, on money that is durable.
///
/// Clones share everything.
#[derive(Clone, Debug)]
pub struct Ledger {
    core: Arc<Core>,
}

impl Ledger {
    /// Takes the ledger over from the last run, charging what that left open at its worst case.
    ///
    /// `boot` is the present start of the machine: another one than the last run's means that
    /// power may have been lost. Blocks until the recovery is on the disk.
    ///
    /// # Errors
    /// [`Error::Journal`] where the file cannot be read or written.
    pub fn open(
        database: Database,
        settings: LedgerSettings,
        boot: BootId,
        clock: Clock,
    ) -> Result<Self, Error> {
        let now = clock.now();
        let (open, records) = Slots::open(&database.path().with_extension(OPEN_EXTENSION))
            .map_err(journal_error("read what was open"))?;
        let in_flight =
            records.iter().map(|record| read_opening(record)).collect::<Result<_, _>>()?;
        let recover = move |connection: &_| journal::recover(connection, in_flight, &boot, now);
        let recovered = database.write(Durability::Synced, recover).wait();
        let recovered = recovered.map_err(journal_error("recover what was open"))?;
        open.clear().map_err(journal_error("forget what was open"))?;
        report_recovery(&recovered, Window::of(now));
        let mut book = Book::new(settings, recovered.window);
        for (account, limit) in &recovered.limits {
            book.set_limit(account, *limit);
        }
        for (account, spent) in &recovered.spent {
            book.load(account, recovered.window, *spent);
        }
        let core = Core::new(database, open, clock, book, recovered.next_id);
        Ok(Self { core: Arc::new(core) })
    }

    /// Sets `worst_case` aside on every account of `path`, or on none. The decision is made in
    /// memory; it waits for the disk only where the accounts' durable lease is too small.
    ///
    /// # Errors
    /// [`Error::Exhausted`] is final for the month, [`Error::Reserved`] is worth another try,
    /// [`Error::Journal`] means that no lease could be granted.
    pub async fn reserve(
        &self,
        path: &AccountPath,
        request: &RequestId,
        worst_case: Microdollars,
    ) -> Result<Hold, Error> {
        let booked = self.core.book_in(path, worst_case)?;
        let core = Arc::clone(&self.core);
        let reservation = Reservation::new(core, path.clone(), request.clone(), booked);
        reservation.cover().await?;
        self.core.counters.admitted();
        Ok(Hold::new(reservation))
    }

    /// Whether every account of `path` has `amount` left beside what is spent and reserved. Holds
    /// nothing: the answer may be another one a moment later.
    pub fn has_room(&self, path: &AccountPath, amount: Microdollars) -> bool {
        self.core.book().has_room(path.accounts(), amount)
    }

    /// Whether a call without a known price may be made: only where no account of the path has a
    /// limit.
    ///
    /// # Errors
    /// [`Error::Unpriced`] where one has.
    pub fn admit_unpriced(
        &self,
        path: &AccountPath,
        provider: &ProviderId,
        model: &ModelId,
    ) -> Result<(), Error> {
        if self.core.book().is_limited(path.accounts()) {
            self.core.counters.unpriced();
            return Err(Error::Unpriced { provider: provider.clone(), model: model.clone() });
        }
        Ok(())
    }

    /// Notes an answer that cost nothing, for the reports.
    pub fn record_free(&self, path: &AccountPath, answer: FreeAnswer) -> Settled {
        let FreeAnswer { request, origin, provider, model, usage, saved } = answer;
        let now = self.core.clock.now();
        let charge = Charge {
            id: self.core.next_id(),
            path: path.clone(),
            request,
            at: now,
            window: self.core.change(|book| book.window(now)),
            kind: ChargeKind::Free,
            provider,
            model,
            usage,
            reserved: Microdollars::ZERO,
            cost: Microdollars::ZERO,
            saved,
            origin: Some(origin),
        };
        let row = ChargeRow { charge, outgrown: Vec::new() };
        let entry = Entry { row: Arc::new(row), slot: None };
        let (pending, entry) = self.core.queue(entry);
        Settled::new(Arc::clone(&self.core), pending, entry)
    }

    /// Sets the monthly limit of an account, or with `None` lifts it, at once and for good. A
    /// limit below what is spent refuses everything from now on.
    ///
    /// # Errors
    /// [`Error::Journal`]: the limit before is in force again.
    pub async fn set_limit(
        &self,
        account: &AccountId,
        limit: Option<Microdollars>,
    ) -> Result<(), Error> {
        let row = account.clone();
        let (before, written) = {
            let mut book = self.core.book();
            let before = book.set_limit(account, limit);
            let write = move |connection: &_| journal::set_limit(connection, &row, limit);
            // Under the lock, so that of two settings the later stands on the disk too.
            (before, self.core.database.write(Durability::Synced, write))
        };
        written.await.map_err(|source| {
            self.core.book().set_limit(account, before);
            Error::Journal { operation: "set a limit", source }
        })
    }

    /// Where one account stands in the present month; one that was never seen has spent nothing.
    pub fn account(&self, account: &AccountId) -> AccountStatus {
        let now = self.core.clock.now();
        self.core.change(|book| book.status(account, now))
    }

    /// Where all accounts stand in the present month that spend or have a limit of their own.
    pub fn accounts(&self) -> Vec<AccountStatus> {
        let now = self.core.clock.now();
        self.core.change(|book| book.statuses(now))
    }

    /// The present month: that of the clock, or a later one that was already counted in.
    pub fn window(&self) -> Window {
        let now = self.core.clock.now();
        self.core.change(|book| book.window(now))
    }

    /// What has happened since the ledger was opened.
    pub fn statistics(&self) -> Statistics {
        self.core.counters.read()
    }

    /// What has been charged for each provider since the ledger was opened, be it settled or
    /// estimated. What a recovery charges and what an operator corrects is not in it.
    pub fn charged(&self) -> Vec<Charged> {
        self.core.counters.charged_by_provider()
    }

    /// Waits for what is queued and gives all leases back, so that a later loss of power costs
    /// nothing. Call it last; reservations still open stay charged at their worst case until
    /// they are settled.
    ///
    /// # Errors
    /// [`Error::Journal`]: the leases stay open, nothing else is lost.
    pub async fn close(&self) -> Result<(), Error> {
        self.core.close().await.map_err(journal_error("give leases back"))
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

/// For `map_err`: the operation that the storage failed in.
pub(crate) fn journal_error(operation: &'static str) -> impl FnOnce(storage::Error) -> Error {
    move |source| Error::Journal { operation, source }
}

fn read_opening(record: &[u8]) -> Result<Opening, Error> {
    let operation = "read a reservation that was open";
    Opening::decode(record).map_err(|source| Error::Form { operation, source })
}

fn report_recovery(recovered: &Recovered, today: Window) {
    let Recovered { window, reservations, leases, .. } = recovered;
    if *reservations > 0 || *leases > 0 {
        tracing::warn!(
            reservations,
            leases,
            "the last run left money open; it is charged at its worst case until reconciled"
        );
    }
    if *window > today {
        tracing::warn!(
            %window, %today,
            "the ledger has counted in a later month than the clock shows; it stays there"
        );
    }
}
