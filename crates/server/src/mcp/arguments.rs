//! What tools are called with. The words about a field are what an agent reads.

mod changes;
mod classify;
mod document;
mod questions;

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

use super::failure::Failure;
pub(super) use changes::{Add, Learn, Update};
pub(super) use classify::Classify;
pub(super) use document::Document;
pub(super) use questions::{Ask, Get, Search};

/// Bytes of a question, a title or a name at most.
const LINE_BYTES_MAX: usize = 8 << 10;
/// Bytes of an item or of a text to classify at most.
const CONTENT_BYTES_MAX: usize = 64 << 10;

/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

fn filled(what: &'static str, text: String, bytes_max: usize) -> Result<String, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::arguments(format_args!("{what} is empty")));
    }
    bounded(what, text, bytes_max)
}

fn bounded(what: &'static str, text: String, bytes_max: usize) -> Result<String, Failure> {
    if text.len() > bytes_max {
        return Err(Failure::arguments(format_args!("{what} has more than {bytes_max} bytes")));
    }
    Ok(text)
}

fn counted(what: &'static str, count: usize, max: usize) -> Result<(), Failure> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(Failure::arguments(format_args!("{what} are 1 to {max}")))
}
