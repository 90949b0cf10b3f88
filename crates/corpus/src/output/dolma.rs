//! Attributes as dolma's mixer reads them: `{"id": …, "attributes": {name: [[start, end, value]]}}`.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Output;
use crate::{Found, Outcome, Summary, signals};

/// One line for each document, also for those that failed, since dolma matches by line. Spans count
/// Unicode scalar values, as Python does.
pub(super) struct Dolma<W>(pub(super) W);

impl<W: Write> Output for Dolma<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        let id = outcome.origin.id.clone().unwrap_or_else(|| outcome.origin.to_string());
        let attributes = outcome.found.as_ref().map(attributes).unwrap_or_default();
        serde_json::to_writer(&mut self.0, &json!({ "id": id, "attributes": attributes }))?;
        self.0.write_all(b"\n")
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.0.flush()
    }
}

/// `forebay__SIGNAL` over the whole document, `forebay__rule__RULE` over each finding with 1.
fn attributes(found: &Found) -> Map<String, Value> {
    let mut attributes = Map::new();
    for (name, value) in signals::of(&found.report) {
        if !value.is_nan() {
            let name = format!("forebay__{}", name.replace(['.', '-'], "_"));
            attributes.insert(name, json!([[0, found.report.characters, value]]));
        }
    }
    for (finding, place) in found.report.findings.iter().zip(&found.places) {
        let name = format!("forebay__rule__{}", finding.rule.replace('-', "_"));
        let end = place.char_offset + place.char_length;
        let spans = attributes.entry(name).or_insert_with(|| json!([]));
        if let Value::Array(spans) = spans {
            spans.push(json!([place.char_offset, end, 1.0]));
        }
    }
    attributes
}
