//! What a team knows: learned from files and transcripts, kept once, kept fresh, found again.
//!
//! - A [`Store`] is one SQLite file and holds the truth, vectors included; indexes are made from it.
//! - Every function names a tenant, and no item is ever seen by another.
//! - Nothing here embeds a text, searches an index of vectors or calls a model. Vectors and what is
//!   near them are passed in; what needs a model is a [`Prompt`] to be sent and an answer to be read.
//! - A [`Step`] of learning is stored whole with how far its source was read, or not at all.
//! - Secrets are taken out before anything is stored; what came out of the store is not learned
//!   again; what was forgotten stays so.
//! - A difference in numbers, negation, names or order is never merged away: it becomes a new version
//!   or a conflict, and both stay.
//!
//! `docs/knowledge.md` gives the formulas, the rules and what was measured.
//!
//! ```
//! use forebay_knowledge::{Candidate, Draft, Outcome, Query, Source, Store, Weights};
//! use types::{Clock, TenantId};
//!
//! # let folder = tempfile::tempdir()?;
//! let clock = Clock::system();
//! let store = Store::open(&folder.path().join("knowledge.db"), clock.clone())?;
//! let acme = TenantId::new("acme")?;
//!
//! let source = Source {
//!     name: "notes.md".to_owned(),
//!     line: 3,
//!     section: "Money #1".to_owned(),
//!     seen_at: clock.now(),
//! };
//! let draft = Draft::new("Money is counted in micro-dollars.", source);
//! let outcomes = store.add(&acme, vec![Candidate::plain(draft)])?;
//! assert!(matches!(outcomes[0], Outcome::Created(_)));
//!
//! let query = Query::new("how is money counted");
//! let hits = store.search(&acme, &query, None, &Weights::default())?;
//! assert_eq!(hits[0].sources[0].name, "notes.md");
//! store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
pub use store::{Counts, Imported, Matches, Near, Order, Page, Shown, Store, VectorRow};
pub use trajectory::Trajectory;
pub use validity::Validity;
pub use weights::Weights;
