//! For a pull request.

use std::io::{self, Write};

use analysis::Score;

use super::{Output, severity_name};
use crate::{Outcome, Summary};

/// Findings that are listed; GitHub refuses comments of more than 65,536 characters.
const LISTED_MAX: usize = 200;

/// A table of documents as they come, then their findings.
pub(super) struct Markdown<W> {
    out: W,
    has_begun: bool,
    listed: Vec<String>,
    findings: usize,
}

impl<W: Write> Markdown<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, has_begun: false, listed: Vec::new(), findings: 0 }
    }

    fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        writeln!(self.out, "# Document analysis\n")?;
        writeln!(self.out, "| Document | Score | Words | Findings |")?;
        writeln!(self.out, "| --- | ---: | ---: | ---: |")
    }
}

impl<W: Write> Output for Markdown<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.begin()?;
        let name = escaped(&outcome.origin.to_string());
        let found = match &outcome.found {
            Ok(found) => found,
            Err(error) => {
                return writeln!(self.out, "| {name} | {} | | |", escaped(&types::chain(error)));
            }
        };
        let score = match found.report.score {
            Score::Given { value, .. } => format!("{value:.0}"),
            Score::Abstained { .. } => "–".to_owned(),
        };
        let findings = &found.report.findings;
        writeln!(self.out, "| {name} | {score} | {} | {} |", found.report.words, findings.len())?;
        self.findings += findings.len();
        let room = LISTED_MAX.saturating_sub(self.listed.len());
        self.listed.extend(findings.iter().take(room).map(|finding| {
            let severity = severity_name(finding.severity);
            let message = escaped(&finding.message);
            let suggestion = escaped(&finding.suggestion);
            let (line, column) = (finding.start.line, finding.start.column);
            let rule = escaped(&finding.rule);
            format!("- {name}:{line}:{column} **{severity}** {message} {suggestion} ({rule})")
        }));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        if !self.listed.is_empty() {
            writeln!(self.out, "\n## Findings\n")?;
        }
        for listed in &self.listed {
            writeln!(self.out, "{listed}")?;
        }
        let left = self.findings - self.listed.len();
        if left > 0 {
            writeln!(self.out, "\n{left} more findings are not listed.")?;
        }
        let Summary { documents, failed, errors, warnings, notes, .. } = summary;
        writeln!(
            self.out,
            "\n{documents} documents, {failed} failed; {errors} errors, {warnings} warnings, \
             {notes} notes."
        )?;
        self.out.flush()
    }
}

/// Text that is shown as it is, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            c if c.is_control() => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}
