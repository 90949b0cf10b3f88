//! The crate from outside: one contract for every index, an oracle for the exact one.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod contract;
mod flat;
#[cfg(feature = "hnsw")]
mod hnsw;
#[cfg(feature = "qdrant")]
mod qdrant;
mod support;
