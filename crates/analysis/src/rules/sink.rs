//! Where findings go.

use std::borrow::Cow;

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
    pub(crate) message: Cow<'static, str>,
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

    fn push(&mut self, raw: Raw) {
        if self.ignores.cover(raw.rule, raw.span.start) {
            return;
        }
        let (Some(kept), Some(dropped)) =
            (self.kept.get_mut(raw.rule), self.dropped.get_mut(raw.rule))
        else {
            return;
        };
        if *kept == KEPT_MAX {
            *dropped += 1;
            return;
        }
        *kept += 1;
        self.raws.push(raw);
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
    /// Takes a finding; `span` counts from where the window starts.
    pub(crate) fn push(&mut self, span: Span, message: impl Into<Cow<'static, str>>) {
        self.take(span, message.into(), None);
    }

    /// Takes a finding with a suggestion of its own.
    pub(crate) fn suggest(
        &mut self,
        span: Span,
        message: impl Into<Cow<'static, str>>,
        suggestion: String,
    ) {
        self.take(span, message.into(), Some(suggestion));
    }

    fn take(&mut self, span: Span, message: Cow<'static, str>, suggestion: Option<String>) {
        let span = Span::new(span.start + self.base, span.end + self.base);
        if self.place == Place::OutsideCode && self.collector.code.contain(span.start) {
            return;
        }
        self.collector.push(Raw { rule: self.rule, span, message, suggestion });
    }
}
