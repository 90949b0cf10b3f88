//! Stretches that look encoded, encrypted or minified.

use super::spectrum::Spectrum;
use crate::Span;

const WINDOW: usize = 256;
const STEP: usize = 64;

/// What a window may hold at most of white space: lines of 64 characters still pass.
const WHITE_SPACE_MAX: u64 = 8;
/// What a window may hold at most of other than ASCII: scripts without spaces are no code.
const OTHERS_MAX: u64 = 16;

const RANDOM_BITS_MIN: f64 = 6.0;
const ENCODED_BITS_MIN: f64 = 5.4;
const ENCODED_MIN: u64 = 240;
const HEXADECIMAL_BITS_MIN: f64 = 3.5;
const HEXADECIMAL_MIN: u64 = 240;
const MINIFIED_BITS_MIN: f64 = 4.6;
const MINIFIED_MARKS_MIN: u64 = 26;
const MINIFIED_LENGTH_MIN: usize = 512;

/// What a window looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Encoded,
    Minified,
}

/// The stretches, ascending and not touching each other; see `Entropies::dense` for what they are.
/// Their ends are exact to a step, and on character boundaries.
pub(super) fn find(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let (blocks, _) = bytes.as_chunks::<STEP>();
    let sparse = blocks.iter().map(Block::of).collect::<Vec<_>>();
    let mut runs = Runs::default();
    for (at, window) in sparse.windows(WINDOW / STEP).enumerate() {
        let sum = window.iter().fold(Block::default(), |sum, block| sum.and(*block));
        if sum.white_space > WHITE_SPACE_MAX || sum.others > OTHERS_MAX {
            continue;
        }
        let span = Span::new(at * STEP, at * STEP + WINDOW);
        if let Some(look) = bytes.get(span.start..span.end).and_then(look) {
            runs.push(look, span);
        }
    }
    runs.finish(text)
}

/// What is cheap to know of a block and excludes nearly all text.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    white_space: u64,
    others: u64,
}

impl Block {
    fn of(bytes: &[u8; STEP]) -> Self {
        // Sums of bytes, of which 64 fit into one, so that they are added many at a time.
        let white_space = bytes.iter().map(|byte| u8::from(*byte <= b' ')).sum::<u8>();
        let others = bytes.iter().map(|byte| byte >> 7).sum::<u8>();
        Self { white_space: white_space.into(), others: others.into() }
    }

    fn and(self, other: Self) -> Self {
        Self {
            white_space: self.white_space + other.white_space,
            others: self.others + other.others,
        }
    }
}

fn look(window: &[u8]) -> Option<Look> {
    let mut counts = [0_u64; 256];
    for byte in window {
        counts[usize::from(*byte)] += 1;
    }
    let bits = Spectrum::of(counts).entropy().bits;
    let of = |kinds: &[u8]| kinds.iter().map(|byte| counts[usize::from(*byte)]).sum::<u64>();
    let is_hexadecimal =
        bits >= HEXADECIMAL_BITS_MIN && of(b"0123456789abcdefABCDEF") >= HEXADECIMAL_MIN;
    let letters =
        counts.iter().zip(0_u8..=u8::MAX).filter(|(_, byte)| byte.is_ascii_alphanumeric());
    let encoded = letters.map(|(count, _)| count).sum::<u64>() + of(b"+/=_-\n\r");
    let is_encoded = bits >= ENCODED_BITS_MIN && encoded >= ENCODED_MIN;
    if bits >= RANDOM_BITS_MIN || is_encoded || is_hexadecimal {
        return Some(Look::Encoded);
    }
    let is_minified =
        bits >= MINIFIED_BITS_MIN && of(b";{}(),=") >= MINIFIED_MARKS_MIN && of(b"\n\r") == 0;
    is_minified.then_some(Look::Minified)
}

/// Windows that follow each other, put together.
#[derive(Debug, Default)]
struct Runs {
    found: Vec<Span>,
    minified: Option<Span>,
}

impl Runs {
    fn push(&mut self, look: Look, span: Span) {
        match look {
            Look::Encoded => join(&mut self.found, span),
            Look::Minified => match &mut self.minified {
                Some(held) if span.start <= held.end => held.end = span.end,
                _ => {
                    self.flush();
                    self.minified = Some(span);
                }
            },
        }
    }

    fn flush(&mut self) {
        if let Some(span) = self.minified.take().filter(|span| span.len() >= MINIFIED_LENGTH_MIN) {
            self.found.push(span);
        }
    }

    fn finish(mut self, text: &str) -> Vec<Span> {
        self.flush();
        self.found.sort_unstable();
        let mut joined = Vec::new();
        for span in self.found {
            join(&mut joined, span);
        }
        for span in &mut joined {
            *span = Span::new(boundary(text, span.start), boundary(text, span.end));
        }
        joined
    }
}

/// Appends `span`, or lengthens the last one where they touch.
fn join(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if span.start <= last.end => last.end = std::cmp::max(last.end, span.end),
        _ => spans.push(span),
    }
}

fn boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests;
