//! What became of a draft.

use crate::ItemId;

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is a new item.
    Created(ItemId),
    /// It says what an item says that was not learned from there before: that has one more source.
    Merged(ItemId),
    /// It is a new item that takes the place of another, which stays as history.
    Superseded {
        /// The new item.
        new: ItemId,
        /// The one it takes the place of.
        old: ItemId,
    },
    /// It is a new item that says otherwise than another; both are flagged.
    Conflicting {
        /// The new item.
        new: ItemId,
        /// The one that says otherwise.
        with: ItemId,
    },
    /// It was learned from there before: nothing changed.
    Known(ItemId),
    /// A user had it forgotten: nothing is stored.
    Forgotten,
    /// It had come out of the store before it was read: nothing is stored.
    Recalled,
}

impl Outcome {
    /// The item that was made, whose vector an index lacks.
    pub const fn created(self) -> Option<ItemId> {
        match self {
            Self::Created(id)
            | Self::Superseded { new: id, .. }
            | Self::Conflicting { new: id, .. } => Some(id),
            Self::Merged(_) | Self::Known(_) | Self::Forgotten | Self::Recalled => None,
        }
    }

    /// Whether the store holds more than before.
    pub const fn adds(self) -> bool {
        !matches!(self, Self::Known(_) | Self::Forgotten | Self::Recalled)
    }
}
