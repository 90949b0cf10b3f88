//! What the ledger counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};

use types::Microdollars;

use crate::Statistics;

#[derive(Debug, Default)]
pub(crate) struct Counters {
    admitted: AtomicU64,
    exhausted: AtomicU64,
    reserved: AtomicU64,
    unpriced: AtomicU64,
    estimated: AtomicU64,
    overages: AtomicU64,
    overage_microdollars: AtomicU64,
    grants: AtomicU64,
    journal_failures: AtomicU64,
}

impl Counters {
    pub(crate) fn admitted(&self) {
        add(&self.admitted, 1);
    }

    pub(crate) fn exhausted(&self) {
        add(&self.exhausted, 1);
    }

    pub(crate) fn reserved(&self) {
        add(&self.reserved, 1);
    }

    pub(crate) fn unpriced(&self) {
        add(&self.unpriced, 1);
    }

    pub(crate) fn estimated(&self) {
        add(&self.estimated, 1);
    }

    pub(crate) fn overage(&self, amount: Microdollars) {
        add(&self.overages, 1);
        add(&self.overage_microdollars, amount.get());
    }

    pub(crate) fn granted(&self) {
        add(&self.grants, 1);
    }

    pub(crate) fn journal_failed(&self) {
        add(&self.journal_failures, 1);
    }

    pub(crate) fn read(&self) -> Statistics {
        Statistics {
            admitted: get(&self.admitted),
            refused_exhausted: get(&self.exhausted),
            refused_reserved: get(&self.reserved),
            refused_unpriced: get(&self.unpriced),
            estimated: get(&self.estimated),
            overages: get(&self.overages),
            overage: Microdollars::new(get(&self.overage_microdollars)),
            lease_grants: get(&self.grants),
            journal_failures: get(&self.journal_failures),
        }
    }
}

fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
