//! Failures of keeping and finding what is known.

use types::Class;

use crate::ItemId;

/// Something could not be learned, kept or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value does not fit its type.
    #[error("{what} must be {rule}")]
    Value {
        /// What the value is.
        what: &'static str,
        /// What would be right.
        rule: &'static str,
    },
    /// There is no such item of this tenant.
    #[error("there is no item {id}")]
    Missing {
        /// The item.
        id: ItemId,
    },
    /// The database failed.
    #[error("could not {operation} in the knowledge store")]
    Store {
        /// What was tried, as a verb.
        operation: &'static str,
        /// What the database said.
        #[source]
        source: storage::Error,
    },
    /// What is to be learned, or where an export goes, failed.
    #[error("could not {operation} {name}")]
    Io {
        /// What was tried, as a verb.
        operation: &'static str,
        /// What it was tried with.
        name: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line of an export is not one.
    #[error("line {line} of the import is not of an export of knowledge")]
    Record {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A model did not answer in the form that its prompt asked for.
    #[error("the model's answer is not {wanted}")]
    Answer {
        /// What was asked for.
        wanted: &'static str,
    },
    /// The rules that find secrets could not be prepared.
    #[error("could not prepare the rules that find secrets")]
    Redaction {
        /// What is wrong with them.
        #[source]
        source: analysis::Error,
    },
}

impl Error {
    /// What the caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Value { .. } | Self::Missing { .. } | Self::Record { .. } => Class::Caller,
            Self::Store { source, .. } => source.class(),
            Self::Answer { .. } => Class::Upstream,
            Self::Io { .. } | Self::Redaction { .. } => Class::Fault,
        }
    }

    /// Says what was tried when the database failed.
    pub(crate) fn store(operation: &'static str) -> impl FnOnce(storage::Error) -> Self {
        move |source| Self::Store { operation, source }
    }
}
