//! Counts of counts, from which entropy is computed.

use std::sync::LazyLock;

use super::Entropy;

/// Most kinds come only a few times: so many counts are kept by index.
const SMALL: usize = 128;

/// c·log2 c of the counts that come up often.
static TERMS: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0_u32..1024).map(|count| compute_term(f64::from(count))).collect());

/// How many kinds came how often. Entropy is summed over it in ascending order of counts, so it is
/// the same to the last bit in whatever order and pieces the units were counted.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    /// How many kinds came as often as the index says.
    small: [u64; SMALL],
    /// The other counts, one for each kind.
    large: Vec<u64>,
}

impl Spectrum {
    /// The spectrum of counts; zeros are no kinds.
    pub(crate) fn of(counts: impl IntoIterator<Item = u64>) -> Self {
        let mut spectrum = Self { small: [0; SMALL], large: Vec::new() };
        spectrum.extend(counts);
        spectrum
    }

    /// Adds more counts.
    pub(crate) fn extend(&mut self, counts: impl IntoIterator<Item = u64>) {
        for count in counts {
            match usize::try_from(count).ok().and_then(|index| self.small.get_mut(index)) {
                Some(kinds) => *kinds += 1,
                None => self.large.push(count),
            }
        }
    }

    /// Adds kinds that came once.
    pub(crate) fn add_singles(&mut self, kinds: usize) {
        self.small[1] += u64::try_from(kinds).unwrap_or(u64::MAX);
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> u64 {
        let small = (0..).zip(&self.small).map(|(count, kinds): (u64, _)| count * kinds);
        small.sum::<u64>() + self.large.iter().sum::<u64>()
    }

    /// What entropy is computed from.
    pub(crate) fn totals(mut self) -> Totals {
        self.large.sort_unstable();
        let small = (1..).zip(self.small.iter().skip(1).copied()).filter(|(_, kinds)| *kinds > 0);
        let mut totals = Totals::default();
        for (count, kinds) in small {
            totals.add(count, kinds);
        }
        // A run of the same count is one term, however it was cut into pieces.
        for run in self.large.chunk_by(|left, right| left == right) {
            let kinds = u64::try_from(run.len()).unwrap_or(u64::MAX);
            totals.add(run.first().copied().unwrap_or_default(), kinds);
        }
        totals
    }

    /// The entropy of exact counts.
    pub(crate) fn entropy(self) -> Entropy {
        self.totals().entropy()
    }
}

/// Sums over kinds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) units: u64,
    pub(crate) kinds: u64,
    /// Σ c·log2 c.
    pub(crate) sum: f64,
}

impl Totals {
    fn add(&mut self, count: u64, kinds: u64) {
        self.units += count * kinds;
        self.kinds += kinds;
        self.sum += kinds as f64 * term(count);
    }

    /// log2 N − (1/N) Σ c·log2 c.
    pub(crate) fn entropy(self) -> Entropy {
        let Self { units, kinds, sum } = self;
        if kinds < 2 {
            return Entropy { units, kinds, ..Entropy::default() };
        }
        let total = units as f64;
        let bits = f64::max(libm::log2(total) - sum / total, 0.0);
        let correction = (kinds - 1) as f64 / (2.0 * total * std::f64::consts::LN_2);
        Entropy { bits, miller_madow_bits: bits + correction, units, kinds, is_estimate: false }
    }
}

/// c·log2 c. A count always takes the same way here, so its term is always the same.
fn term(count: u64) -> f64 {
    let small = usize::try_from(count).ok().and_then(|index| TERMS.get(index));
    small.copied().unwrap_or_else(|| compute_term(count as f64))
}

/// `libm` instead of the platform's logarithm: the same bits on every machine.
fn compute_term(count: f64) -> f64 {
    if count < 2.0 { 0.0 } else { count * libm::log2(count) }
}
