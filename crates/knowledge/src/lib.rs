//! What a team knows.
#![forbid(unsafe_code)]

mod answer;
mod candidate;
mod classify;
mod confidence;
mod draft;
mod embedding;
mod error;
mod filter;
mod freshness;
mod hit;
mod intent;
mod item;
mod item_id;
mod kind;
mod learn;
mod lesson;
mod outcome;
mod query;
mod query_cache;
mod recall;
mod relation;
mod sameness;
mod schema;
mod source;
mod status;
mod store;
mod terms;
#[cfg(test)]
mod testing;
mod trajectory;
mod validity;
mod weights;

pub use answer::Answer;
pub use candidate::Candidate;
pub use classify::{Classified, Classifier, Example, LabelPrompt};
pub use confidence::Confidence;
pub use draft::Draft;
pub use embedding::Embedding;
pub use error::Error;
pub use filter::Filter;
pub use freshness::{Band, Freshness};
pub use hit::{Hit, ScoreParts};
pub use intent::Intent;
pub use item::Item;
pub use item_id::ItemId;
pub use kind::Kind;
pub use learn::{
    ExtractionPrompt, LearnFormat, Material, Passage, Prompt, Reader, Redactor, Speaker, Step,
};
pub use lesson::{Lesson, PastLesson};
pub use outcome::Outcome;
pub use query::Query;
pub use relation::{Relation, RelationKind};
pub use sameness::{COSINE_MIN, Sameness, judge};
pub use schema::SCHEMA;
pub use source::Source;
pub use status::Status;
pub use store::{Counts, Imported, Near, Order, Page, Shown, Store, VectorRow};
pub use trajectory::Trajectory;
pub use validity::Validity;
pub use weights::Weights;
