//! The simulator as a client sees it: bytes over TCP against literal expectations.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anthropic;
mod client;
mod connections;
mod control;
mod counts;
mod embeddings;
mod faults;
mod gemini;
mod groq;
mod openai;
mod pace;
mod refusals;
mod responses;
