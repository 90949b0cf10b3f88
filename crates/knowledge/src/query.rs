//! What is looked for.

use serde::{Deserialize, Serialize};
use types::ProjectId;

use crate::{Filter, Intent};

/// What is looked for. The vector of its text is passed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The question or the words.
    pub text: String,
    /// Which items may be found at all.
    #[serde(default)]
    pub filter: Filter,
    /// What the asker is about, where that is known: items of this intent come first.
    #[serde(default)]
    pub intent: Option<Intent>,
    /// Where the asker works: items of this project come first, then those of none.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// The most hits. Default: 10.
    #[serde(default = "Query::default_limit")]
    pub limit: usize,
}

impl Query {
    /// Looks for `text` among all items; ten hits.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            filter: Filter::default(),
            intent: None,
            project: None,
            limit: Self::default_limit(),
        }
    }

    const fn default_limit() -> usize {
        10
    }
}
