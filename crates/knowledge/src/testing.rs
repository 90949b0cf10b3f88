//! What the tests of this crate share.

use tempfile::TempDir;
use types::{ManualClock, ModelId, TenantId, Timestamp};

use crate::{Candidate, Draft, Embedding, Source, Store};

/// A store in a folder of its own, and the hand on its clock.
pub(crate) struct Shelf {
    pub(crate) store: Store,
    pub(crate) hand: ManualClock,
    pub(crate) folder: TempDir,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = ManualClock::new(Timestamp::from_millis(1_750_000_000_000));
        let store = Store::open(&folder.path().join("knowledge.db"), hand.clock()).unwrap();
        Self { store, hand, folder }
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(&mut self) {
        let path = self.folder.path().join("knowledge.db");
        self.store.clone().close().unwrap();
        self.store = Store::open(&path, self.hand.clock()).unwrap();
    }

    pub(crate) fn draft(&self, content: &str) -> Draft {
        Draft::new(content, self.source("notes.md", "one"))
    }

    pub(crate) fn source(&self, name: &str, section: &str) -> Source {
        let seen_at = self.hand.clock().now();
        Source { name: name.to_owned(), line: 1, section: section.to_owned(), seen_at }
    }

    /// Stores `content` and returns the item's number.
    pub(crate) fn put(&self, tenant: &TenantId, draft: Draft) -> crate::ItemId {
        let outcomes = self.store.add(tenant, vec![Candidate::plain(draft)]).unwrap();
        outcomes[0].created().unwrap()
    }
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

/// A vector of few dimensions.
pub(crate) fn embedding(values: &[f32]) -> Embedding {
    Embedding::new(ModelId::new("test").unwrap(), values.to_vec()).unwrap()
}
