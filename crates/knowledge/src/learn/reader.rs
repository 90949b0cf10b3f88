//! Reading a source step by step.

use std::io::{BufRead, Seek, SeekFrom};

use types::{ProjectId, Timestamp};

use super::chunks::Chunker;
use super::extraction::{self, Origin};
use super::lines::{Line, Lines};
use super::passage::Passage;
use super::redactor::Redactor;
use super::transcript::{self, Said};
use super::{LearnFormat, Speaker, chat};
use crate::{Draft, Error, Lesson};

/// Drafts at which a step ends.
const STEP_DRAFTS: usize = 64;

/// Bytes after which a step ends, whatever was found.
const STEP_BYTES: u64 = 1 << 20;

/// What is to be learned from.
#[derive(Clone, Debug)]
pub struct Material {
    /// Names the source: what was learned is remembered under it.
    pub name: String,
    /// What it is.
    pub format: LearnFormat,
    /// The project of what is found.
    pub project: Option<ProjectId>,
    /// When it was written, for what does not say so itself.
    pub seen_at: Timestamp,
}

/// What one step found. It is learned when it is stored with its lesson, all at once.
#[derive(Clone, Debug)]
pub struct Step {
    /// How far the source is read with this step.
    pub lesson: Lesson,
    /// What may become items, by rules, in the order of the source.
    pub drafts: Vec<Draft>,
    /// What was read, in order: for a model to find more in.
    pub passages: Vec<Passage>,
    /// Secrets that were taken out.
    pub redacted: usize,
    /// Lines that could not be read: too long, or no JSON where there must be some.
    pub skipped: usize,
}

/// Reads a source in order and in bounded memory, a step at a time.
///
/// A step that was stored is never read again: reading goes on behind it as long as the source still
/// begins with the same bytes, and from the beginning where it does not.
pub struct Reader<'r, R> {
    lines: Lines<R>,
    material: Material,
    redactor: &'r Redactor,
    chunker: Chunker<'r>,
    /// What somebody is saying in a chat, and where it began.
    saying: Option<Passage>,
    is_done: bool,
}

impl<'r, R: BufRead + Seek> Reader<'r, R> {
    /// Goes to where the lesson before ended.
    ///
    /// # Errors
    /// [`Error::Io`] where the source cannot be read.
    pub fn open(
        input: R,
        material: Material,
        before: Option<Lesson>,
        redactor: &'r Redactor,
    ) -> Result<Self, Error> {
        let is_markdown = material.format == LearnFormat::Markdown;
        let mut reader = Self {
            lines: Lines::new(input),
            material,
            redactor,
            chunker: Chunker::new(redactor, is_markdown),
            saying: None,
            is_done: false,
        };
        let Some(before) = before else { return Ok(reader) };
        reader.skip_to(&before)?;
        if reader.lines.position != before.position || reader.lines.digest() != before.digest {
            let mut input = reader.lines.into_inner();
            input.seek(SeekFrom::Start(0)).map_err(|source| failed(&reader.material, source))?;
            reader.lines = Lines::new(input);
            reader.chunker = Chunker::new(redactor, is_markdown);
        }
        Ok(reader)
    }

    /// What the next stretch of the source holds; none at the end.
    ///
    /// # Errors
    /// [`Error::Io`] where the source cannot be read.
    pub fn next_step(&mut self) -> Result<Option<Step>, Error> {
        if self.is_done {
            return Ok(None);
        }
        let start = self.lines.position;
        let mut gathered = Gathered::default();
        let mut lesson = None;
        loop {
            let read = self.lines.position - start;
            let is_full = gathered.drafts.len() >= STEP_DRAFTS || read >= STEP_BYTES;
            if is_full {
                self.chunker.cut();
                self.take_chunks(&mut gathered);
                if self.is_between() {
                    break;
                }
            }
            // Where the next line is not to be kept, this is how far was read.
            let before = self.lesson();
            let line = self.lines.next().map_err(|source| failed(&self.material, source))?;
            let Some(line) = line else {
                self.finish(&mut gathered);
                self.is_done = true;
                break;
            };
            if !self.take(&line, &mut gathered) {
                lesson = Some(before);
                self.is_done = true;
                break;
            }
        }
        let lesson = lesson.unwrap_or_else(|| self.lesson());
        if lesson.position == start {
            return Ok(None);
        }
        let Gathered { drafts, passages, redacted, skipped } = gathered;
        let redacted = redacted + std::mem::take(&mut self.chunker.redacted);
        Ok(Some(Step { lesson, drafts, passages, redacted, skipped }))
    }

    /// Whether nothing is half read, so that reading can go on from here another time.
    fn is_between(&self) -> bool {
        self.saying.is_none() && self.chunker.is_between()
    }

