//! What an analysis found in one document.

use analysis::Report;
use serde::{Deserialize, Serialize};

use crate::Place;

/// What an analysis found in one document, with what reports need and a [`Report`] does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// All that is known of the document.
    pub report: Report,
    /// One for each finding of the report.
    pub places: Vec<Place>,
}

impl Found {
    /// The report with the places of its findings in `text`, the decoded document.
    pub(crate) fn new(report: Report, text: &str) -> Self {
        let places = Place::of_findings(&report.findings, text);
        Self { report, places }
    }
}
