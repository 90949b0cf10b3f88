//! What an analysis found in one document.

use analysis::{Analysis, Report, Sketch, Text};

use crate::Place;
use crate::places::Recogniser;

/// What an analysis found in one document, with what reports need and a [`Report`] does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// All that is known of the document.
    pub report: Report,
    /// One for each finding of the report.
    pub places: Vec<Place>,
    /// What it is compared with other documents by.
    pub sketch: Sketch,
    /// Where the document was streamed: how many findings there were, of which the first are kept.
    /// Such a report has no sentences, verdicts, readability and score.
    pub findings_of_stream: Option<u64>,
}

impl Found {
    /// The analysis with the places of its findings in the document.
    pub(crate) fn new(analysis: Analysis, bytes: &[u8]) -> Self {
        let Analysis { report, sketch } = analysis;
        let places = if report.findings.is_empty() {
            Vec::new()
        } else {
            Recogniser::default().places(&report.findings, Text::decode(bytes).as_str(), 0, 0)
        };
        Self { report, places, sketch, findings_of_stream: None }
    }
}
