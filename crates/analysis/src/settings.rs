//! What to analyse and how far.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Dialect, Error, Profile, UserRule, Weights};

/// What to analyse and how far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What documents are judged as. Default: `prose`.
    pub profile: Profile,
    /// How much each side of the score counts. Default: what the profile says.
    pub weights: Option<Weights>,
    /// Whose signals are measured. Default: `gopher-datatrove`.
    pub dialects: Vec<Dialect>,
    /// Words and phrases whose places `rpv2` counts. Default: none, and then there is no such
    /// signal.
    pub blocked_phrases: Vec<String>,
    /// Rules of the user's own. Default: none.
    pub rules: Vec<UserRule>,
    /// Rules that are left out, by id. Default: none.
    pub disabled_rules: Vec<String>,
    /// Documents larger than this are refused, in bytes. Default: 64 MiB.
    pub document_bytes_max: u64,
    /// How long one document may take. Default: 30 s.
    pub document_time_max: Duration,
    /// Documents with fewer words of prose get no score. Default: 50.
    pub score_words_min: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            weights: None,
            dialects: vec![Dialect::GopherDatatrove],
            blocked_phrases: Vec::new(),
            rules: Vec::new(),
            disabled_rules: Vec::new(),
            document_bytes_max: 64 << 20,
            document_time_max: Duration::from_secs(30),
            score_words_min: 50,
        }
    }
}

impl Settings {
    /// The weights in force, made to sum to 1.
    pub(crate) fn shares(&self) -> Result<Weights, Error> {
        self.weights.unwrap_or_else(|| self.profile.weights()).normalised()
    }
}
