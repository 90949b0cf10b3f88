//! What a document is written in.

use std::str::FromStr;

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

/// Extensions of source code whose comments [`Format::Code`] finds.
const CODE: &[&str] = &[
    "bash", "c", "cc", "cjs", "cpp", "cs", "css", "cxx", "dart", "ex", "exs", "fish", "go",
    "gradle", "groovy", "h", "hcl", "hh", "hpp", "hs", "java", "jl", "js", "jsx", "kt", "kts",
    "less", "lua", "m", "mjs", "mm", "nim", "nix", "php", "pl", "pm", "proto", "ps1", "py", "pyi",
    "r", "rb", "rs", "scala", "scss", "sh", "sql", "swift", "tf", "toml", "ts", "tsx", "vue",
    "yaml", "yml", "zig", "zsh",
];

impl Format {
    /// All, in the order of their names' meaning above.
    pub const ALL: [Self; 5] = [Self::Markdown, Self::Html, Self::Rst, Self::Plain, Self::Code];

    /// The usual format of files with this extension, given without its dot, in any letter case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" | "mdown" | "mkd" | "mkdn" | "mdx" | "mdc" | "qmd" | "rmd" => {
                Some(Self::Markdown)
            }
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "rst" | "rest" => Some(Self::Rst),
            "txt" | "text" | "log" => Some(Self::Plain),
            other => CODE.binary_search(&other).is_ok().then_some(Self::Code),
        }
    }

    /// As written in settings and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Rst => "rst",
            Self::Plain => "plain",
            Self::Code => "code",
        }
    }
}

/// There is no format of this name; the message names those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format; there are markdown, html, rst, plain and code")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::{CODE, Format, UnknownFormat};

    #[test]
    fn knows_extensions() {
        let cases = [
            ("md", Some(Format::Markdown)),
            ("MD", Some(Format::Markdown)),
            ("mdx", Some(Format::Markdown)),
            ("htm", Some(Format::Html)),
            ("rst", Some(Format::Rst)),
            ("txt", Some(Format::Plain)),
            ("rs", Some(Format::Code)),
            ("py", Some(Format::Code)),
            ("png", None),
            ("", None),
        ];
        for (extension, format) in cases {
            assert_eq!(Format::of_extension(extension), format, "{extension}");
        }
    }

    #[test]
    fn extensions_of_code_can_be_searched() {
        assert!(CODE.is_sorted());
    }

    #[test]
    fn reads_its_own_names() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(json, format!("\"{}\"", format.name()));
        }
        assert_eq!("docx".parse::<Format>(), Err(UnknownFormat));
    }
}
