//! For people, at a terminal.

use std::io::{self, Write};

use analysis::{Finding, Score, Severity};

use super::{Output, severity_name};
use crate::{Outcome, Summary};

/// Findings by document, then a summary.
pub(super) struct Terminal<W> {
    out: W,
    has_colours: bool,
}

impl<W: Write> Terminal<W> {
    pub(super) fn new(out: W, has_colours: bool) -> Self {
        Self { out, has_colours }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.has_colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn finding(&mut self, finding: &Finding, path: &str) -> io::Result<()> {
        let code = match finding.severity {
            Severity::Note => "36",
            Severity::Warning => "33",
            Severity::Error => "31",
        };
        let severity = self.painted(code, severity_name(finding.severity));
        let rule = self.painted("2", &finding.rule);
        let (line, column) = (finding.start.line, finding.start.column);
        let message = printable(&finding.message);
        writeln!(self.out, "  {path}:{line}:{column} {severity} {message} [{rule}]")?;
        if !finding.suggestion.is_empty() {
            writeln!(self.out, "      {}", printable(&finding.suggestion))?;
        }
        Ok(())
    }
}

impl<W: Write> Output for Terminal<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        let name = printable(&outcome.origin.to_string());
        let title = self.painted("1", &name);
        let found = match &outcome.found {
            Ok(found) => found,
            Err(error) => {
                let failed = self.painted("31", "failed");
                let reason = printable(&types::chain(error));
                return writeln!(self.out, "{title}  {failed}: {reason}");
            }
        };
        let report = &found.report;
        let score = match &report.score {
            Score::Given { value, .. } => format!("score {value:.0}"),
            Score::Abstained { .. } if found.findings_of_stream.is_some() => {
                "no score: streamed".to_owned()
            }
            Score::Abstained { words, needed } => {
                format!("no score: {words} of {needed} words needed")
            }
        };
        let kept = report.findings.len() as u64;
        let findings = found.findings_of_stream.unwrap_or(kept);
        writeln!(self.out, "{title}  {score}, {} words, {findings} findings", report.words)?;
        for verdict in report.verdicts.iter().filter(|verdict| !verdict.passed) {
            let failed = verdict.signals.iter().filter(|signal| !signal.passed);
            let failed: Vec<_> =
                failed.map(|signal| format!("{} = {:.4}", signal.name, signal.value)).collect();
            let dialect = verdict.dialect.name();
            writeln!(self.out, "  {dialect} would drop it: {}", failed.join(", "))?;
        }
        if let Some(duplicate) = &outcome.duplicate_of {
            let of = printable(&duplicate.origin.to_string());
            writeln!(self.out, "  repeats {of} ({:.0} %)", 100.0 * duplicate.similarity)?;
        }
        report.findings.iter().try_for_each(|finding| self.finding(finding, &name))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary { documents, failed, duplicates, bytes, .. } = summary;
        let findings = summary.notes + summary.warnings + summary.errors;
        writeln!(
            self.out,
            "\n{documents} documents ({bytes} bytes), {failed} failed, {duplicates} near-duplicates, \
             {findings} findings: {} errors, {} warnings, {} notes",
            summary.errors, summary.warnings, summary.notes
        )?;
        if let Some(score) = summary.signals.iter().find(|signal| signal.name == "score") {
            writeln!(
                self.out,
                "score: mean {:.1}, median {:.1}, from {:.1} to {:.1}",
                score.mean, score.percentiles.p50, score.percentiles.min, score.percentiles.max
            )?;
        }
        self.out.flush()
    }
}

/// Without control characters, which could move the cursor or hide text.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
