//! One row a document.

use std::io::{self, Write};

use super::Output;
use crate::{Outcome, Summary, signals};

/// The columns are those of the first document that could be analysed: all have the same.
pub(super) struct Csv<W: Write> {
    out: csv::Writer<W>,
    signals: Option<Vec<String>>,
    failed: Vec<Vec<String>>,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(out: W) -> Self {
        let out = csv::WriterBuilder::new().flexible(true).from_writer(out);
        Self { out, signals: None, failed: Vec::new() }
    }

    fn head(&mut self, names: Vec<String>) -> io::Result<()> {
        let before = ["path", "row", "id", "error", "format", "findings", "duplicate_of"];
        let names_after = names.iter().map(String::as_str);
        self.out.write_record(before.into_iter().chain(names_after))?;
        self.signals = Some(names);
        for row in std::mem::take(&mut self.failed) {
            self.out.write_record(row)?;
        }
        Ok(())
    }
}

impl<W: Write> Output for Csv<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        let mut row = vec![
            outcome.origin.path.clone(),
            outcome.origin.row.map(|row| row.to_string()).unwrap_or_default(),
            outcome.origin.id.clone().unwrap_or_default(),
        ];
        match &outcome.found {
            Ok(found) => {
                let measured = signals::of(&found.report);
                if self.signals.is_none() {
                    self.head(measured.iter().map(|(name, _)| name.clone()).collect())?;
                }
                row.push(String::new());
                row.push(format!("{:?}", found.report.format).to_lowercase());
                row.push(found.report.findings.len().to_string());
                let duplicate = outcome.duplicate_of.as_ref();
                row.push(duplicate.map(|of| of.origin.to_string()).unwrap_or_default());
                let value =
                    |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
                row.extend(measured.into_iter().map(|(_, measured)| value(measured)));
            }
            Err(error) => row.push(types::chain(error)),
        }
        if self.signals.is_none() {
            self.failed.push(row);
            return Ok(());
        }
        Ok(self.out.write_record(row)?)
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        if self.signals.is_none() {
            self.head(Vec::new())?;
        }
        self.out.flush()
    }
}
