//! Annotations of a pull request: `::warning file=…,line=…,col=…::…`.

use std::io::{self, Write};

use super::{Output, stands_in_file};
use crate::{Outcome, Summary};

/// Workflow commands on standard output.
pub(super) struct Github<W>(pub(super) W);

impl<W: Write> Output for Github<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        let file = property(&outcome.origin.path);
        let found = match &outcome.found {
            Ok(found) => found,
            Err(error) => {
                return writeln!(self.0, "::error file={file}::{}", data(&types::chain(error)));
            }
        };
        for finding in &found.report.findings {
            let level = match finding.severity {
                analysis::Severity::Note => "notice",
                analysis::Severity::Warning => "warning",
                analysis::Severity::Error => "error",
            };
            let place = if stands_in_file(outcome) {
                let (start, end) = (finding.start, finding.end);
                format!("line={},endLine={},col={}", start.line, end.line, start.column)
            } else {
                format!("line={}", outcome.origin.row.unwrap_or(1))
            };
            let title = property(&finding.rule);
            let text = data(&format!("{} {}", finding.message, finding.suggestion));
            writeln!(self.0, "::{level} file={file},{place},title={title}::{text}")?;
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.0.flush()
    }
}

/// What stands behind `::`, escaped as GitHub's toolkit does.
fn data(text: &str) -> String {
    text.trim_end().replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands in a property, where colon and comma separate.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
