//! The protocols at the crate's boundary: recorded streams, splices, translations, rubbish.
#![cfg(test)]

mod bodies;
mod golden;
mod model;
mod recording;
mod rubbish;
mod splices;
mod transcripts;
mod translation;

/// As many cases as `PROPTEST_CASES` says, else `usual`.
fn cases(usual: u32) -> proptest::prelude::ProptestConfig {
    let stated = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    proptest::prelude::ProptestConfig::with_cases(stated.unwrap_or(usual))
}
