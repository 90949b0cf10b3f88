//! The whole gateway over HTTP: real sockets on both sides, simulated providers behind it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints why it is skipped"
)]

mod agents;
mod analyze;
mod batch;
mod bytes;
mod caching;
mod client;
mod counting;
mod directives;
mod drain;
mod embeddings;
mod endurance;
mod faults;
mod flights;
mod keys;
mod knowledge;
mod limits;
mod mcp;
mod money;
mod overflow;
mod overload;
mod rates;
mod raw;
mod reading;
mod reference;
mod refusals;
mod reload;
mod secrets;
mod slow_readers;
mod stand;
mod telling;
mod trimming;
mod warm;
