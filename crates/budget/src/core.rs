//! The book, its file, and what is between them.

mod backlog;
mod counters;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use storage::{Database, Durability, Pending, Slot, Slots};
use types::{Clock, Microdollars};

use self::backlog::Backlog;
pub(crate) use self::counters::Counters;
use crate::book::{Book, Booked, Lack, Lease, Refusal};
use crate::journal::{self, Charge, ChargeRow, Entry, Opening};
use crate::{AccountPath, Error};

/// When to ask again where reservations are in the way: about as long as an answer takes.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What all handles of one ledger share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) counters: Counters,
    /// Reservations whose calls may have gone out.
    open: Slots,
    book: Arc<Mutex<Book>>,
    backlog: Backlog,
    next_id: AtomicI64,
}

impl Core {
    pub(crate) fn new(
        database: Database,
        open: Slots,
        clock: Clock,
        book: Book,
        next_id: i64,
    ) -> Self {
        Self {
            database,
            open,
            clock,
            counters: Counters::default(),
            book: Arc::new(Mutex::new(book)),
            backlog: Backlog::default(),
            next_id: AtomicI64::new(next_id),
        }
    }

    /// The number of the next row.
    pub(crate) fn next_id(&self) -> i64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// The book, for looking and for changes that give no lease back.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock()
    }

    /// The book for a work on the writer thread, which must not hold the database.
    pub(crate) fn shared_book(&self) -> Arc<Mutex<Book>> {
        Arc::clone(&self.book)
    }

    /// Decides on a reservation, in memory.
    pub(crate) fn book_in(
        &self,
        path: &AccountPath,
        amount: Microdollars,
    ) -> Result<Booked, Error> {
        self.sweep();
        let now = self.clock.now();
        let decision = self.change(|book| book.reserve(path.accounts(), amount, now));
        decision.map_err(|refusal| self.refuse(refusal, amount))
    }

    /// Decides on more for a reservation, in memory.
    pub(crate) fn extend(&self, booked: &mut Booked, extra: Microdollars) -> Result<(), Error> {
        let decision = self.change(|book| book.extend(booked, extra));
        decision.map_err(|refusal| self.refuse(refusal, extra))
    }

    pub(crate) fn release(&self, booked: &mut Booked) {
        self.change(|book| book.release(booked));
    }

    pub(crate) fn reduce(&self, booked: &mut Booked, part: Microdollars) {
        self.change(|book| book.reduce(booked, part));
    }

    /// Waits until everything in use on the accounts of `booked` was durably granted, and has
    /// more granted ahead of need without waiting for it.
    pub(crate) async fn cover(&self, booked: &Booked) -> Result<(), Error> {
        let (is_covered, mut asked) = {
            let mut book = self.book.lock();
            let (is_covered, grants) = book.grants_due(booked);
            // Under the lock, so that the disk sees grants and returns in the book's order.
            (is_covered, Asked::send(self, grants))
        };
        if is_covered {
            asked.leave();
            return Ok(());
        }
        asked.landed().await
    }

    /// Writes a reservation down, so that it outlives this process.
    pub(crate) fn write_down(&self, opening: &Opening) -> Result<Slot, Error> {
        let operation = "write down a reservation";
        let record = opening.encode().map_err(|source| Error::Form { operation, source })?;
        self.open.put(&record).map_err(|source| Error::Journal { operation, source })
    }

    /// Takes back what was written down.
    pub(crate) fn strike_out(&self, slot: Slot) {
        if let Err(error) = self.open.empty(slot) {
            self.counters.journal_failed();
            // It has a charge, or another amount, which a recovery sees.
            tracing::warn!(%error, "a reservation stays written down that is over");
        }
    }

    /// Charges `charge.cost` to the reservation's accounts and queues the row, for which `slot`
    /// stands until it is written.
    pub(crate) fn charge(
        &self,
        booked: &mut Booked,
        mut charge: Charge,
        slot: Option<Slot>,
    ) -> (Pending<()>, Entry) {
        let charged = self.change(|book| book.settle(booked, charge.cost));
        charge.cost = charged.cost;
        self.counters.charged(&charge.provider, charge.cost, &charge.usage);
        if charged.overage > Microdollars::ZERO {
            self.counters.overage(charged.overage);
            tracing::warn!(
                request_id = %charge.request, provider = %charge.provider, model = %charge.model,
                reserved = %charge.reserved, cost = %charge.cost,
                "an answer cost more than was reserved for it"
            );
        }
        let slot = slot.map(|slot| self.write_outcome(slot, &charge));
        let row = ChargeRow { charge, outgrown: charged.outgrown };
        self.queue(Entry { row: Arc::new(row), slot })
    }

    /// Writes down what a call came to in the place of what it might have come to.
    fn write_outcome(&self, slot: Slot, charge: &Charge) -> Slot {
        match self.write_down(&Opening::settled(charge)) {
            Ok(settled) => {
                self.strike_out(slot);
                settled
            }
            Err(error) => {
                self.counters.journal_failed();
                tracing::warn!(%error, "the worst case stands for a charge until it is written");
                slot
            }
        }
    }

    /// Queues a row that must reach the ledger in the end.
    pub(crate) fn queue(&self, entry: Entry) -> (Pending<()>, Entry) {
        // What no lease holds must not wait for the next sync.
        let outgrown = !entry.row.outgrown.is_empty();
        let durability = if outgrown { Durability::Synced } else { Durability::Soon };
        let row = Arc::clone(&entry.row);
        (self.database.write(durability, move |connection| row.write(connection)), entry)
    }

    /// Nothing needs to stand for a row any more that is written.
    pub(crate) fn written(&self, entry: Entry) {
        if let Some(slot) = entry.slot {
            self.strike_out(slot);
        }
    }

    /// Keeps a queued row in mind until it is written.
    pub(crate) fn follow(&self, pending: Pending<()>, entry: Entry) {
        self.backlog.follow(pending, entry);
    }

    /// Writes a row again that could not be written.
    pub(crate) fn retry_later(&self, entry: Entry) {
        self.counters.journal_failed();
        self.backlog.retry_later(entry);
    }

    /// Looks after writes that nobody waits for: takes over grants, repeats failed rows.
    fn sweep(&self) {
        if !self.backlog.is_empty() {
            self.backlog.sweep(self);
        }
    }

    /// Waits for all that is queued and gives every lease back.
    pub(crate) async fn close(&self) -> Result<(), storage::Error> {
        for entry in self.backlog.settle(self).await {
            let (pending, entry) = self.queue(entry);
            match pending.await {
                Ok(()) => self.written(entry),
                Err(error) => {
                    self.retry_later(entry);
                    return Err(error);
                }
            }
        }
        let returned = {
            let returns = self.book.lock().return_all();
            self.database.write(Durability::Synced, move |connection| {
                journal::give_back(connection, &returns)
            })
        };
        returned.await?;
        self.open.tidy()
    }

    /// Changes the book and queues the leases that go back, in the order in which they went.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.book.lock();
        let result = work(&mut book);
        let returns = book.take_returns();
        if !returns.is_empty() {
            // A return that is lost counts too much after a power loss, never too little.
            drop(self.database.write(Durability::Soon, move |connection| {
                journal::give_back(connection, &returns)
            }));
        }
        result
    }

    fn land(&self, grants: &[Lease], durable: bool) {
        self.change(|book| book.landed(grants, durable));
    }

    fn refuse(&self, refusal: Refusal, wanted: Microdollars) -> Error {
        let account = refusal.account;
        match refusal.lack {
            Lack::Exhausted { left } => {
                self.counters.exhausted();
                Error::Exhausted { account, left, wanted }
            }
            Lack::Reserved => {
                self.counters.reserved();
                Error::Reserved { account, wanted, retry_after: RETRY_AFTER }
            }
        }
    }
}

/// Grants on their way to the disk. Dropped before they landed, they count as not granted.
struct Asked<'a> {
    core: &'a Core,
    grants: Vec<Lease>,
    pending: Option<Pending<()>>,
}

impl<'a> Asked<'a> {
    fn send(core: &'a Core, grants: Vec<Lease>) -> Self {
        let rows = grants.clone();
        let write = || {
            core.counters.granted();
            let rows = move |connection: &_| journal::grant(connection, &rows);
            core.database.write(Durability::Synced, rows)
        };
        let pending = (!grants.is_empty()).then(write);
        Self { core, grants, pending }
    }

    /// Lets the backlog take the grants over when they are there.
    fn leave(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.core.backlog.expect(pending, std::mem::take(&mut self.grants));
        }
    }

    async fn landed(&mut self) -> Result<(), Error> {
        if let Some(pending) = self.pending.take() {
            let granted = pending.await;
            self.core.land(&std::mem::take(&mut self.grants), granted.is_ok());
            let operation = "grant a lease";
            granted.map_err(|source| Error::Journal { operation, source })?;
        }
        Ok(())
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.grants.is_empty() {
            self.core.land(&self.grants, false);
        }
    }
}
