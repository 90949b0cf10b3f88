//! What a client calls a tool, and what other protocols call it.

use serde_json::Value;

use crate::Error;
use crate::digest::digest;
use crate::prompt::Place;

/// The longest name that every provider takes.
const MAX_NAME_BYTES: usize = 64;

/// The name of a tool as a client says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToolName {
    /// The group that it is in, such as the tools of an MCP server.
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// Whether it is a custom tool, whose input is text, rather than a function.
    pub(super) is_custom: bool,
}

impl ToolName {
    /// Reads the name in a tool, a call or a choice.
    pub(super) fn read(object: &Value, is_custom: bool, place: &Place) -> Result<Self, Error> {
        let namespace = match object.get("namespace") {
            None | Some(Value::Null) => None,
            Some(_) => Some(place.text(object, "namespace")?),
        };
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        Ok(Self { namespace, name: place.text(object, "name")?, is_custom })
    }

    /// Where a call has what the model gives the tool.
    pub(super) fn given(&self) -> &'static str {
        if self.is_custom { "input" } else { "arguments" }
    }

    /// The name of the function that stands for the tool where there are no namespaces. It depends
    /// on nothing else, so that a call keeps its name from turn to turn.
    pub(super) fn flat(&self) -> String {
        let Some(namespace) = &self.namespace else { return self.name.clone() };
        let between = if namespace.ends_with("__") { "" } else { "__" };
        let whole = format!("{namespace}{between}{}", self.name);
        if is_taken_everywhere(&whole) { whole } else { shortened(&whole, namespace) }
    }
}

/// Gemini wants a letter or `_` first, all others take that too.
fn is_taken_everywhere(name: &str) -> bool {
    let is_begun = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    is_begun && name.len() <= MAX_NAME_BYTES && name.chars().all(is_plain)
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// The end of a name, where the tool's own is, behind a sum of all of it, which tells it from others
/// that end so.
fn shortened(whole: &str, namespace: &str) -> String {
    let plain: String =
        whole.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    // Where the namespace ends is part of the sum.
    let head = format!("_{}_", digest(&format!("{namespace}\0{whole}"), 8));
    let room = MAX_NAME_BYTES.saturating_sub(head.len());
    let end = plain.get(plain.len().saturating_sub(room)..).unwrap_or_default();
    format!("{head}{end}")
}

#[cfg(test)]
mod tests;
