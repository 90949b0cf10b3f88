//! What came of something that was done with knowledge.

use ::knowledge::{Answer, Classified, Hit, Imported, Item, ItemId, Outcome, Shown};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::ModelId;

use crate::Learned;

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnowledgeOutcome {
    /// What was learned.
    Learned(Learned),
    /// What was found, the best first.
    Found {
        /// Whether it was looked for by meaning too.
        by_meaning: bool,
        /// The items.
        hits: Vec<Hit>,
    },
    /// An answer; none where nothing that is known says anything about the question.
    Answered {
        /// The answer with its citations.
        answer: Option<Answer>,
        /// Whether a language model wrote it.
        by_model: bool,
        /// Why no model did, where one was to.
        model_failure: Option<String>,
        /// What it was made from.
        hits: Vec<Hit>,
    },
    /// What each text is about, in their order.
    Classified {
        /// One for each text.
        results: Vec<Classified>,
        /// Why no model was asked where one was to be.
        model_failure: Option<String>,
    },
    /// Vectors, in the order of the texts.
    Embedded {
        /// The name of all that decides about a vector.
        model: ModelId,
        /// One for each text.
        vectors: Vec<Vec<f32>>,
    },
    /// Items.
    Items {
        /// The items.
        items: Vec<Item>,
    },
    /// Items with their sources and relations.
    Shown {
        /// One for each that was asked for.
        items: Vec<Shown>,
    },
    /// What became of something new.
    Added(AddedItem),
    /// An item as it is now, or as it was where it is gone.
    Changed {
        /// The item.
        item: Item,
    },
    /// How many items were written.
    Exported {
        /// How many.
        items: u64,
    },
    /// What was stored.
    Imported(Imported),
    /// What the indexes hold.
    Rebuilt {
        /// How many items are found by their words.
        texts: usize,
        /// How many vectors; none where there is no model.
        vectors: Option<usize>,
    },
}

/// What became of something new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedItem {
    /// created, merged, superseded, conflicting or known.
    pub outcome: String,
    /// The item that says it now.
    pub id: Option<ItemId>,
    /// The item that it takes the place of, or that says otherwise.
    pub other: Option<ItemId>,
}

impl KnowledgeOutcome {
    /// As JSON: an object without the name of the outcome around it.
    pub fn document(&self) -> Value {
        let Value::Object(named) = serde_json::json!(self) else { return Value::Null };
        named.into_iter().next().map_or(Value::Null, |(_, value)| value)
    }
}

impl From<Outcome> for AddedItem {
    fn from(outcome: Outcome) -> Self {
        let (name, id, other) = match outcome {
            Outcome::Created(id) => ("created", Some(id), None),
            Outcome::Merged(id) => ("merged", Some(id), None),
            Outcome::Superseded { new, old } => ("superseded", Some(new), Some(old)),
            Outcome::Conflicting { new, with } => ("conflicting", Some(new), Some(with)),
            Outcome::Known(id) => ("known", Some(id), None),
            Outcome::Forgotten => ("forgotten", None, None),
            Outcome::Recalled => ("recalled", None, None),
        };
        Self { outcome: name.to_owned(), id, other }
    }
}
