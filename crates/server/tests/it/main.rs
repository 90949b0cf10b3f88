//! The whole gateway over HTTP: real sockets on both sides, simulated providers behind it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod flights;
mod money;
mod reading;
mod reference;
mod stand;
