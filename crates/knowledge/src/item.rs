//! One thing that is known.

use serde::{Deserialize, Serialize};
use types::{ProjectId, Timestamp};

use crate::{Confidence, Freshness, Intent, ItemId, Kind, Status, Validity, draft};

/// One thing that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its name in the store.
    pub id: ItemId,
    /// What sort of knowledge it is.
    pub kind: Kind,
    /// The piece of work it belongs to; none for what holds everywhere.
    pub project: Option<ProjectId>,
    /// What it helps with, where that is known.
    pub intent: Option<Intent>,
    /// What it is about in a few words; may be empty.
    pub title: String,
    /// The knowledge itself.
    pub content: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it still holds.
    pub status: Status,
    /// When it holds.
    pub validity: Validity,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was last seen, edited or confirmed: age counts from here.
    pub confirmed_at: Timestamp,
    /// When it was last given out.
    pub accessed_at: Option<Timestamp>,
    /// How often it was given out.
    pub accesses: u64,
}

impl Item {
    /// How fresh it is at `now`.
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        Freshness::of(&self.kind, now.saturating_since(self.confirmed_at), self.accesses)
    }

    /// The text that is embedded and compared: the title, a line break, the content.
    pub fn text(&self) -> String {
        draft::text(&self.title, &self.content)
    }
}
