//! Whether a batch is good enough.

use analysis::Severity;

use crate::{Outcome, signals};

/// Whether a batch is good enough.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gate {
    /// Fails where a document has a lower score. Documents without a score pass. Default: never.
    pub score_min: Option<f64>,
    /// Fails where a finding is this bad or worse. Default: never.
    pub severity_max: Option<Severity>,
}

impl Gate {
    /// Whether the document may pass. One that failed passes here: that is told on its own.
    pub fn passes(&self, outcome: &Outcome) -> bool {
        let Ok(found) = &outcome.found else { return true };
        let score = signals::score(&found.report.score);
        let is_low = self.score_min.is_some_and(|least| score < least);
        let is_bad = self.severity_max.is_some_and(|severity| {
            found.report.findings.iter().any(|finding| finding.severity >= severity)
        });
        !is_low && !is_bad
    }
}
