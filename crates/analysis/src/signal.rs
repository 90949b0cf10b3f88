//! One measured signal and what a gate says of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Dialect, Span};

/// One signal of a dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// As the dialect's source calls it.
    pub name: Cow<'static, str>,
    /// What was measured.
    pub value: f64,
    /// What the dialect demands; none where it only measures.
    pub threshold: Option<Threshold>,
    /// Whether the demand is met; true where there is none.
    pub passed: bool,
    /// Where in the text it shows, at most the first eight places; empty where it concerns all.
    pub places: Vec<Span>,
}

/// What a dialect demands of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

/// All signals of one dialect; none is left out when another fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whose rules.
    pub dialect: Dialect,
    /// In the order of the dialect's source.
    pub signals: Vec<Signal>,
    /// Whether every demand is met.
    pub passed: bool,
}
