//! What a document is worth, and why.
//!
//! A dimension starts at 1 and loses by faults alone. A fault of kind *k* that shows *n* times
//! leaves `1 − most · (1 − 2^(−n / half))` of it, with `most` and `half` by severity: note 0.15 and
//! 8, warning 0.35 and 4, error 0.8 and 1. Counts are absolute and nothing is earned, so whatever
//! is added to a document can only lower its score, unless it mends a fault that was named.

mod aspect;
mod faults;
mod profile;
#[cfg(test)]
mod tests;
mod weights;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub(crate) use self::aspect::Aspect;
pub(crate) use self::faults::{Fault, faults};
pub use self::profile::Profile;
pub use self::weights::Weights;
use crate::{Severity, Span};

/// The quality of a document from 0 to 100, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Too short to be judged.
    Abstained {
        /// Words of prose.
        words: usize,
        /// The least that is judged.
        needed: usize,
    },
    /// Judged.
    Given {
        /// 0 to 100: the sum of the contributions.
        value: f64,
        /// What it is made of.
        dimensions: Vec<Dimension>,
    },
}

/// One side of quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name.
    pub name: Cow<'static, str>,
    /// 0 to 1.
    pub value: f64,
    /// Its share of the score; the weights of all dimensions sum to 1.
    pub weight: f64,
    /// 100 · value · weight.
    pub contribution: f64,
    /// Why it is not 1, dearest first. The costs sum to 1 − value.
    pub reasons: Vec<Reason>,
}

/// Why a dimension lost some of its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// In a sentence.
    pub text: String,
    /// How much of the dimension's value it took, 0 to 1.
    pub cost: f64,
    /// Where it shows, at most the first eight places.
    pub evidence: Vec<Span>,
}

impl Score {
    /// Judges a document by its faults.
    pub(crate) fn of(faults: Vec<Fault>, weights: &Weights) -> Self {
        let mut by_aspect = Aspect::ALL.map(|aspect| (aspect, Vec::new()));
        for fault in faults {
            if let Some((_, same)) = by_aspect.get_mut(fault.aspect.index()) {
                same.push(fault);
            }
        }
        let dimensions: Vec<_> = by_aspect
            .into_iter()
            .map(|(aspect, faults)| Dimension::of(aspect, faults, weights.share(aspect)))
            .collect();
        Self::sum(dimensions)
    }

    /// Notes that another document says nearly the same: `similarity` of the uniqueness is lost.
    pub fn mark_duplicate(&mut self, similarity: f64, of: &str) {
        let Self::Given { dimensions, .. } = self else { return };
        let unique = Aspect::Uniqueness.name();
        if let Some(dimension) = dimensions.iter_mut().find(|dimension| dimension.name == unique) {
            let cost = dimension.value * similarity.clamp(0.0, 1.0);
            dimension.value -= cost;
            dimension.contribution = 100.0 * dimension.value * dimension.weight;
            let text = format!("says nearly the same as {of} ({:.0} %)", 100.0 * similarity);
            dimension.reasons.insert(0, Reason { text, cost, evidence: Vec::new() });
        }
        *self = Self::sum(std::mem::take(dimensions));
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Abstained { .. } => None,
            Self::Given { value, .. } => Some(*value),
        }
    }

    fn sum(dimensions: Vec<Dimension>) -> Self {
        let value = dimensions.iter().map(|dimension| dimension.contribution).sum();
        Self::Given { value, dimensions }
    }
}

impl Dimension {
    fn of(aspect: Aspect, faults: Vec<Fault>, weight: f64) -> Self {
        let value: f64 = faults.iter().map(Fault::left).product();
        // The faults multiply; each takes the share of the loss that its logarithm has.
        let logarithms: f64 = faults.iter().map(|fault| fault.left().ln()).sum();
        let share = |fault: &Fault| (1.0 - value) * fault.left().ln() / logarithms;
        let mut reasons: Vec<_> = faults.into_iter().map(|fault| (share(&fault), fault)).collect();
        reasons.sort_by(|left, right| right.0.total_cmp(&left.0));
        let reasons = reasons.into_iter().map(|(cost, fault)| Reason {
            text: fault.text,
            cost,
            evidence: fault.evidence,
        });
        Self {
            name: aspect.name().into(),
            value,
            weight,
            contribution: 100.0 * value * weight,
            reasons: reasons.collect(),
        }
    }
}

impl Fault {
    /// What is left of a dimension of 1 after this fault alone.
    fn left(&self) -> f64 {
        let (most, half) = match self.severity {
            Severity::Note => (0.15, 8.0),
            Severity::Warning => (0.35, 4.0),
            Severity::Error => (0.8, 1.0),
        };
        // Beyond a few hundred nothing more is lost.
        let count = f64::from(u16::try_from(self.count).unwrap_or(u16::MAX));
        1.0 - most * (1.0 - (-count / half).exp2())
    }
}
