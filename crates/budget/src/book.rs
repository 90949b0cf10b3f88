//! All accounts in memory: exact decisions, no input or output.

mod balance;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use types::{Microdollars, Timestamp};

pub(crate) use self::balance::{Balance, CEILING, Lack};
use crate::{AccountId, AccountKind, AccountStatus, LedgerSettings, Window};

/// A burst may leave this many blocks of lease behind before they are given back.
const FREE_BLOCKS_MOST: u64 = 4;
/// A block of lease is at most this part of the limit.
const BLOCKS_PER_LIMIT: u64 = 20;

/// Limits and balances of every account that was seen.
#[derive(Debug)]
pub(crate) struct Book {
    settings: LedgerSettings,
    /// The latest month that any moment lay in: a month that ended stays ended.
    window: Window,
    slots: HashMap<AccountId, usize>,
    accounts: Vec<Account>,
    returns: Vec<Lease>,
}

#[derive(Debug)]
struct Account {
    id: AccountId,
    limit: Option<Microdollars>,
    /// The present month and those before it in which something is still in flight.
    months: Vec<(Window, Balance)>,
}

/// A reservation in the book: which accounts, in which month, how much.
#[derive(Debug)]
pub(crate) struct Booked {
    slots: Vec<usize>,
    window: Window,
    amount: Microdollars,
}

/// An account refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) account: AccountId,
    pub(crate) lack: Lack,
}

/// A lease that is to be granted or given back: the total of the account's month.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    slot: usize,
    pub(crate) account: AccountId,
    pub(crate) window: Window,
    pub(crate) total: Microdollars,
}

/// What became of a settlement.
#[derive(Debug)]
pub(crate) struct Charged {
    /// The cost, capped where an account would pass [`CEILING`].
    pub(crate) cost: Microdollars,
    /// How far it went above the reservation.
    pub(crate) overage: Microdollars,
    /// Leases that the overage has outgrown.
    pub(crate) outgrown: Vec<Lease>,
}

#[cfg(test)]
impl Lease {
    /// One that belongs to no book.
    pub(crate) fn new(account: AccountId, window: Window, total: Microdollars) -> Self {
        Self { slot: usize::MAX, account, window, total }
    }
}

impl Booked {
    pub(crate) fn amount(&self) -> Microdollars {
        self.amount
    }

    pub(crate) fn window(&self) -> Window {
        self.window
    }
}

impl Book {
    /// An empty book whose present month is at least `window`.
    pub(crate) fn new(settings: LedgerSettings, window: Window) -> Self {
        Self { settings, window, slots: HashMap::new(), accounts: Vec::new(), returns: Vec::new() }
    }

    /// Reserves `amount` on all of `accounts` or on none.
    pub(crate) fn reserve(
        &mut self,
        accounts: &[AccountId],
        amount: Microdollars,
        now: Timestamp,
    ) -> Result<Booked, Refusal> {
        self.roll(now);
        let slots = accounts.iter().map(|account| self.slot(account)).collect();
        let mut booked = Booked { slots, window: self.window, amount: Microdollars::ZERO };
        self.extend(&mut booked, amount)?;
        Ok(booked)
    }

    /// Reserves `extra` more on all accounts of a reservation, in its month, or on none.
    pub(crate) fn extend(
        &mut self,
        booked: &mut Booked,
        extra: Microdollars,
    ) -> Result<(), Refusal> {
        self.check(booked, extra)?;
        for slot in &booked.slots {
            let balance = self.balance_mut(*slot, booked.window);
            balance.reserved = balance.reserved.saturating_add(extra);
        }
        booked.amount = booked.amount.saturating_add(extra);
        Ok(())
    }

    /// Whether all of `accounts` have `amount` left in the present month.
    pub(crate) fn has_room(&mut self, accounts: &[AccountId], amount: Microdollars) -> bool {
        let slots = accounts.iter().map(|account| self.slot(account)).collect();
        let booked = Booked { slots, window: self.window, amount: Microdollars::ZERO };
        self.check(&booked, amount).is_ok()
    }

    /// A refusal that is final goes before one that is not.
    fn check(&self, booked: &Booked, amount: Microdollars) -> Result<(), Refusal> {
        let mut refusal = None;
        for slot in &booked.slots {
            let Some(account) = self.accounts.get(*slot) else { continue };
            let lack = match account.balance(booked.window).check(amount, account.ceiling()) {
                Ok(()) => continue,
                Err(lack) => lack,
            };
            let found = Refusal { account: account.id.clone(), lack };
            if matches!(lack, Lack::Exhausted { .. }) {
                return Err(found);
            }
            refusal.get_or_insert(found);
        }
        refusal.map_or(Ok(()), Err)
    }