    fn lesson(&self) -> Lesson {
        Lesson {
            name: self.material.name.clone(),
            position: self.lines.position,
            line: self.lines.line,
            digest: self.lines.digest(),
            is_talk: self.material.format.is_talk(),
        }
    }

    /// Reads up to the position without keeping anything but the headings above it.
    fn skip_to(&mut self, before: &Lesson) -> Result<(), Error> {
        while self.lines.position < before.position {
            let line = self.lines.next().map_err(|source| failed(&self.material, source))?;
            let Some(line) = line else { break };
            if matches!(self.material.format, LearnFormat::Markdown | LearnFormat::Plain) {
                self.chunker.push(&line.text, self.lines.line);
                self.chunker.take();
            }
        }
        // What the step before had ended is not to be read again.
        self.chunker.cut();
        self.chunker.take();
        self.chunker.redacted = 0;
        Ok(())
    }

    /// Takes a line in; not so a last one that somebody is still writing.
    fn take(&mut self, line: &Line, gathered: &mut Gathered) -> bool {
        if line.is_too_long {
            gathered.skipped += 1;
            return true;
        }
        match self.material.format {
            LearnFormat::ClaudeCode => self.take_json(line, transcript::claude_code, gathered),
            LearnFormat::Codex => self.take_json(line, transcript::codex, gathered),
            LearnFormat::Chat => self.take_chat(line, gathered),
            LearnFormat::Markdown | LearnFormat::Plain => {
                self.chunker.push(&line.text, self.lines.line);
                self.take_chunks(gathered);
                true
            }
        }
    }

    fn take_json(
        &mut self,
        line: &Line,
        read: fn(&serde_json::Value) -> Vec<Said>,
        gathered: &mut Gathered,
    ) -> bool {
        if line.text.trim().is_empty() {
            return true;
        }
        let Ok(value) = serde_json::from_str(&line.text) else {
            gathered.skipped += usize::from(line.is_whole);
            return line.is_whole;
        };
        for (number, Said { speaker, text, said_at }) in (1..).zip(read(&value)) {
            let (text, redacted) = self.redactor.redact(&text);
            gathered.redacted += redacted;
            let section = format!("{}.{number}", self.lines.line);
            let (title, line) = (String::new(), self.lines.line);
            self.keep(Passage { speaker, text, title, section, line, said_at }, gathered);
        }
        true
    }

    fn take_chat(&mut self, line: &Line, gathered: &mut Gathered) -> bool {
        if let Some(beginning) = chat::speaker(&line.text) {
            self.finish(gathered);
            self.saying = Some(Passage {
                speaker: beginning.speaker,
                text: beginning.text.to_owned(),
                title: String::new(),
                section: format!("{} {}", self.lines.line, beginning.name),
                line: self.lines.line,
                said_at: beginning.said_at,
            });
        } else if let Some(saying) = &mut self.saying {
            // One speech of any length is cut so that memory stays bounded.
            if u64::try_from(saying.text.len()).unwrap_or(u64::MAX) > STEP_BYTES {
                let rest = Passage { text: String::new(), ..saying.clone() };
                self.finish(gathered);
                self.saying = Some(rest);
            }
            if let Some(saying) = &mut self.saying {
                saying.text.push('\n');
                saying.text.push_str(&line.text);
            }
        }
        true
    }

    /// Takes what was half read as it is.
    fn finish(&mut self, gathered: &mut Gathered) {
        if let Some(mut saying) = self.saying.take() {
            let (text, redacted) = self.redactor.redact(&saying.text);
            gathered.redacted += redacted;
            saying.text = text;
            self.keep(saying, gathered);
        }
        self.chunker.finish();
        self.take_chunks(gathered);
    }

    fn take_chunks(&mut self, gathered: &mut Gathered) {
        for passage in self.chunker.take() {
            self.keep(passage, gathered);
        }
    }

    fn keep(&self, passage: Passage, gathered: &mut Gathered) {
        let origin = Origin {
            name: &self.material.name,
            project: self.material.project.as_ref(),
            seen_at: self.material.seen_at,
        };
        gathered.drafts.extend(extraction::drafts(&passage, &origin));
        if passage.speaker == Speaker::Document || !passage.text.trim().is_empty() {
            gathered.passages.push(passage);
        }
    }
}

/// What a step has found so far.
#[derive(Default)]
struct Gathered {
    drafts: Vec<Draft>,
    passages: Vec<Passage>,
    redacted: usize,
    skipped: usize,
}

fn failed(material: &Material, source: std::io::Error) -> Error {
    Error::Io { operation: "read", name: material.name.clone(), source }
}

impl<R> std::fmt::Debug for Reader<'_, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reader").field("material", &self.material).finish_non_exhaustive()
    }
}
