//! How two items relate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use types::Timestamp;

use crate::intent::names;
use crate::{Error, ItemId};

names!(
    /// How one item relates to another.
    RelationKind, "relation", "supersedes or conflicts",
    {
        /// It took the other's place.
        Supersedes = "supersedes",
        /// It says otherwise than the other, and both may be meant.
        Conflicts = "conflicts",
    }
);

/// That one item relates to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The newer item.
    pub item: ItemId,
    /// How it relates.
    pub kind: RelationKind,
    /// The older item.
    pub other: ItemId,
    /// When that was found.
    pub created_at: Timestamp,
}
