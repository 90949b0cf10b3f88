//! How sure something is.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How sure something is, from 0 (not at all) to 1 (certain).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

impl Confidence {
    /// Certain.
    pub const FULL: Self = Self(1.0);

    /// # Errors
    /// [`Error::Value`] outside of 0 to 1.
    pub fn new(value: f64) -> Result<Self, Error> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Error::Value { what: "confidence", rule: "a number from 0 to 1" })
        }
    }

    /// As likely as not.
    pub const HALF: Self = Self(0.5);

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The nearest that is allowed; 0 for what is no number.
    pub(crate) const fn nearest(value: f64) -> Self {
        if value.is_nan() { Self(0.0) } else { Self(value.clamp(0.0, 1.0)) }
    }
}

impl TryFrom<f64> for Confidence {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}
