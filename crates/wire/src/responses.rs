//! OpenAI Responses.

mod custom_input;
mod finish;
mod fold;
mod frames;
mod made_up;
mod read;
mod read_prompt;
mod tool_name;
mod tools;
mod unfold;
mod usage;
mod write;
mod write_prompt;

pub(crate) use fold::Folding;
pub(crate) use frames::{failed, failed_at_once};
pub(crate) use made_up::is_made_up;
pub(crate) use read::{Reader, read_answer};
pub(crate) use read_prompt::read_prompt;
pub(crate) use unfold::unfold;
pub(crate) use write::Writer;
pub(crate) use write_prompt::write_prompt;
