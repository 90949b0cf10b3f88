//! One settings, many documents.

use types::Clock;

use crate::{Document, Entropies, Error, Format, Report, Score, Settings};

/// Analyses documents. Made once, shared by threads.
#[derive(Debug)]
pub struct Analyzer {
    settings: Settings,
    clock: Clock,
}

impl Analyzer {
    /// Prepares everything that documents share.
    ///
    /// # Errors
    /// [`Error::Settings`] and [`Error::Rule`].
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, Error> {
        Ok(Self { settings, clock })
    }

    /// All that is known of a document.
    ///
    /// # Errors
    /// [`Error::TooLarge`] and [`Error::TimedOut`].
    pub fn analyze(&self, bytes: &[u8], format: Format) -> Result<Report, Error> {
        let began = self.clock.monotonic();
        let text = String::from_utf8_lossy(bytes);
        let document = Document::new(&text, format);
        let limit = self.settings.document_time_max;
        if self.clock.monotonic().saturating_sub(began) > limit {
            return Err(Error::TimedOut { limit });
        }
        Ok(Report {
            format,
            bytes: bytes.len() as u64,
            replaced: 0,
            characters: text.chars().count() as u64,
            lines: document.lines.count(&text) as u64,
            words: document.words.len() as u64,
            sentences: document.sentences.len() as u64,
            headings: document.outline.headings.len() as u64,
            entropies: Entropies::default(),
            readability: None,
            verdicts: Vec::new(),
            findings: Vec::new(),
            score: Score::Abstained { words: 0, needed: self.settings.score_words_min },
        })
    }
}
