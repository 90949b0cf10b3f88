//! The protocols at the crate's boundary: recorded streams, splices, translations, rubbish.
#![cfg(test)]

mod agents;
mod bodies;
mod golden;
mod model;
mod recording;
mod rubbish;
mod splices;
mod targets;
mod tools;
mod transcripts;
mod translation;

/// As many cases as `PROPTEST_CASES` says, else `usual`.
fn cases(usual: u32) -> proptest::prelude::ProptestConfig {
    proptest::prelude::ProptestConfig::with_cases(testkit::cases(usual))
}
