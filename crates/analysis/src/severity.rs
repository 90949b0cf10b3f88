//! How bad a finding is.

use serde::{Deserialize, Serialize};

/// How bad a finding is, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A matter of taste.
    Note,
    /// Readers stumble.
    Warning,
    /// Readers are misled, or something leaks.
    Error,
}
