//! What came of learning.

use ::knowledge::Outcome;
use serde::{Deserialize, Serialize};

/// What came of learning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// Whether a model was there, so that paraphrases were recognised.
    pub by_meaning: bool,
    /// Files that were read.
    pub sources: usize,
    /// New items.
    pub created: usize,
    /// Items that were known from elsewhere and have one more source.
    pub merged: usize,
    /// New items that take the place of older ones.
    pub superseded: usize,
    /// New items that say otherwise than others.
    pub conflicting: usize,
    /// What was known already, was forgotten on purpose or had come out of the store.
    pub left_out: usize,
    /// Secrets that were taken out.
    pub redacted: usize,
    /// Lines that could not be read.
    pub skipped: usize,
    /// Stretches that a language model was to read and did not.
    pub unextracted: usize,
    /// Why, the first time.
    pub model_failure: Option<String>,
    /// Files and folders that could not be read.
    pub unread: Vec<Unread>,
}

/// A file or folder that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Its path.
    pub name: String,
    /// What the file system said.
    pub reason: String,
}

impl Learned {
    /// Adds what came of more.
    pub fn add(&mut self, more: Self) {
        self.by_meaning |= more.by_meaning;
        self.sources += more.sources;
        self.created += more.created;
        self.merged += more.merged;
        self.superseded += more.superseded;
        self.conflicting += more.conflicting;
        self.left_out += more.left_out;
        self.redacted += more.redacted;
        self.skipped += more.skipped;
        self.unextracted += more.unextracted;
        if self.model_failure.is_none() {
            self.model_failure = more.model_failure;
        }
        self.unread.extend(more.unread);
    }

    /// Notes that a model was to read a stretch and did not.
    pub(super) fn failed_to_extract(&mut self, error: &crate::Error) {
        self.unextracted += 1;
        self.model_failure.get_or_insert_with(|| error.told());
    }

    /// Counts what became of one draft.
    pub(super) fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Created(_) => &mut self.created,
            Outcome::Merged(_) => &mut self.merged,
            Outcome::Superseded { .. } => &mut self.superseded,
            Outcome::Conflicting { .. } => &mut self.conflicting,
            Outcome::Known(_) | Outcome::Forgotten | Outcome::Recalled => &mut self.left_out,
        } += 1;
    }
}
