//! `[analysis]`

use ::analysis::{Dialect, Profile, Settings, Weights};
use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// Analysis of documents, by the command and by the endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct AnalysisSection {
    /// What documents are judged as: readme, reference, how-to, prose or corpus.
    pub profile: Profile,
    /// Whose corpus signals are measured: gopher-datatrove, gopher-dolma, c4-tfds, c4-datatrove,
    /// fine-web, rpv2.
    pub dialects: Vec<Dialect>,
    /// Words and phrases whose places rpv2 counts.
    pub blocked_phrases: Vec<String>,
    /// Rules that are left out, by id.
    pub disabled_rules: Vec<String>,
    /// Bytes of a document at most.
    pub document_bytes_max: u64,
    /// Seconds that one document may take.
    pub document_seconds_max: u64,
    /// Documents with fewer words of prose get no score.
    pub score_words_min: usize,
    /// Bytes of the cache of reports that the command keeps; 0 keeps nothing.
    pub cache_bytes_max: u64,
    /// A number for each side of the score: structure, completeness, clarity, consistency,
    /// integrity, safety, uniqueness, retrievability; only the ratios matter. Default: those of the
    /// profile.
    pub weights: Option<Weights>,
}

impl Default for AnalysisSection {
    fn default() -> Self {
        let settings = Settings::default();
        Self {
            profile: settings.profile,
            dialects: settings.dialects,
            blocked_phrases: settings.blocked_phrases,
            disabled_rules: settings.disabled_rules,
            document_bytes_max: settings.document_bytes_max,
            document_seconds_max: settings.document_time_max.as_secs(),
            score_words_min: settings.score_words_min,
            cache_bytes_max: 512 << 20,
            weights: None,
        }
    }
}

/// How documents are analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisConfig {
    /// What is measured and how far.
    pub settings: Settings,
    /// Bytes of the cache of reports at most.
    pub cache_bytes_max: u64,
}
