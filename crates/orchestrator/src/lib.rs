//! The steps of a request, and the wiring of the crates below into one gateway.
//!
//! A request is a list of steps, each a function that takes a value and returns one:
//!
//! ```text
//! admit → look up → join → reserve → dispatch → settle → store → record
//! ```
//!
//! - The first step that can answer does; nothing after it runs.
//! - A call goes upstream only on a reservation, and from a task of its own, so that the client
//!   that caused it may leave while others wait for the same answer.
//! - The end of an answer is shown to clients only after it is paid for and stored: whoever sees
//!   the end and asks again gets a hit.
//! - Configuration is read and validated in [`config`]; nothing below sees a file or the
//!   environment.
#![forbid(unsafe_code)]

mod batch;
pub mod config;
mod documents;
mod embedding_batches;
mod error;
mod gateway;
mod incoming;
mod item;
mod knowledge;
mod knowledge_base;
mod local_embeddings;
mod local_model;
mod meters;
mod model_store;
pub mod operator;
mod outgoing;
mod parts;
mod provider_gauges;
mod steps;
mod text_vectors;

pub use ::knowledge::{
    Band, Example, Filter, Intent, ItemId, Kind, LearnFormat, Query, Status as ItemStatus,
};
pub use batch::BatchAnswer;
pub use budget::RateStanding;
pub use documents::DocumentBody;
pub use error::Error;
pub use gateway::{Gateway, Unready};
pub use incoming::Incoming;
pub use inference::{Priority, ServedModel, UnknownPriority, warm_up};
pub use item::Source;
pub use knowledge::{
    AddedItem, AskedLabels, KnowledgeAction, KnowledgeCommand, KnowledgeOutcome, NewItem,
    NewMaterial,
};
pub use knowledge_base::{
    KNOWLEDGE_FILE, KnowledgeBase, KnowledgeError, LazyKnowledge, Learned, Unread, learnable_files,
};
pub use local_model::{LocalModel, MODELS_DIRECTORY};
pub use model_store::{
    FetchSettings, ModelStore, ModelStoreError, PullOptions, PullProgress, Stored, StoredState,
};
pub use outgoing::{AnswerStream, Outgoing, OutgoingBody};
pub use parts::{GatewaySettings, Parts};
pub use steps::Trimmed;
pub use text_vectors::{TextVectors, TextVectorsError, VECTORS_FILE};
