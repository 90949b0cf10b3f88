//! Counts of kinds in bounded memory.

use super::Entropy;
use super::hash;
use super::spectrum::{Spectrum, Totals};
use super::tally::Tally;

/// Counts by key, exact up to a budget of kinds. Beyond it a sample of the kinds is counted, each
/// of them exactly from its first unit on, and the rest is estimated:
///
/// - When the budget is first passed, the most frequent kinds, at most a sixteenth of the budget, are
///   kept for good.
/// - Of the others those stay whose hash begins with `level` zero bits; the level rises by one
///   whenever the budget is passed again (the distinct sampling of Gibbons). So each of them stands
///   for 2^level kinds, whatever its count; and Σ c·log2 c over the others is to that over the
///   sample as their numbers of units are (the ratio estimator).
#[derive(Clone, Debug)]
pub(crate) struct SampledTally {
    kinds_max: usize,
    units: u64,
    kept: Tally,
    sampled: Tally,
    level: u32,
}

impl SampledTally {
    /// Nothing counted.
    pub(crate) fn new(kinds_max: usize) -> Self {
        Self { kinds_max, units: 0, kept: Tally::new(), sampled: Tally::new(), level: 0 }
    }

    /// Counts `key` `count` times more.
    pub(crate) fn add(&mut self, key: u64, count: u64) {
        self.units += count;
        if self.level > 0 && (self.kept.add_known(key, count) || !self.is_sampled(key)) {
            return;
        }
        self.sampled.add(key, count);
        while self.sampled.kinds() > self.kinds_max {
            self.raise();
        }
    }

    /// Adds what `other` counted; it must be exact.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.sampled.iter().for_each(|(key, count)| self.add(key, count));
    }

    /// Exact or estimated. N is always exact.
    pub(crate) fn entropy(&self) -> Entropy {
        self.entropy_with(Spectrum::of([]))
    }

    /// With kinds that were counted elsewhere.
    pub(crate) fn entropy_with(&self, elsewhere: Spectrum) -> Entropy {
        let mut kept = elsewhere;
        let units = self.units + kept.units();
        kept.extend(self.kept.iter().map(|(_, count)| count));
        let sampled = self.sampled.iter().map(|(_, count)| count);
        if self.level == 0 {
            kept.extend(sampled);
            return kept.entropy();
        }
        let (kept, sampled) = (kept.totals(), Spectrum::of(sampled).totals());
        let share = (units - kept.units) as f64 / std::cmp::max(sampled.units, 1) as f64;
        let others = sampled.kinds.checked_shl(self.level).unwrap_or(u64::MAX);
        let kinds = std::cmp::min(kept.kinds.saturating_add(others), units);
        let sum = kept.sum + sampled.sum * share;
        Entropy { is_estimate: true, ..Totals { units, kinds, sum }.entropy() }
    }

    fn is_sampled(&self, key: u64) -> bool {
        hash::spread(key ^ 0x5851_F42D_4C95_7F2D).leading_zeros() >= self.level
    }

    fn raise(&mut self) {
        if self.level == 0 {
            self.keep_most_frequent();
        }
        self.level += 1;
        let old = std::mem::replace(&mut self.sampled, Tally::new());
        for (key, count) in old.iter() {
            if self.is_sampled(key) {
                self.sampled.add(key, count);
            }
        }
    }

    fn keep_most_frequent(&mut self) {
        let mut counts = self.sampled.iter().map(|(_, count)| count).collect::<Vec<_>>();
        counts.sort_unstable_by(|left, right| right.cmp(left));
        // All kinds with the same count go the same way, so order cannot matter.
        let most = counts.get(self.kinds_max / 16).copied().unwrap_or_default();
        let old = std::mem::replace(&mut self.sampled, Tally::new());
        for (key, count) in old.iter() {
            let tally = if count > most { &mut self.kept } else { &mut self.sampled };
            tally.add(key, count);
        }
    }
}

#[cfg(test)]
mod tests;
