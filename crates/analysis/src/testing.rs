//! What the tests of several modules need.

use proptest::prelude::ProptestConfig;

/// As many cases as `PROPTEST_CASES` says, else `usual`.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let stated = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: stated.unwrap_or(usual),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
