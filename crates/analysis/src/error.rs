//! Failures of an analysis.

use std::time::Duration;

/// Failures of an analysis; each concerns one document or one rule alone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is larger than the settings allow.
    #[error(
        "the document has {bytes} bytes, at most {limit} are analysed; raise the limit or split it"
    )]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The analysis took longer than the settings allow.
    #[error("the analysis took longer than {limit:?}; raise the limit or split the document")]
    TimedOut {
        /// What is allowed.
        limit: Duration,
    },
    /// A rule of the user's cannot be used.
    #[error("rule {rule} cannot be used: {reason}")]
    Rule {
        /// Its id.
        rule: String,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// The settings contradict themselves.
    #[error("setting {name} cannot be used: {reason}")]
    Settings {
        /// The setting.
        name: &'static str,
        /// What would be right.
        reason: &'static str,
    },
}

impl Error {
    /// All are the caller's: another document, rule or limit is needed.
    pub fn class(&self) -> types::Class {
        types::Class::Caller
    }
}
