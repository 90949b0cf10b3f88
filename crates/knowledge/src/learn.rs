//! From files and transcripts to drafts.

mod chat;
mod chunks;
mod cues;
mod extraction;
mod format;
mod lines;
mod passage;
mod prompt;
mod reader;
mod redactor;
#[cfg(test)]
mod tests;
mod transcript;

pub use format::LearnFormat;
pub use passage::{Passage, Speaker};
pub use prompt::{ExtractionPrompt, Prompt};
pub use reader::{Material, Reader, Step};
pub use redactor::Redactor;
