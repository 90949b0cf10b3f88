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
    /// The other counts, and of how many kinds.
    large: Vec<(u64, u64)>,
}

impl Spectrum {
    pub(crate) fn new() -> Self {
        Self { small: [0; SMALL], large: Vec::new() }
    }

    /// The spectrum of counts; zeros are no kinds.
    pub(crate) fn of(counts: impl IntoIterator<Item = u64>) -> Self {
        let mut spectrum = Self::new();
        for count in counts {
            spectrum.add(count, 1);
        }
        spectrum
    }

    /// Adds `kinds` kinds that came `count` times each.
    pub(crate) fn add(&mut self, count: u64, kinds: u64) {
        let small = usize::try_from(count).ok().and_then(|index| self.small.get_mut(index));
        match small {
            Some(held) => *held += kinds,
            None => self.large.push((count, kinds)),
        }
    }

    /// The entropy of exact counts.
    pub(crate) fn entropy(self) -> Entropy {
        let units = self.small_counts().map(|(count, kinds)| count * kinds).sum::<u64>()
            + self.large.iter().map(|(count, kinds)| count * kinds).sum::<u64>();
        self.entropy_of(units)
    }

    /// The entropy of `units` units, where the spectrum may be an estimate.
    pub(crate) fn entropy_of(mut self, units: u64) -> Entropy {
        self.large.sort_unstable();
        self.large.dedup_by(|next, held| {
            let is_same = next.0 == held.0;
            held.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        let counts = || self.small_counts().chain(self.large.iter().copied());
        let kinds = counts().map(|(_, kinds)| kinds).sum::<u64>();
        if kinds < 2 {
            return Entropy { units, kinds, ..Entropy::default() };
        }
        let sum = counts().fold(0.0, |sum, (count, kinds)| sum + kinds as f64 * term(count));
        let total = units as f64;
        let bits = f64::max(libm::log2(total) - sum / total, 0.0);
        let correction = (kinds - 1) as f64 / (2.0 * total * std::f64::consts::LN_2);
        Entropy { bits, miller_madow_bits: bits + correction, units, kinds, is_estimate: false }
    }

    /// Ascending, without zero, which is no kind.
    fn small_counts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        (0..).zip(self.small.iter().copied()).skip(1).filter(|(_, kinds)| *kinds > 0)
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
