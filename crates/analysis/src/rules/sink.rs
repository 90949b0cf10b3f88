//! Where findings go.

use std::fmt::Display;

use crate::rules::ignores::Ignores;
use crate::rules::regions::Regions;
use crate::rules::rule::Place;
use crate::{Document, Span};

/// Findings of one rule that are kept for a document; those beyond are only counted.
pub(crate) const KEPT_MAX: u32 = 1000;

/// Something found, before it is given its place.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) rule: usize,
    pub(crate) span: Span,
    pub(crate) message: String,
    /// None: what the rule always suggests.
    pub(crate) suggestion: Option<String>,
}

/// All that is found in a document.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) raws: Vec<Raw>,
    pub(crate) ignores: Ignores,
    pub(crate) code: Regions,
    kept: Vec<u32>,
    /// By rule: how many were not kept.
    pub(crate) dropped: Vec<u64>,
}

impl Collector {
    /// For rules up to, not including, `rules`, of a window without markup.
    pub(crate) fn new(rules: usize) -> Self {
        Self {
            raws: Vec::new(),
            ignores: Ignores::default(),
            code: Regions::default(),
            kept: vec![0; rules],
            dropped: vec![0; rules],
        }
    }

    /// For a document.
    pub(crate) fn of(document: &Document<'_>, rules: usize) -> Self {
        Self { code: Regions::of_code(document), ..Self::new(rules) }
    }

    /// Whether a finding of `rule` at `at` is kept; if not, it is counted where that matters.
    fn keeps(&mut self, rule: usize, at: usize) -> bool {
        if self.ignores.cover(rule, at) {
            return false;
        }
        let (Some(kept), Some(dropped)) = (self.kept.get_mut(rule), self.dropped.get_mut(rule))
        else {
            return false;
        };
        let is_kept = *kept < KEPT_MAX;
        if is_kept {
            *kept += 1;
        } else {
            *dropped += 1;
        }
        is_kept
    }

    /// Where the findings of one rule go.
    pub(crate) fn sink(&mut self, rule: usize, place: Place, base: usize) -> Sink<'_> {
        Sink { collector: self, rule, place, base }
    }
}

/// Where the findings of one rule go.
#[derive(Debug)]
pub(crate) struct Sink<'c> {
    collector: &'c mut Collector,
    rule: usize,
    place: Place,
    base: usize,
}

impl Sink<'_> {
    /// Takes a finding; `span` counts from where the window starts. The message is written only if
    /// the finding is kept.
    pub(crate) fn push(&mut self, span: Span, message: impl Display) {
        self.take(span, message, None);
    }

    /// Takes a finding with a suggestion of its own.
    pub(crate) fn suggest(&mut self, span: Span, message: impl Display, suggestion: String) {
        self.take(span, message, Some(suggestion));
    }

    fn take(&mut self, span: Span, message: impl Display, suggestion: Option<String>) {
        let span = Span::new(span.start + self.base, span.end + self.base);
        if self.place == Place::OutsideCode && self.collector.code.contain(span.start) {
            return;
        }
        if self.collector.keeps(self.rule, span.start) {
            let message = message.to_string();
            self.collector.raws.push(Raw { rule: self.rule, span, message, suggestion });
        }
    }
}
