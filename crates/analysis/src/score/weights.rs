//! How much each side of quality counts.

use serde::{Deserialize, Serialize};

use super::Aspect;
use crate::Error;

/// How much each side of quality counts, relative to the others; only the ratios matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Headings and sections lead through the document.
    pub structure: f64,
    /// Nothing is announced, begun or referred to that is not there.
    pub completeness: f64,
    /// Sentences can be read once.
    pub clarity: f64,
    /// The same thing is called and written the same.
    pub consistency: f64,
    /// The text came through whole.
    pub integrity: f64,
    /// Nothing is in it that must not be shown.
    pub safety: f64,
    /// It says what nothing else says, once.
    pub uniqueness: f64,
    /// Its parts can be found and understood alone.
    pub retrievability: f64,
}

impl Weights {
    /// Weights that sum to 1, in the same ratios.
    ///
    /// # Errors
    /// [`Error::Settings`] where one is negative or no number, or all are 0.
    pub fn normalised(self) -> Result<Self, Error> {
        let all = Aspect::ALL.map(|aspect| self.share(aspect));
        let sum: f64 = all.iter().sum();
        let is_sound = all.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        if !is_sound || sum <= 0.0 || !sum.is_finite() {
            let reason = "each is a number of at least 0, and one is more than 0";
            return Err(Error::Settings { name: "weights", reason });
        }
        Ok(Self {
            structure: self.structure / sum,
            completeness: self.completeness / sum,
            clarity: self.clarity / sum,
            consistency: self.consistency / sum,
            integrity: self.integrity / sum,
            safety: self.safety / sum,
            uniqueness: self.uniqueness / sum,
            retrievability: self.retrievability / sum,
        })
    }

    pub(super) fn share(&self, aspect: Aspect) -> f64 {
        match aspect {
            Aspect::Structure => self.structure,
            Aspect::Completeness => self.completeness,
            Aspect::Clarity => self.clarity,
            Aspect::Consistency => self.consistency,
            Aspect::Integrity => self.integrity,
            Aspect::Safety => self.safety,
            Aspect::Uniqueness => self.uniqueness,
            Aspect::Retrievability => self.retrievability,
        }
    }
}
