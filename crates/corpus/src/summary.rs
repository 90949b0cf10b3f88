//! What a batch is like as a whole.

use std::collections::BTreeMap;

use analysis::{Report, Severity};
use ndarray::{Array2, ArrayView1, Axis};
use serde::Serialize;

use crate::{Outcome, signals};

/// Rows of the matrix of signals at most. Longer batches are thinned out evenly.
const SAMPLED_MAX: usize = 1 << 15;

/// What a batch is like as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Documents, the failed ones too.
    pub documents: u64,
    /// Documents that could not be read or analysed.
    pub failed: u64,
    /// Documents that nearly repeat an earlier one.
    pub duplicates: u64,
    /// Bytes of the documents that were analysed.
    pub bytes: u64,
    /// Findings that are notes.
    pub notes: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings that are errors.
    pub errors: u64,
    /// How often each rule found something.
    pub rules: BTreeMap<String, u64>,
    /// Documents that the statistics of the signals are of: all, or every second, fourth … of a
    /// batch of more than 32,768.
    pub sampled: usize,
    /// Each signal, in the order of the reports.
    pub signals: Vec<SignalSummary>,
}

/// One signal over a batch. Documents that lack it are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignalSummary {
    /// As in CSV: `score`, `words`, `gopher-datatrove.dup_line_frac` …
    pub name: String,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub standard_deviation: f64,
    /// How the values are distributed.
    pub percentiles: Percentiles,
    /// Pearson's correlation with the score; none where either never changes.
    pub correlation_with_score: Option<f64>,
}

/// Percentiles by linear interpolation between the nearest ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// The smallest.
    pub min: f64,
    /// 10 % are at most this.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// 90 % are at most this.
    pub p90: f64,
    /// The largest.
    pub max: f64,
}

/// Gathers the summary of a batch as its outcomes come.
#[derive(Debug, Default)]
pub struct Summarizer {
    summary: Summary,
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
    /// One of how many documents is in the matrix.
    stride: u64,
    analysed: u64,
}

impl Summarizer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { stride: 1, ..Self::default() }
    }

    /// Counts one document.
    pub fn add(&mut self, outcome: &Outcome) {
        self.summary.documents += 1;
        self.summary.duplicates += u64::from(outcome.duplicate_of.is_some());
        match &outcome.found {
            Err(_) => self.summary.failed += 1,
            Ok(found) => {
                self.count(&found.report);
                self.sample(&found.report);
            }
        }
    }

    fn count(&mut self, report: &Report) {
        self.summary.bytes += report.bytes;
        for finding in &report.findings {
            let counter = match finding.severity {
                Severity::Note => &mut self.summary.notes,
                Severity::Warning => &mut self.summary.warnings,
                Severity::Error => &mut self.summary.errors,
            };
            *counter += 1;
            match self.summary.rules.get_mut(finding.rule.as_ref()) {
                Some(count) => *count += 1,
                None => drop(self.summary.rules.insert(finding.rule.to_string(), 1)),
            }
        }
    }

    /// Keeps every document, then every second, every fourth, so that the same batch always has
    /// the same sample.
    fn sample(&mut self, report: &Report) {
        let is_sampled = self.analysed.is_multiple_of(self.stride);
        self.analysed += 1;
        if !is_sampled {
            return;
        }
        let signals = signals::of(report);
        if self.names.is_empty() {
            self.names = signals.iter().map(|(name, _)| name.clone()).collect();
        }
        self.rows.push(signals.into_iter().map(|(_, value)| value).collect());
        if self.rows.len() > SAMPLED_MAX {
            let mut index = 0_usize;
            self.rows.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
    }

    /// The summary of what was added.
    pub fn finish(mut self) -> Summary {
        self.summary.sampled = self.rows.len();
        let (rows, columns) = (self.rows.len(), self.names.len());
        let matrix = Array2::from_shape_fn((rows, columns), |(row, column)| {
            self.rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(f64::NAN)
        });
        if rows > 0 {
            let scores = matrix.column(0);
            let columns = matrix.axis_iter(Axis(1)).zip(&self.names);
            self.summary.signals =
                columns.filter_map(|(values, name)| summarize(name, &values, &scores)).collect();
        }
        self.summary
    }
}

/// None where no document has the signal.
fn summarize(
    name: &str,
    values: &ArrayView1<'_, f64>,
    scores: &ArrayView1<'_, f64>,
) -> Option<SignalSummary> {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    present.sort_by(f64::total_cmp);
    let (min, max) = (*present.first()?, *present.last()?);
    let view = ArrayView1::from(&present);
    Some(SignalSummary {
        name: name.to_owned(),
        mean: view.mean()?,
        standard_deviation: view.std(0.0),
        percentiles: Percentiles {
            min,
            p10: percentile(&present, 10),
            p50: percentile(&present, 50),
            p90: percentile(&present, 90),
            max,
        },
        correlation_with_score: correlation(values, scores),
    })
}

/// Of ascending values, of which there is at least one.
fn percentile(ascending: &[f64], percent: usize) -> f64 {
    let hundredths = (ascending.len() - 1) * percent;
    let (rank, rest) = (hundredths / 100, hundredths % 100);
    let at = |rank: usize| ascending.get(rank).copied().unwrap_or(f64::NAN);
    if rest == 0 {
        return at(rank);
    }
    at(rank) + (at(rank + 1) - at(rank)) * signals::float(rest as u64) / 100.0
}

fn correlation(values: &ArrayView1<'_, f64>, scores: &ArrayView1<'_, f64>) -> Option<f64> {
    let pairs = values.iter().zip(scores).filter(|(x, y)| x.is_finite() && y.is_finite());
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.map(|(x, y)| (*x, *y)).unzip();
    let (xs, ys) = (ArrayView1::from(&xs), ArrayView1::from(&ys));
    let (x, y) = (&xs - xs.mean()?, &ys - ys.mean()?);
    let norm = (x.dot(&x) * y.dot(&y)).sqrt();
    (norm > 0.0).then(|| (x.dot(&y) / norm).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests;
