//! Inference against the simulator: real sockets, real time-outs, scripted faults.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod affinity;
mod breaker;
mod budget;
mod bytes;
mod cancel;
mod matrix;
mod request_ids;
mod secrets;
mod settings;
mod streams;
mod tools;
mod world;
