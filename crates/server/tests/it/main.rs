//! The whole gateway over HTTP: real sockets on both sides, simulated providers behind it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bytes;
mod caching;
mod client;
mod directives;
mod flights;
mod keys;
mod money;
mod reading;
mod reference;
mod stand;
