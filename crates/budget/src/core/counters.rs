//! What the ledger counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use types::{Microdollars, ProviderId, TokenUsage};

use crate::{Charged, Statistics};

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
    /// By provider, of whom there are few.
    charged: Mutex<Vec<Charged>>,
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

    pub(crate) fn charged(&self, provider: &ProviderId, cost: Microdollars, usage: &TokenUsage) {
        let mut charged = self.charged.lock();
        match charged.iter_mut().find(|known| known.provider == *provider) {
            Some(known) => {
                known.cost = known.cost.saturating_add(cost);
                known.usage = known.usage.saturating_add(*usage);
            }
            None => charged.push(Charged { provider: provider.clone(), cost, usage: *usage }),
        }
    }

    pub(crate) fn charged_by_provider(&self) -> Vec<Charged> {
        self.charged.lock().clone()
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
