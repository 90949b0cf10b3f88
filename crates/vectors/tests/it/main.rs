//! The crate from outside: one contract for every index, an oracle for the exact one.

mod contract;
mod flat;
#[cfg(feature = "hnsw")]
mod hnsw;
#[cfg(feature = "qdrant")]
mod qdrant;
mod support;
