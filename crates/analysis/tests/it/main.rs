//! The crate against what it stands for.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod docs;
mod secrets;
mod side_by_side;
mod texts;
