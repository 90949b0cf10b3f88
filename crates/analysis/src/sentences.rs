//! The sentences of prose.
//!
//! A sentence ends behind `.`, `!`, `?` or `…` with the closing quotation marks and brackets behind
//! it, where white space or the end of the block follows, and behind `。`, `！`, `？`, `｡` wherever
//! they stand. It goes on where the next character is a lower case letter, unless something was
//! left out before that. A single full stop does not end it behind an abbreviation, a single
//! capital letter or the number at the start of an item. A block ends its last sentence; what holds
//! no word is no sentence.

mod abbreviations;
#[cfg(test)]
mod tests;

use crate::{Prose, Span};

/// Bytes that may start an end mark.
const STARTS: [bool; 256] = starts();

const fn starts() -> [bool; 256] {
    let mut table = [false; 256];
    table[b'.' as usize] = true;
    table[b'!' as usize] = true;
    table[b'?' as usize] = true;
    table[0xE2] = true;
    table[0xE3] = true;
    table[0xEF] = true;
    table
}

/// The sentences of `prose`, whose words are `words`, ascending.
pub(crate) fn sentences(prose: &Prose, words: &[Span]) -> Vec<Span> {
    let mut splitter = Splitter {
        text: prose.text(),
        gaps: prose.gaps(),
        words,
        sentences: Vec::with_capacity(words.len() / 12),
        is_block_new: true,
    };
    for block in prose.blocks() {
        splitter.block(block.span);
    }
    splitter.sentences
}

struct Splitter<'p> {
    text: &'p str,
    /// Those that were not passed yet.
    gaps: &'p [usize],
    /// As the gaps.
    words: &'p [Span],
    sentences: Vec<Span>,
    /// Whether the block has no sentence yet.
    is_block_new: bool,
}

impl Splitter<'_> {
    fn block(&mut self, block: Span) {
        let bytes = self.text.as_bytes();
        let (mut start, mut at) = (block.start, block.start);
        self.is_block_new = true;
        while at < block.end {
            let rest = bytes.get(at..block.end).unwrap_or_default();
            let Some(next) = rest.iter().position(|byte| STARTS[usize::from(*byte)]) else { break };
            at += next;
            let marks = self.marks(at, block.end);
            if marks.end == at {
                at += 1;
                continue;
            }
            let end = self.closers_end(marks.end, block.end);
            let behind = Span::new(end, block.end);
            if marks.is_wide || self.is_end(start, Span::new(at, marks.end), behind) {
                self.push(Span::new(start, end));
                // The next one starts behind the white space, so that nobody passes that again.
                start = block.end - behind.of(self.text).trim_start().len();
            }
            at = std::cmp::max(start, end);
        }
        self.push(Span::new(start, block.end));
    }

    /// Takes a stretch, which starts with no white space, as a sentence if it holds a word.
    fn push(&mut self, stretch: Span) {
        let passed = self.words.iter().take_while(|word| word.start < stretch.end).count();
        self.words = self.words.get(passed..).unwrap_or_default();
        let end = stretch.start + stretch.of(self.text).trim_end().len();
        if passed > 0 {
            self.sentences.push(Span::new(stretch.start, end));
            self.is_block_new = false;
        } else if let Some(last) = self.sentences.last_mut()
            && stretch.start < end
            && !self.is_block_new
        {
            // Marks alone belong to the sentence before them.
            last.end = end;
        }
    }

    fn marks(&self, at: usize, end: usize) -> Marks {
        let mut marks = Marks { end: at, is_wide: false };
        for character in self.text.get(at..end).unwrap_or_default().chars() {
            match character {
                '.' | '!' | '?' | '…' => {}
                '。' | '！' | '？' | '｡' => marks.is_wide = true,
                _ => break,
            }
            marks.end += character.len_utf8();
        }
        marks
    }

    fn closers_end(&self, at: usize, end: usize) -> usize {
        let text = self.text.get(at..end).unwrap_or_default();
        let is_closer = |character: char| {
            matches!(
                character,
                '"' | '\''
                    | ')'
                    | ']'
                    | '}'
                    | '”'
                    | '’'
                    | '»'
                    | '›'
                    | '」'
                    | '』'
                    | '）'
                    | '】'
                    | '》'
            )
        };
        end - text.trim_start_matches(is_closer).len()
    }

    /// Whether the sentence that starts at `start` ends with `marks`, given what is left of the
    /// block behind them.
    fn is_end(&mut self, start: usize, marks: Span, rest: Span) -> bool {
        let mut following = rest.of(self.text).chars();
        let Some(first) = following.next() else { return true };
        if !first.is_whitespace() {
            return false;
        }
        let mut next = rest.start + first.len_utf8();
        // More white space than this is nothing that a sentence would go on behind.
        for character in following.by_ref().take(64) {
            if !character.is_whitespace() {
                if character.is_lowercase() && !self.has_gap(marks.end, next) {
                    return false;
                }
                break;
            }
            next += character.len_utf8();
        }
        let is_single_stop = marks.len() == 1 && marks.of(self.text) == ".";
        !is_single_stop || !self.is_abbreviation(start, marks.start, next)
    }

    fn has_gap(&mut self, from: usize, to: usize) -> bool {
        let passed = self.gaps.partition_point(|gap| *gap < from);
        self.gaps = self.gaps.get(passed..).unwrap_or_default();
        self.gaps.first().is_some_and(|gap| *gap <= to)
    }

    fn is_abbreviation(&self, start: usize, stop: usize, next: usize) -> bool {
        let bytes = self.text.as_bytes();
        let floor = std::cmp::max(start, stop.saturating_sub(abbreviations::BYTES_MAX + 1));
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
        let before = bytes.get(floor..stop).unwrap_or_default();
        let length = before.iter().rev().take_while(|byte| is_part(byte)).count();
        let token = before.get(before.len() - length..).unwrap_or_default();
        let is_number = token.len() <= 3 && token.iter().all(u8::is_ascii_digit);
        if stop - length == start && is_number && length > 0 {
            return true;
        }
        let next = bytes.get(next).copied().unwrap_or_default();
        abbreviations::goes_on(token, next)
    }
}

/// A run of end marks.
struct Marks {
    end: usize,
    /// Whether one of them needs no space behind it.
    is_wide: bool,
}
