//! A text and its label.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The label of texts that belong to none.
const NONE: &str = "none";

/// A text and the label that it stands for; none for a text that belongs to no label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Example {
    /// The label.
    pub label: Option<Arc<str>>,
    /// The text.
    pub text: String,
}

impl Example {
    /// The built-in examples of [`crate::Intent`], whose names are the labels.
    pub fn intents() -> Vec<Self> {
        parse(include_str!("intents.txt"))
    }

    /// The built-in examples of [`crate::Trajectory`], whose names are the labels.
    pub fn trajectories() -> Vec<Self> {
        parse(include_str!("trajectories.txt"))
    }

    /// A user's examples: a line for each, `label|text`; the label `none` is for texts that belong to
    /// no label. Empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// [`Error::Value`] where a line has no stroke or nothing on one side of it.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Error> {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                parse_line(line)
                    .ok_or(Error::Value { what: "an example", rule: "written as label|text" })
            })
            .collect()
    }
}

fn parse(text: &str) -> Vec<Example> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Example> {
    let (label, text) = line.split_once('|')?;
    let (label, text) = (label.trim(), text.trim());
    if label.is_empty() || text.is_empty() {
        return None;
    }
    let label = (label != NONE).then(|| label.into());
    Some(Example { label, text: text.to_owned() })
}
