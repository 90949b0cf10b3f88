//! What speaks against a document.

use rustc_hash::FxHashMap;

use super::Aspect;
use crate::{BlockKind, Document, Entropies, Finding, Severity, Span};

/// Places that are named of each fault.
const EVIDENCE_MAX: usize = 8;
/// A section with more words than this cannot be found or quoted as one.
const SECTION_WORDS_MAX: usize = 1_500;
/// Repeated blocks shorter than this, in bytes of prose, are no repetition: headings, labels.
const REPEATED_BYTES_MIN: usize = 60;

/// One kind of fault, and how often it shows.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(super) aspect: Aspect,
    pub(super) severity: Severity,
    pub(super) count: usize,
    pub(super) text: String,
    pub(super) evidence: Vec<Span>,
}

/// Everything that speaks against a document: its findings, and what was measured.
pub(crate) fn faults(
    document: &Document<'_>,
    entropies: &Entropies,
    findings: &[Finding],
) -> Vec<Fault> {
    let mut faults = of_findings(findings);
    let measured = [
        (Aspect::Integrity, Severity::Warning, "stretches look encoded", entropies.dense.clone()),
        (Aspect::Uniqueness, Severity::Warning, "blocks repeat earlier ones", repeated(document)),
        (Aspect::Retrievability, Severity::Warning, "sections are too long", too_long(document)),
    ];
    for (aspect, severity, what, places) in measured {
        if !places.is_empty() {
            let text = format!("{}: {what}", places.len());
            let count = places.len();
            let evidence = places.into_iter().take(EVIDENCE_MAX).collect();
            faults.push(Fault { aspect, severity, count, text, evidence });
        }
    }
    faults
}

/// One fault for each rule, in the order in which the rules first show.
fn of_findings(findings: &[Finding]) -> Vec<Fault> {
    let mut by_rule: FxHashMap<&str, usize> = FxHashMap::default();
    let mut faults: Vec<Fault> = Vec::new();
    for finding in findings {
        let at = *by_rule.entry(&finding.rule).or_insert_with(|| {
            faults.push(Fault {
                aspect: Aspect::of(finding),
                severity: finding.severity,
                count: 0,
                text: finding.rule.to_string(),
                evidence: Vec::new(),
            });
            faults.len() - 1
        });
        let Some(fault) = faults.get_mut(at) else { continue };
        fault.count += 1;
        if fault.evidence.len() < EVIDENCE_MAX {
            fault.evidence.push(finding.span);
        }
    }
    for fault in &mut faults {
        fault.text = format!("{}: {}", fault.count, fault.text);
    }
    faults
}

/// Blocks of prose that stand in the document already.
fn repeated(document: &Document<'_>) -> Vec<Span> {
    let prose = &document.prose;
    let mut seen = rustc_hash::FxHashSet::default();
    let long = prose.blocks().iter().filter(|block| block.span.len() >= REPEATED_BYTES_MIN);
    let again = long.filter(|block| !seen.insert(block.span.of(prose.text())));
    again.map(|block| prose.in_source(block.span)).collect()
}

/// Stretches between headings that hold too many words.
fn too_long(document: &Document<'_>) -> Vec<Span> {
    let prose = &document.prose;
    let headings = prose.blocks().iter().filter(|block| block.kind == BlockKind::Heading);
    let ends = headings.map(|block| block.span.start).chain([prose.text().len()]);
    let sections = ends.scan(0, |start, end| Some(Span::new(std::mem::replace(start, end), end)));
    let words = &document.words;
    let words_in = |section: &Span| {
        let before = |at: usize| words.partition_point(|word| word.start < at);
        before(section.end) - before(section.start)
    };
    // Each word takes a byte at least, and nearly all sections are shorter than that.
    let is_long =
        |section: &Span| section.len() > SECTION_WORDS_MAX && words_in(section) > SECTION_WORDS_MAX;
    sections.filter(is_long).map(|section| prose.in_source(section)).collect()
}
