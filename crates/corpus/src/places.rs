//! Where findings stand, in the ways that other programs count.

use analysis::{Finding, Span};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Bytes before and behind a finding that tell it from others.
const CONTEXT: usize = 32;
/// Bytes of a finding itself that tell it from others.
const TEXT_MAX: usize = 256;

/// Where a finding stands, and what it is recognised by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Unicode scalar values before it.
    pub char_offset: u64,
    /// Unicode scalar values that it covers.
    pub char_length: u64,
    /// 32 hexadecimal digits over the rule, the words of the finding, the words beside it on its
    /// line, and how many equal ones stand before it: the same after lines were added or removed
    /// elsewhere, or white space was changed.
    pub fingerprint: String,
}

/// Finds the places of a document's findings, window by window.
#[derive(Default)]
pub(crate) struct Recogniser {
    /// How often each finding was seen.
    seen: FxHashMap<[u8; 32], u64>,
    /// What is hashed next: one call with all of it is several times faster than one a word.
    hashed: Vec<u8>,
}

impl Recogniser {
    /// The places of `findings` in `text`, which starts behind `offset` bytes and `characters`
    /// characters of the document. Linear in both where the findings are in order.
    pub(crate) fn places(
        &mut self,
        findings: &[Finding],
        text: &str,
        offset: usize,
        characters: u64,
    ) -> Vec<Place> {
        let mut counted = Characters { text, at: 0, count: characters, before: characters };
        let place = |finding: &Finding| {
            let within = |at: usize| at.saturating_sub(offset);
            let span = Span::new(within(finding.span.start), within(finding.span.end));
            recognised(&finding.rule, span, text, &mut self.hashed);
            let hash = *blake3::hash(&self.hashed).as_bytes();
            let nth = self.seen.entry(hash).and_modify(|nth| *nth += 1).or_insert(0_u64);
            self.hashed.splice(.., hash.into_iter().chain(nth.to_le_bytes()));
            let fingerprint = blake3::hash(&self.hashed).to_hex();
            Place {
                char_offset: counted.up_to(span.start),
                char_length: span.of(text).chars().count() as u64,
                fingerprint: fingerprint.get(..32).unwrap_or_default().to_owned(),
            }
        };
        findings.iter().map(place).collect()
    }
}

/// Counts characters onward from where it last was.
struct Characters<'t> {
    text: &'t str,
    at: usize,
    count: u64,
    before: u64,
}

impl Characters<'_> {
    fn up_to(&mut self, to: usize) -> u64 {
        if to < self.at {
            (self.at, self.count) = (0, self.before);
        }
        self.count += Span::new(self.at, to).of(self.text).chars().count() as u64;
        self.at = to;
        self.count
    }
}

/// Puts what a finding is recognised by into `hashed`.
fn recognised(rule: &str, span: Span, text: &str, hashed: &mut Vec<u8>) {
    let Span { start, end } = span;
    let before = text.get(text.floor_char_boundary(start.saturating_sub(CONTEXT))..start);
    let before = before.and_then(|before| before.rsplit(['\n', '\r']).next());
    let after = text.get(end..text.floor_char_boundary((end + CONTEXT).min(text.len())));
    let after = after.and_then(|after| after.split(['\n', '\r']).next());
    let covered = span.of(text);
    let covered = covered.get(..covered.floor_char_boundary(TEXT_MAX)).unwrap_or(covered);
    hashed.clear();
    hashed.extend_from_slice(rule.as_bytes());
    for part in [before.unwrap_or_default(), covered, after.unwrap_or_default()] {
        hashed.push(0);
        for word in part.split_whitespace() {
            hashed.extend_from_slice(word.as_bytes());
            hashed.push(b' ');
        }
    }
}

#[cfg(test)]
mod tests;
