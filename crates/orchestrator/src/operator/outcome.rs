//! What came of a command, as it crosses the control socket.

use budget::{AccountStatus, KeyRecord, Unreconciled, Usage, Window};
use serde::{Deserialize, Serialize};

use super::Status;

/// What came of a command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done; there is nothing to tell.
    Done,
    /// What runs and how it is.
    Status(Box<Status>),
    /// A new key; its secret is told this once.
    KeyCreated {
        /// All but the secret.
        record: KeyRecord,
        /// The whole key.
        key: String,
    },
    /// Keys, the oldest first.
    Keys(Vec<KeyRecord>),
    /// Accounts.
    Accounts(Vec<AccountStatus>),
    /// Charges that wait for somebody to look at the provider's bill.
    Unreconciled(Vec<Unreconciled>),
    /// What was used.
    Usage {
        /// When.
        month: Window,
        /// By group, in the order of their names.
        lines: Vec<Usage>,
    },
}
