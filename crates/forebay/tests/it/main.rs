//! The binary as whoever runs it sees it: processes, exit codes, files, sockets and signals.
//!
//! The simulated provider runs in the test, which so sees its counts and can hold its answers; the
//! gateway is the real binary with a home directory of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test that failed is asked what it had seen")]

mod analyze;
mod client;
mod commands;
mod configuration;
mod exposure;
mod files;
mod kill;
mod kill_learning;
mod knowledge;
mod logs;
mod mcp;
mod models;
mod output_limit;
mod ownership;
mod place;
mod process;
mod quickstart;
mod reload;
mod settings;
mod shell;
mod simulate;
mod stop;
mod tls;
