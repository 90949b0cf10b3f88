//! One page that needs nothing else.

use std::fmt::Write as _;
use std::io::{self, Write};

use analysis::Score;

use super::{Output, severity_name};
use crate::{Outcome, SignalSummary, Summary, signals};

/// Documents that are listed with their findings; the charts are of all.
const DOCUMENTS_MAX: usize = 2_000;
/// Findings that are listed for one document.
const FINDINGS_MAX: usize = 100;
/// Bars of the histogram of scores.
const BARS: usize = 20;

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">
<link rel=\"icon\" href=\"data:,\">
<title>Document analysis</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#1c2128, #e6e9ed); --dim: light-dark(#57606a, #9aa4af);
  --page: light-dark(#ffffff, #14171b); --line: light-dark(#d8dee4, #343b43); --bar: light-dark(#2f6f9f, #6cb2e0);
  --error: light-dark(#b3261e, #ff8a80); --warning: light-dark(#8a5a00, #f2c14e); --note: light-dark(#2f6f9f, #6cb2e0); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: anywhere; } th { white-space: nowrap; } th.name { width: 35%; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.charts { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; } figcaption { color: var(--dim); }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; } svg rect { fill: var(--bar); }
.error { color: var(--error); } .warning { color: var(--warning); } .note { color: var(--note); }
.dim { color: var(--dim); } summary { cursor: pointer; } ul { margin: .3rem 0; padding-left: 1.2rem; }
.wide { overflow-x: auto; }
</style>
</head>
<body>
<h1>Document analysis</h1>
";

/// Remembers a bounded part of each document, since the charts come first.
pub(super) struct Html<W> {
    out: W,
    histogram: [u64; BARS],
    rows: String,
    listed: usize,
}

impl<W: Write> Html<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, histogram: [0; BARS], rows: String::new(), listed: 0 }
    }

    fn count(&mut self, score: f64) {
        let width = 100.0 / signals::float(BARS as u64);
        let bounds = (1..BARS).map(|bar| width * signals::float(bar as u64));
        let bar = bounds.take_while(|bound| score >= *bound).count();
        if let Some(count) = self.histogram.get_mut(bar) {
            *count += 1;
        }
    }
}

impl<W: Write> Output for Html<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        if let Ok(found) = &outcome.found
            && let Score::Given { value, .. } = found.report.score
        {
            self.count(value);
        }
        if self.listed < DOCUMENTS_MAX {
            self.listed += 1;
            document(&mut self.rows, outcome);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.out.write_all(HEAD.as_bytes())?;
        let Summary { documents, failed, duplicates, errors, warnings, notes, .. } = summary;
        writeln!(
            self.out,
            "<p>{documents} documents, {failed} failed, {duplicates} near-duplicates; \
             <span class=\"error\">{errors} errors</span>, \
             <span class=\"warning\">{warnings} warnings</span>, \
             <span class=\"note\">{notes} notes</span>.</p>\n<div class=\"charts\">"
        )?;
        self.out.write_all(histogram(&self.histogram).as_bytes())?;
        self.out.write_all(rule_chart(summary).as_bytes())?;
        self.out.write_all(b"</div>\n<h2>Documents</h2>\n<div class=\"wide\"><table>\n")?;
        self.out.write_all(b"<tr><th class=\"name\">Document</th><th class=\"n\">Score</th>")?;
        self.out.write_all(b"<th class=\"n\">Words</th><th>Findings</th></tr>\n")?;
        self.out.write_all(self.rows.as_bytes())?;
        self.out.write_all(b"</table></div>\n")?;
        let left = documents.saturating_sub(self.listed as u64);
        if left > 0 {
            writeln!(self.out, "<p class=\"dim\">{left} more documents are not listed.</p>")?;
        }
        self.out.write_all(signal_table(&summary.signals, summary.sampled).as_bytes())?;
        self.out.write_all(b"</body>\n</html>\n")?;
        self.out.flush()
    }
}

/// A row of the table of documents.
fn document(rows: &mut String, outcome: &Outcome) {
    let name = escaped(&outcome.origin.to_string());
    let found = match &outcome.found {
        Ok(found) => found,
        Err(error) => {
            let error = escaped(&types::chain(error));
            return push(
                rows,
                format_args!(
                    "<tr><td>{name}</td><td></td><td></td><td class=\"error\">{error}</td></tr>\n"
                ),
            );
        }
    };
    let score = match found.report.score {
        Score::Given { value, .. } => format!("{value:.0}"),
        Score::Abstained { .. } => "–".to_owned(),
    };
    let words = found.report.words;
    push(
        rows,
        format_args!(
            "<tr><td>{name}</td><td class=\"n\">{score}</td><td class=\"n\">{words}</td><td>"
        ),
    );
    if let Some(duplicate) = &outcome.duplicate_of {
        let of = escaped(&duplicate.origin.to_string());
        push(rows, format_args!("<div class=\"warning\">repeats {of}</div>"));
    }
    findings(rows, &found.report.findings);
    rows.push_str("</td></tr>\n");
}

