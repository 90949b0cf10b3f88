//! What a gateway that runs cannot change.

use super::{Config, VectorPlace};

impl Config {
    /// The options and sections that `newer` has otherwise and that take a new start to change.
    pub fn needs_start(&self, newer: &Self) -> Vec<&'static str> {
        let fixed = [
            ("server", self.server != newer.server),
            ("data", self.data_directory != newer.data_directory),
            ("cache.enabled", self.cache_enabled != newer.cache_enabled),
            ("cache", self.cache != newer.cache),
            ("budget", self.ledger != newer.ledger),
            ("analysis", self.analysis != newer.analysis),
            ("embeddings", self.embeddings != newer.embeddings),
            ("knowledge.qdrant_url", self.qdrant().0 != newer.qdrant().0),
            ("knowledge.qdrant_index", self.qdrant().1 != newer.qdrant().1),
            ("log", self.log != newer.log),
            ("telemetry", self.telemetry != newer.telemetry),
        ];
        fixed.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    /// The server that vectors are on, and what they are called there.
    fn qdrant(&self) -> (Option<&str>, Option<&str>) {
        match &self.knowledge.vector_place {
            VectorPlace::Here => (None, None),
            #[cfg(feature = "qdrant")]
            VectorPlace::Qdrant { url, name, .. } => (Some(url), Some(name)),
        }
    }
}
