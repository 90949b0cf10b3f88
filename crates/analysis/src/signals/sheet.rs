//! Signals as they are filled in.

use std::borrow::Cow;

use super::PLACES_MAX;
use crate::{Dialect, Signal, Span, Threshold, Verdict};

/// The signals of one dialect, in the order of its source.
pub(crate) struct Sheet {
    dialect: Dialect,
    signals: Vec<Signal>,
}

impl Sheet {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, signals: Vec::with_capacity(32) }
    }

    pub(crate) fn at_least(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: f64,
        least: f64,
        places: Vec<Span>,
    ) {
        self.push(name.into(), value, Some(Threshold::AtLeast(least)), places);
    }

    pub(crate) fn at_most(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: f64,
        most: f64,
        places: Vec<Span>,
    ) {
        self.push(name.into(), value, Some(Threshold::AtMost(most)), places);
    }

    pub(crate) fn measured(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: f64,
        places: Vec<Span>,
    ) {
        self.push(name.into(), value, None, places);
    }

    fn push(
        &mut self,
        name: Cow<'static, str>,
        value: f64,
        threshold: Option<Threshold>,
        places: Vec<Span>,
    ) {
        let passed = match threshold {
            Some(Threshold::AtLeast(least)) => value >= least,
            Some(Threshold::AtMost(most)) => value <= most,
            None => true,
        };
        self.signals.push(Signal { name, value, threshold, passed, places });
    }

    pub(crate) fn verdict(self) -> Verdict {
        let passed = self.signals.iter().all(|signal| signal.passed);
        Verdict { dialect: self.dialect, signals: self.signals, passed }
    }
}

/// The first places of something that is counted.
#[derive(Default)]
pub(crate) struct Places {
    pub(crate) count: usize,
    pub(crate) first: Vec<Span>,
}

impl Places {
    pub(crate) fn push(&mut self, span: Span) {
        self.count += 1;
        if self.first.len() < PLACES_MAX {
            self.first.push(span);
        }
    }
}

/// `part / whole`; 0 where there is nothing to divide by.
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

/// Exact below 2^53, which no count reaches.
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}
