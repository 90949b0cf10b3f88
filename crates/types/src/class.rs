//! What a failure asks of whoever sees it.

use serde::{Deserialize, Serialize};

/// The only thing about an error that upper layers branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The request is wrong or not allowed; sending it again changes nothing.
    Caller,
    /// Something is full or in use; the same request may succeed later.
    Busy,
    /// A model provider failed.
    Upstream,
    /// This program or its machine failed.
    Fault,
}
