//! When an item holds.

use serde::{Deserialize, Serialize};
use types::Timestamp;

use crate::Error;

/// When an item holds: from a moment on, up to another where one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Validity {
    from: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Raw {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Validity {
    /// From `from` on.
    pub const fn since(from: Timestamp) -> Self {
        Self { from, until: None }
    }

    /// From `from` up to, not including, `until`.
    ///
    /// # Errors
    /// [`Error::Value`] where it ends before it begins.
    pub fn between(from: Timestamp, until: Timestamp) -> Result<Self, Error> {
        if until < from {
            return Err(Error::Value { what: "validity", rule: "an end not before its beginning" });
        }
        Ok(Self { from, until: Some(until) })
    }

    /// The first moment.
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// The moment after the last, where one is known.
    pub const fn until(self) -> Option<Timestamp> {
        self.until
    }

    /// Whether the moment is one of it.
    pub fn holds_at(self, moment: Timestamp) -> bool {
        self.from <= moment && self.until.is_none_or(|until| moment < until)
    }
}

impl TryFrom<Raw> for Validity {
    type Error = Error;

    fn try_from(raw: Raw) -> Result<Self, Error> {
        raw.until.map_or(Ok(Self::since(raw.from)), |until| Self::between(raw.from, until))
    }
}