    /// Gives the whole reservation back; `booked` holds nothing afterwards.
    pub(crate) fn release(&mut self, booked: &mut Booked) {
        self.reduce(booked, booked.amount);
    }

    /// Gives `part` of the reservation back.
    pub(crate) fn reduce(&mut self, booked: &mut Booked, part: Microdollars) {
        let part = part.min(booked.amount);
        booked.amount = booked.amount.saturating_sub(part);
        for slot in &booked.slots {
            let balance = self.balance_mut(*slot, booked.window);
            balance.reserved = balance.reserved.saturating_sub(part);
            self.tidy(*slot, booked.window);
        }
    }

    /// Ends the reservation and charges `cost`, whatever was reserved.
    pub(crate) fn settle(&mut self, booked: &mut Booked, cost: Microdollars) -> Charged {
        let room = |slot: &usize| {
            let balance = self.accounts.get(*slot).map(|account| account.balance(booked.window));
            CEILING.saturating_sub(balance.unwrap_or_default().spent)
        };
        let cost = cost.min(booked.slots.iter().map(room).min().unwrap_or(CEILING));
        let amount = std::mem::take(&mut booked.amount);
        let mut outgrown = Vec::new();
        for slot in &booked.slots {
            let balance = self.balance_mut(*slot, booked.window);
            balance.reserved = balance.reserved.saturating_sub(amount);
            balance.spent = balance.spent.saturating_add(cost);
            let used = balance.used();
            if !balance.is_covered() {
                outgrown.extend(self.lease(*slot, booked.window, used));
            }
            self.tidy(*slot, booked.window);
        }
        Charged { cost, overage: cost.saturating_sub(amount), outgrown }
    }

    /// Whether all accounts of a reservation are inside their leases, and what to grant now:
    /// with `false` before the reservation may be used, with `true` ahead of need.
    pub(crate) fn grants_due(&mut self, booked: &Booked) -> (bool, Vec<Lease>) {
        let mut is_covered = true;
        let mut grants = Vec::new();
        for slot in &booked.slots {
            let Some(account) = self.accounts.get(*slot) else { continue };
            let balance = account.balance(booked.window);
            let due = balance.grant_due(account.block(&self.settings), account.ceiling());
            is_covered &= balance.is_covered();
            if let Some(total) = due {
                self.balance_mut(*slot, booked.window).grant_sent(total);
                grants.extend(self.lease(*slot, booked.window, total));
            }
        }
        (is_covered, grants)
    }

    /// Grants have become durable, or it will never be known whether they have.
    pub(crate) fn landed(&mut self, grants: &[Lease], durable: bool) {
        for grant in grants {
            let balance = self.balance_mut(grant.slot, grant.window);
            balance.grant_landed(durable.then_some(grant.total));
            self.tidy(grant.slot, grant.window);
        }
    }

    /// Leases that went back in memory and may be lowered on the disk, in this order.
    pub(crate) fn take_returns(&mut self) -> Vec<Lease> {
        std::mem::take(&mut self.returns)
    }

    /// Gives all leases back that nothing uses.
    pub(crate) fn return_all(&mut self) -> Vec<Lease> {
        for slot in 0..self.accounts.len() {
            let months = self.accounts.get(slot).into_iter().flat_map(|account| &account.months);
            for window in months.map(|(window, _)| *window).collect::<Vec<_>>() {
                self.end(slot, window);
            }
        }
        self.take_returns()
    }

    /// Sets or lifts a limit; what is spent or reserved stays. Returns the limit before.
    pub(crate) fn set_limit(
        &mut self,
        account: &AccountId,
        limit: Option<Microdollars>,
    ) -> Option<Microdollars> {
        let slot = self.slot(account);
        let account = self.accounts.get_mut(slot)?;
        std::mem::replace(&mut account.limit, limit)
    }

    /// Takes over what the ledger knows of a month.
    pub(crate) fn load(&mut self, account: &AccountId, window: Window, spent: Microdollars) {
        let slot = self.slot(account);
        *self.balance_mut(slot, window) = Balance::recovered(spent);
    }

    /// Whether a month of an account is in memory, and its lease looked after here.
    pub(crate) fn holds(&self, account: &AccountId, window: Window) -> bool {
        let account = self.slots.get(account).and_then(|slot| self.accounts.get(*slot));
        account.is_some_and(|account| account.holds(window))
    }

    /// Corrects what is spent in the present month, or in an ended one that is still in memory.
    pub(crate) fn correct(
        &mut self,
        accounts: &[AccountId],
        window: Window,
        (was, is): (Microdollars, Microdollars),
    ) {
        for account in accounts {
            if window >= self.window || self.holds(account, window) {
                let slot = self.slot(account);
                let balance = self.balance_mut(slot, window);
                balance.spent = balance.spent.saturating_sub(was).saturating_add(is);
            }
        }
    }

