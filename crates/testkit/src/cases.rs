//! How much a property test tries.

/// Cases of a property: as many as `PROPTEST_CASES` says, else `usual`.
pub fn cases(usual: u32) -> u32 {
    let stated = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    stated.unwrap_or(usual)
}

/// Whether soaks and campaigns are to run, as `FOREBAY_LONG=1` says.
pub fn is_long() -> bool {
    std::env::var_os("FOREBAY_LONG").is_some_and(|value| value == "1")
}
