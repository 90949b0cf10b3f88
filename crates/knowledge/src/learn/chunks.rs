//! Long text split at its structure, its headings kept.

use super::passage::{Passage, Speaker};
use super::redactor::{Redactor, begins_private_key, ends_private_key};

/// The most bytes of a chunk: some 200 tokens, what a small embedding model reads whole.
const CHUNK_BYTES: usize = 1_000;

/// The bytes up to which paragraphs share a chunk: one that says several things is near to none of
/// the questions about them.
const SHARED_BYTES: usize = 500;

/// The bytes from which an item of a list is a statement, which stands alone.
const STATEMENT_BYTES: usize = 80;

/// Letters and digits below which a chunk says nothing.
const LETTERS_MIN: usize = 12;

/// Collects the lines of a document to chunks: whole paragraphs, blocks of code and short items of
/// lists under the same heading, as many as fit; a long item of a list alone.
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
    /// Whether the block is an item of a list.
    is_item: bool,
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
            is_item: false,
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
            return self.end_block();
        }
        if self.is_markdown && begins_item(line) {
            self.end_block();
            self.is_item = true;
        }
        self.add_line(line, number);
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
        let is_item = std::mem::take(&mut self.is_item);
        let is_statement = is_item && block.len() >= STATEMENT_BYTES;
        self.redacted += redacted;
        for piece in pieces(&block) {
            let is_full = self.chunk.len() + piece.len() > SHARED_BYTES;
            if is_statement || (is_full && !self.chunk.is_empty()) {
                self.end_chunk();
            }
            if self.chunk.is_empty() {
                self.chunk_line = self.block_line;
            } else {
                self.chunk.push_str(if is_item { "\n" } else { "\n\n" });
            }
            self.chunk.push_str(piece);
        }
        if is_statement {
            self.end_chunk();
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

/// Whether a line of Markdown begins an item of an outermost list.
fn begins_item(line: &str) -> bool {
    let behind_number = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let has_number = behind_number.len() < line.len();
    ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
        || (has_number && [". ", ") "].iter().any(|mark| behind_number.starts_with(mark)))
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
