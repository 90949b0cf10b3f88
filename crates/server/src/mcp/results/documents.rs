//! What documents are worth.

use analysis::{Finding, Report, Score};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;

use super::rounded;

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Analysed {
    /// 0 to 100; none where there are too few words.
    score: Option<f64>,
    /// Words of prose.
    words: u64,
    /// What to mend: the worst first, then in the order of their places.
    findings: Vec<FoundFault>,
    /// Findings beyond the most that were asked for.
    findings_left_out: usize,
}

#[derive(Serialize, JsonSchema)]
struct FoundFault {
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// note, warning or error.
    #[schemars(with = "String")]
    severity: analysis::Severity,
    rule: String,
    message: String,
    /// What to do about it.
    suggestion: String,
}

impl Analysed {
    pub(in crate::mcp) fn new(report: Report, findings_max: usize) -> Self {
        let Report { words, mut findings, score, .. } = report;
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.start));
        let findings_left_out = findings.len().saturating_sub(findings_max);
        findings.truncate(findings_max);
        let score = match score {
            Score::Given { value, .. } => Some(rounded(value)),
            Score::Abstained { .. } => None,
        };
        let findings = findings.into_iter().map(FoundFault::from).collect();
        Self { score, words, findings, findings_left_out }
    }
}

impl From<Finding> for FoundFault {
    fn from(finding: Finding) -> Self {
        Self {
            line: finding.start.line,
            column: finding.start.column,
            severity: finding.severity,
            rule: finding.rule.into_owned(),
            message: finding.message,
            suggestion: finding.suggestion,
        }
    }
}
