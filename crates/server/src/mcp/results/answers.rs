//! What became of what an agent said or asked.

use knowledge::Classified as Judged;
use orchestrator::AddedItem;
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;

use super::{FoundItem, rounded};

/// Labels of a text that are told, the likeliest first.
const RANKED_MAX: usize = 3;

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Added {
    /// created, merged (said already, now with one more source), superseded (it took another's
    /// place), conflicting (another says otherwise: settle it with knowledge_update), known,
    /// forgotten (somebody deleted it on purpose) or recalled.
    outcome: String,
    /// The item that says it now.
    id: Option<i64>,
    /// The item that it took the place of, or that says otherwise.
    other: Option<i64>,
}

impl From<AddedItem> for Added {
    fn from(AddedItem { outcome, id, other }: AddedItem) -> Self {
        Self { outcome, id: id.map(|id| id.get()), other: other.map(|id| id.get()) }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Answered {
    /// The answer; [1] is the first citation. None where nothing that is known answers.
    pub(in crate::mcp) answer: Option<String>,
    /// What is cited, in the order of its numbers.
    pub(in crate::mcp) citations: Vec<FoundItem>,
    /// Whether a language model wrote it; otherwise it is sentences of the items.
    pub(in crate::mcp) by_model: bool,
    /// Why no model wrote it, where one was to.
    pub(in crate::mcp) model_failure: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Learned {
    /// Whether paraphrases were recognised.
    by_meaning: bool,
    /// New items.
    created: usize,
    /// Items that were known from elsewhere and have one more source.
    merged: usize,
    /// New items that take the place of older ones.
    superseded: usize,
    /// New items that say otherwise than others.
    conflicting: usize,
    /// What was known already, was forgotten on purpose or had come from here.
    left_out: usize,
    /// Secrets that were taken out.
    redacted: usize,
    /// Lines that could not be read.
    skipped: usize,
    /// Why a language model that was to read the text did not.
    model_failure: Option<String>,
}

impl From<orchestrator::Learned> for Learned {
    fn from(learned: orchestrator::Learned) -> Self {
        Self {
            by_meaning: learned.by_meaning,
            created: learned.created,
            merged: learned.merged,
            superseded: learned.superseded,
            conflicting: learned.conflicting,
            left_out: learned.left_out,
            redacted: learned.redacted,
            skipped: learned.skipped,
            model_failure: learned.model_failure,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Classified {
    /// One for each text, in their order.
    pub(in crate::mcp) results: Vec<ClassifiedText>,
    /// Why no model was asked where one was to be.
    pub(in crate::mcp) model_failure: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct ClassifiedText {
    /// None where no label fits.
    label: Option<String>,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// The likeliest labels.
    ranked: Vec<RankedLabel>,
}

#[derive(Serialize, JsonSchema)]
struct RankedLabel {
    label: String,
    score: f64,
}

impl From<Judged> for ClassifiedText {
    fn from(classified: Judged) -> Self {
        let ranked = classified.ranked.iter().take(RANKED_MAX);
        let ranked = ranked
            .map(|(label, score)| RankedLabel { label: label.to_string(), score: rounded(*score) });
        Self {
            label: classified.label.as_deref().map(str::to_owned),
            confidence: rounded(classified.confidence.get()),
            ranked: ranked.collect(),
        }
    }
}
