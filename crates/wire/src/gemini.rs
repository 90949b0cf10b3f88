//! Gemini's own protocol, which only providers speak.

mod finish;
mod read;
mod usage;
mod write_prompt;

pub(crate) use read::{Reader, read_answer};
pub(crate) use write_prompt::write_prompt;