fn findings(rows: &mut String, findings: &[analysis::Finding]) {
    if findings.is_empty() {
        return rows.push_str("<span class=\"dim\">none</span>");
    }
    push(rows, format_args!("<details><summary>{}</summary><ul>", findings.len()));
    for finding in findings.iter().take(FINDINGS_MAX) {
        let severity = severity_name(finding.severity);
        let (line, column) = (finding.start.line, finding.start.column);
        let message = escaped(&finding.message);
        let suggestion = escaped(&finding.suggestion);
        let rule = escaped(&finding.rule);
        push(
            rows,
            format_args!(
                "<li>{line}:{column} <span class=\"{severity}\">{severity}</span> {message} \
             <span class=\"dim\">{suggestion} [{rule}]</span></li>"
            ),
        );
    }
    rows.push_str("</ul></details>");
}

fn histogram(counts: &[u64; BARS]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut svg = String::from(
        "<figure><figcaption>Documents by score</figcaption>\
         <svg width=\"440\" height=\"170\" role=\"img\" aria-label=\"Documents by score\">",
    );
    for (bar, count) in (0_u64..).zip(counts) {
        let height = 130.0 * signals::float(*count) / signals::float(most);
        let (x, y) = (10 + 21 * bar, 145.0 - height);
        push(
            &mut svg,
            format_args!(
                "<rect x=\"{x}\" y=\"{y:.1}\" width=\"19\" height=\"{height:.1}\">\
             <title>{} to {}: {count}</title></rect>",
                5 * bar,
                5 * bar + 5
            ),
        );
    }
    svg.push_str("<text x=\"10\" y=\"162\">0</text><text x=\"214\" y=\"162\">50</text>");
    svg.push_str("<text x=\"412\" y=\"162\">100</text></svg></figure>\n");
    svg
}

/// The ten rules that found most.
fn rule_chart(summary: &Summary) -> String {
    let mut rules: Vec<_> = summary.rules.iter().collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    rules.truncate(10);
    let most = rules.first().map_or(1, |(_, count)| **count).max(1);
    let height = 20 * rules.len() + 10;
    let mut svg = format!(
        "<figure><figcaption>Findings by rule</figcaption>\
         <svg width=\"520\" height=\"{height}\" role=\"img\" aria-label=\"Findings by rule\">"
    );
    for (line, (rule, count)) in rules.into_iter().enumerate() {
        let width = 240.0 * signals::float(*count) / signals::float(most);
        let y = 5 + 20 * line;
        push(
            &mut svg,
            format_args!(
                "<text x=\"190\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"200\" y=\"{y}\" width=\"{width:.1}\" height=\"15\"/>\
             <text x=\"{:.1}\" y=\"{}\">{count}</text>",
                y + 12,
                escaped(rule),
                206.0 + width,
                y + 12
            ),
        );
    }
    svg.push_str("</svg></figure>\n");
    svg
}

fn signal_table(signals: &[SignalSummary], sampled: usize) -> String {
    let mut table = format!(
        "<h2>Signals</h2>\n<p class=\"dim\">Of {sampled} documents.</p>\n<div class=\"wide\">\
         <table>\n<tr><th>Signal</th><th class=\"n\">Mean</th><th class=\"n\">Deviation</th>\
         <th class=\"n\">Least</th><th class=\"n\">Median</th><th class=\"n\">Most</th>\
         <th class=\"n\">With score</th></tr>\n"
    );
    for signal in signals {
        let correlation = signal.correlation_with_score;
        let correlation = correlation.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        push(
            &mut table,
            format_args!(
                "<tr><td>{}</td><td class=\"n\">{:.3}</td><td class=\"n\">{:.3}</td>\
             <td class=\"n\">{:.3}</td><td class=\"n\">{:.3}</td><td class=\"n\">{:.3}</td>\
             <td class=\"n\">{correlation}</td></tr>\n",
                escaped(&signal.name),
                signal.mean,
                signal.standard_deviation,
                signal.percentiles.min,
                signal.percentiles.p50,
                signal.percentiles.max,
            ),
        );
    }
    table.push_str("</table></div>\n");
    table
}

#[expect(clippy::expect_used, reason = "a string takes every write")]
fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a string cannot fail");
}

/// Text between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
