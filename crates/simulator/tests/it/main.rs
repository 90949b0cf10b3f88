//! The simulator as a client sees it: bytes over TCP against literal expectations.

mod client;
mod openai;
