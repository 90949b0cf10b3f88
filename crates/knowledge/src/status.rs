//! Whether an item still holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::intent::names;

names!(
    /// Whether an item still holds.
    Status, "status", "current, conflicting or superseded",
    {
        /// It holds, as far as is known.
        Current = "current",
        /// Another item says otherwise; somebody has to decide.
        Conflicting = "conflicting",
        /// A newer item took its place; kept as history.
        Superseded = "superseded",
    }
);
