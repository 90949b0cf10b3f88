//! Long text split at its structure, its headings kept.

use super::passage::{Passage, Speaker};
use super::redactor::{Redactor, begins_private_key, ends_private_key};

/// The bytes at which a chunk is full: some 200 tokens, what a small embedding model reads whole.
const CHUNK_BYTES: usize = 1_000;

/// Letters and digits below which a chunk says nothing.
const LETTERS_MIN: usize = 12;

/// Collects the lines of a document to chunks: whole paragraphs, lists and blocks of code under the
/// same heading, as many as fit.
#[derive(Debug)]
pub(super) struct Chunker<'r> {
    redactor: &'r Redactor,
    is_markdown: bool,
    /// Level and text of the headings above.
    headings: Vec<(usize, String)>,
    /// Chunks under the same headings so far.
    number: usize,
    chunk: String,
    chunk_line: u64,
    block: String,
    block_line: u64,
    /// The fence that ends the block of code that the block is.
    fence: Option<String>,
    is_in_private_key: bool,
    pub(super) redacted: usize,
    ready: Vec<Passage>,
}

impl<'r> Chunker<'r> {
    pub(super) fn new(redactor: &'r Redactor, is_markdown: bool) -> Self {
        Self {
            redactor,
            is_markdown,
            headings: Vec::new(),
            number: 0,
            chunk: String::new(),
            chunk_line: 1,
            block: String::new(),
            block_line: 1,
            fence: None,
            is_in_private_key: false,
            redacted: 0,
            ready: Vec::new(),
        }
    }

    /// Takes the chunks that are complete.
    pub(super) fn take(&mut self) -> Vec<Passage> {
        std::mem::take(&mut self.ready)
    }

    /// Whether nothing is collected, so that reading can go on from here another time.
    pub(super) fn is_between(&self) -> bool {
        self.chunk.is_empty()
            && self.block.is_empty()
            && self.fence.is_none()
            && !self.is_in_private_key
    }

    /// Ends the chunk where no paragraph is half read, so that reading may stop here.
    pub(super) fn cut(&mut self) {
        if self.block.is_empty() && self.fence.is_none() && !self.is_in_private_key {
            self.end_chunk();
        }
    }

    /// Reads a line.
    pub(super) fn push(&mut self, line: &str, number: u64) {
        if self.is_in_private_key {
            self.is_in_private_key = !ends_private_key(line);
            return;
        }
        if begins_private_key(line) {
            self.is_in_private_key = !ends_private_key(line);
            self.redacted += 1;
            return self.add_line("[redacted: private-key]", number);
        }
        if let Some(fence) = &self.fence {
            let is_end = line.trim_start().starts_with(fence.as_str());
            self.add_line(line, number);
            if is_end {
                self.fence = None;
                self.end_block();
            }
            return;
        }
        if self.is_markdown {
            if let Some(fence) = fence(line) {
                self.end_block();
                self.fence = Some(fence);
                return self.add_line(line, number);
            }
            if let Some((level, text)) = heading(line) {
                self.end_section();
                self.headings.retain(|(above, _)| *above < level);
                let (text, _) = self.redactor.redact(text);
                self.headings.push((level, text));
                self.number = 0;
                return;
            }
        }
        if line.trim().is_empty() {
            self.end_block();
        } else {
            self.add_line(line, number);
        }
    }

    /// The end of the document.
    pub(super) fn finish(&mut self) {
        self.fence = None;
        self.end_section();
    }

    fn add_line(&mut self, line: &str, number: u64) {
        if self.block.is_empty() {
            self.block_line = number;
        } else {
            self.block.push('\n');
        }
        self.block.push_str(line.trim_end());
        // A block of any length is cut so that memory stays bounded; a secret has no white space,
        // so it is not cut.
        if self.block.len() > 16 * CHUNK_BYTES {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        if self.block.is_empty() {
            return;
        }
        let (block, redacted) = self.redactor.redact(&std::mem::take(&mut self.block));
        self.redacted += redacted;
        for piece in pieces(&block) {
            if !self.chunk.is_empty() && self.chunk.len() + piece.len() > CHUNK_BYTES {
                self.end_chunk();
            }
            if self.chunk.is_empty() {
                self.chunk_line = self.block_line;
            } else {
                self.chunk.push_str("\n\n");
            }
            self.chunk.push_str(piece);
        }
    }

    fn end_section(&mut self) {
        self.end_block();
        self.end_chunk();
    }

    fn end_chunk(&mut self) {
        let text = std::mem::take(&mut self.chunk);
        if text.chars().filter(|letter| letter.is_alphanumeric()).count() < LETTERS_MIN {
            return;
        }
        self.number += 1;
        let titles: Vec<&str> = self.headings.iter().map(|(_, text)| text.as_str()).collect();
        let title = titles.join(" › ");
        let section = format!("{title} #{}", self.number);
        self.ready.push(Passage {
            speaker: Speaker::Document,
            text,
            title,
            section,
            line: self.chunk_line,
            said_at: None,
        });
    }
}

/// Level and text of an ATX heading of Markdown.
fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let is_heading = (1..=6).contains(&level) && rest.starts_with([' ', '\t']);
    is_heading.then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

/// The fence that a line of Markdown opens.
fn fence(line: &str) -> Option<String> {
    let line = line.trim_start();
    ['`', '~'].into_iter().find_map(|mark| {
        let length = line.chars().take_while(|letter| *letter == mark).count();
        (length >= 3).then(|| mark.to_string().repeat(length))
    })
}

/// A block in pieces of at most a chunk's size: cut at the ends of lines, else of sentences, else of
/// words, else anywhere between two letters.
fn pieces(block: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = block;
    while rest.len() > CHUNK_BYTES {
        let head = rest.get(..rest.floor_char_boundary(CHUNK_BYTES)).unwrap_or(rest);
        let behind = |mark: &str| head.rfind(mark).map(|at| at + mark.len());
        let half = CHUNK_BYTES / 2;
        let cut = ["\n", ". ", " "]
            .into_iter()
            .filter_map(behind)
            .find(|cut| *cut >= half)
            .unwrap_or(head.len());
        let (piece, behind) = rest.split_at(cut);
        pieces.push(piece.trim_end());
        rest = behind;
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}
