//! The steps of a request and the wiring of the crates below.
#![forbid(unsafe_code)]
