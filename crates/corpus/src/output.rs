//! Reports in the formats that people and programs read.

use std::io::{self, Write};

use analysis::RuleInfo;

use crate::{Outcome, Summary};

mod csv_rows;
mod dolma;
mod github;
mod html;
mod json;
mod markdown;
mod sarif;
mod terminal;
#[cfg(test)]
mod tests;

/// Writes a report, document after document.
pub trait Output {
    /// Writes one document, or remembers what the end of the report says of it.
    fn document(&mut self, outcome: &Outcome) -> io::Result<()>;

    /// Writes what is left once all documents are known.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// For people, at a terminal.
    Terminal,
    /// One JSON object: `documents` and `summary`.
    Json,
    /// One JSON object a document and line, in the order of the input.
    Jsonl,
    /// One row a document, with a column for each signal of the summary.
    Csv,
    /// For a pull request: a table and the findings.
    Markdown,
    /// One page that needs nothing else, with charts.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that annotate a pull request on GitHub.
    Github,
    /// Attributes beside the documents, as dolma's mixer reads them.
    Dolma,
}

impl OutputFormat {
    /// All, with the names that a command line uses.
    pub const ALL: [(&'static str, Self); 9] = [
        ("terminal", Self::Terminal),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("csv", Self::Csv),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("dolma", Self::Dolma),
    ];

    /// A report in this format to `out`. `has_colours` matters to the terminal alone; `rules` are
    /// described in SARIF.
    pub fn write_to<'w>(
        self,
        out: impl Write + 'w,
        has_colours: bool,
        rules: Vec<RuleInfo>,
    ) -> Box<dyn Output + 'w> {
        match self {
            Self::Terminal => Box::new(terminal::Terminal::new(out, has_colours)),
            Self::Json => Box::new(json::Json::new(out)),
            Self::Jsonl => Box::new(json::Jsonl(out)),
            Self::Csv => Box::new(csv_rows::Csv::new(out)),
            Self::Markdown => Box::new(markdown::Markdown::new(out)),
            Self::Html => Box::new(html::Html::new(out)),
            Self::Sarif => Box::new(sarif::Sarif::new(out, rules)),
            Self::Github => Box::new(github::Github(out)),
            Self::Dolma => Box::new(dolma::Dolma(out)),
        }
    }
}

/// `note`, `warning`, `error`.
pub(crate) fn severity_name(severity: analysis::Severity) -> &'static str {
    match severity {
        analysis::Severity::Note => "note",
        analysis::Severity::Warning => "warning",
        analysis::Severity::Error => "error",
    }
}

/// Whether the findings' line numbers are those of the file: rows of a corpus have lines of their
/// own.
fn stands_in_file(outcome: &Outcome) -> bool {
    outcome.origin.row.is_none()
}
