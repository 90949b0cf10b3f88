//! One account in one month.

use types::Microdollars;

/// More than any account may count in a month, so that sums of accounts stay exact: a billion
/// dollars. An account without a limit has this one.
pub(crate) const CEILING: Microdollars = Microdollars::new(1_000_000_000_000_000);

/// Where the money of one account and month is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balance {
    /// Charged.
    pub(crate) spent: Microdollars,
    /// Held by requests that are not settled.
    pub(crate) reserved: Microdollars,
    /// Durably granted for the month, spent and reserved included.
    pub(crate) leased: Microdollars,
    /// The most that grants on their way to the disk ask for.
    granting: Microdollars,
    /// How many such grants there are.
    grants_open: u32,
}

/// Why an amount does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The limit would be passed even if everything in flight came back.
    Exhausted { left: Microdollars },
    /// Only what is in flight is in the way.
    Reserved,
}

impl Balance {
    /// What a fresh process knows of a month: all that was granted before is used or returned.
    pub(crate) fn recovered(spent: Microdollars) -> Self {
        Self { spent, leased: spent, ..Self::default() }
    }

    /// Spent and reserved.
    pub(crate) fn used(&self) -> Microdollars {
        self.spent.saturating_add(self.reserved)
    }

    /// Whether `amount` more fits under `limit`.
    pub(crate) fn check(&self, amount: Microdollars, limit: Microdollars) -> Result<(), Lack> {
        let left = limit.saturating_sub(self.spent);
        let exhausted = self.spent > limit || amount > left;
        if exhausted {
            Err(Lack::Exhausted { left })
        } else if self.reserved > left || amount > left.saturating_sub(self.reserved) {
            // The first is a limit that was lowered below what is in flight.
            Err(Lack::Reserved)
        } else {
            Ok(())
        }
    }

    /// Whether everything in use lies inside what was durably granted.
    pub(crate) fn is_covered(&self) -> bool {
        self.leased >= self.used()
    }

    /// What to grant next, where little is left of the lease or of what is on its way.
    pub(crate) fn grant_due(
        &self,
        block: Microdollars,
        limit: Microdollars,
    ) -> Option<Microdollars> {
        let used = self.used();
        let target = used.saturating_add(block).min(limit.max(used));
        let coming = self.leased.max(self.granting);
        let is_low = coming.saturating_sub(used) < Microdollars::new(block.get() / 2);
        let renew = is_low && target > coming && used > Microdollars::ZERO;
        (renew || !self.is_covered()).then_some(target)
    }

    pub(crate) fn grant_sent(&mut self, target: Microdollars) {
        self.granting = self.granting.max(target);
        self.grants_open += 1;
    }

    /// A grant is on the disk, or with `None` will never be known to be.
    pub(crate) fn grant_landed(&mut self, target: Option<Microdollars>) {
        self.leased = self.leased.max(target.unwrap_or_default());
        self.grants_open = self.grants_open.saturating_sub(1);
        if self.grants_open == 0 {
            self.granting = Microdollars::ZERO;
        }
    }

    /// Gives back what a burst has left behind, so that a power loss costs little: above `most`
    /// free the lease shrinks to `keep` free. Never while a grant is on its way, whose order on
    /// the disk would decide which of the two stands.
    pub(crate) fn shrink(&mut self, keep: Microdollars, most: Microdollars) -> bool {
        let used = self.used();
        let is_idle = self.grants_open == 0;
        let shrinks = is_idle && self.leased.saturating_sub(used) > most;
        if shrinks {
            self.leased = used.saturating_add(keep);
        }
        shrinks
    }

    /// What is to stay granted when nothing more will be asked for. The disk may have more than
    /// is known here: a grant that nobody waited for, or the lease under a cost above its
    /// reservation. Never while a grant is on its way.
    pub(crate) fn end(&mut self) -> Option<Microdollars> {
        let used = self.used();
        let is_idle = self.grants_open == 0;
        if is_idle {
            self.leased = self.leased.min(used);
        }
        is_idle.then_some(used)
    }

    /// Whether nobody waits for anything here.
    pub(crate) fn is_idle(&self) -> bool {
        self.reserved == Microdollars::ZERO && self.grants_open == 0
    }
}