    /// Whether any of `accounts` has a limit.
    pub(crate) fn is_limited(&mut self, accounts: &[AccountId]) -> bool {
        accounts.iter().any(|account| {
            let slot = self.slot(account);
            self.accounts.get(slot).is_some_and(|account| account.limit.is_some())
        })
    }

    /// Where one account stands in the present month.
    pub(crate) fn status(&mut self, account: &AccountId, now: Timestamp) -> AccountStatus {
        self.roll(now);
        match self.slots.get(account).and_then(|slot| self.accounts.get(*slot)) {
            Some(account) => account.status(self.window),
            None => Account::new(account.clone(), &self.settings).status(self.window),
        }
    }

    /// Where all accounts stand in the present month, in the order of their ids.
    pub(crate) fn statuses(&mut self, now: Timestamp) -> Vec<AccountStatus> {
        self.roll(now);
        let mut all: Vec<_> =
            self.accounts.iter().map(|account| account.status(self.window)).collect();
        all.sort_by(|left, right| left.account.cmp(&right.account));
        all
    }

    /// The present month.
    pub(crate) fn window(&mut self, now: Timestamp) -> Window {
        self.roll(now);
        self.window
    }

    fn roll(&mut self, now: Timestamp) {
        let window = Window::of(now);
        if window <= self.window {
            return;
        }
        let ended = std::mem::replace(&mut self.window, window);
        for slot in 0..self.accounts.len() {
            self.tidy(slot, ended);
        }
    }

    /// Gives back what a balance does not need and forgets an ended month that is settled.
    fn tidy(&mut self, slot: usize, window: Window) {
        let Some(account) = self.accounts.get(slot) else { return };
        let (block, limit) = (account.block(&self.settings), account.ceiling());
        let balance = account.balance(window);
        if window < self.window {
            if balance.is_idle() && account.holds(window) {
                self.end(slot, window);
                self.accounts[slot].months.retain(|(month, _)| *month != window);
            }
            return;
        }
        // Near the limit the lease may end before a whole block does.
        let keep = block.min(limit.saturating_sub(balance.used()));
        let most = Microdollars::new(block.get().saturating_mul(FREE_BLOCKS_MOST));
        if self.balance_mut(slot, window).shrink(keep, most) {
            let total = self.balance_mut(slot, window).leased;
            let lease = self.lease(slot, window, total);
            self.returns.extend(lease);
        }
    }

    fn end(&mut self, slot: usize, window: Window) {
        if let Some(total) = self.balance_mut(slot, window).end() {
            let lease = self.lease(slot, window, total);
            self.returns.extend(lease);
        }
    }

    fn lease(&self, slot: usize, window: Window, total: Microdollars) -> Option<Lease> {
        let account = self.accounts.get(slot)?.id.clone();
        Some(Lease { slot, account, window, total })
    }

    fn slot(&mut self, account: &AccountId) -> usize {
        if let Some(slot) = self.slots.get(account) {
            return *slot;
        }
        self.accounts.push(Account::new(account.clone(), &self.settings));
        let slot = self.accounts.len() - 1;
        self.slots.insert(account.clone(), slot);
        slot
    }

    /// The balance of a slot that [`Book::slot`] gave out.
    fn balance_mut(&mut self, slot: usize, window: Window) -> &mut Balance {
        let months = &mut self.accounts[slot].months;
        let index = months.iter().position(|(month, _)| *month == window).unwrap_or_else(|| {
            months.push((window, Balance::default()));
            months.len() - 1
        });
        &mut months[index].1
    }
}

impl Account {
    fn new(id: AccountId, settings: &LedgerSettings) -> Self {
        let limit = match id.kind() {
            AccountKind::Developer => settings.developer_limit,
            AccountKind::Project | AccountKind::Team | AccountKind::Tenant => None,
        };
        Self { id, limit, months: Vec::new() }
    }

    fn balance(&self, window: Window) -> Balance {
        let found = self.months.iter().find(|(month, _)| *month == window);
        found.map_or_else(Balance::default, |(_, balance)| *balance)
    }

    fn holds(&self, window: Window) -> bool {
        self.months.iter().any(|(month, _)| *month == window)
    }

    fn ceiling(&self) -> Microdollars {
        self.limit.unwrap_or(CEILING).min(CEILING)
    }

    fn block(&self, settings: &LedgerSettings) -> Microdollars {
        let part = Microdollars::new(self.ceiling().get() / BLOCKS_PER_LIMIT);
        part.min(settings.lease)
    }

    fn status(&self, window: Window) -> AccountStatus {
        let Balance { spent, reserved, leased, .. } = self.balance(window);
        let account = self.id.clone();
        AccountStatus { account, window, limit: self.limit, spent, reserved, leased }
    }
}
