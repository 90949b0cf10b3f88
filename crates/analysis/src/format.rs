//! What a document is written in.

use serde::{Deserialize, Serialize};

/// What a document is written in, which decides what of it is prose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// CommonMark with tables, footnotes, front matter.
    Markdown,
    /// HTML 5.
    Html,
    /// reStructuredText.
    Rst,
    /// Plain text.
    #[default]
    Plain,
    /// Source code: comments are the prose.
    Code,
}
