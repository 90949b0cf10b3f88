//! One settings, many documents.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use types::Clock;

use crate::score::faults;
use crate::signals::BlockList;
use crate::{
    Analysis, Dialect, Document, Entropies, Error, Format, Profile, Readability, Report, RuleSet,
    Score, Screening, Settings, Sketch, Text, Verdict, Weights, signals,
};

/// Analyses documents. Made once, shared by threads.
#[derive(Debug)]
pub struct Analyzer {
    settings: Settings,
    weights: Weights,
    rules: Arc<RuleSet>,
    block_list: Arc<BlockList>,
    clock: Clock,
}

impl Analyzer {
    /// Prepares everything that documents share.
    ///
    /// # Errors
    /// [`Error::Settings`] and [`Error::Rule`].
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, Error> {
        let weights = settings.shares()?;
        let rules = Arc::new(RuleSet::new(&settings.rules, &settings.disabled_rules)?);
        let phrases = settings.blocked_phrases.iter().map(String::as_str);
        let block_list = Arc::new(BlockList::new(phrases));
        Ok(Self { settings, weights, rules, block_list, clock })
    }

    /// The same but for what documents are judged as. Costs next to nothing.
    ///
    /// # Errors
    /// [`Error::Settings`].
    pub fn with_profile(&self, profile: Profile) -> Result<Self, Error> {
        let settings = Settings { profile, ..self.settings.clone() };
        let weights = settings.shares()?;
        let (rules, block_list) = (Arc::clone(&self.rules), Arc::clone(&self.block_list));
        Ok(Self { settings, weights, rules, block_list, clock: self.clock.clone() })
    }

    /// The rules that are looked for.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// All that is known of a document.
    ///
    /// # Errors
    /// [`Error::TooLarge`] and [`Error::TimedOut`].
    pub fn analyze(&self, bytes: &[u8], format: Format) -> Result<Analysis, Error> {
        let watch = self.watch(bytes)?;
        let text = Text::decode(bytes);
        let document = Document::new(text.as_str(), format);
        let Screening { entropies, verdicts, .. } = self.measure(&document, &watch)?;
        let readability = Readability::of(&document);
        watch.check()?;
        let findings = self.rules.find(&document);
        watch.check()?;
        let score = self.score(&document, &entropies, &findings);
        let report = Report {
            format,
            bytes: count(bytes.len()),
            replaced: text.replaced(),
            characters: entropies.characters.units,
            lines: count(document.lines.count(document.text)),
            words: count(document.words.len()),
            sentences: count(document.sentences.len()),
            headings: count(document.outline.headings.len()),
            entropies,
            readability,
            verdicts,
            findings,
            score,
        };
        Ok(Analysis { report, sketch: Sketch::of_document(&document) })
    }

    /// Entropies and dialects alone: whether a document may enter a corpus.
    ///
    /// # Errors
    /// [`Error::TooLarge`] and [`Error::TimedOut`].
    pub fn screen(&self, bytes: &[u8], format: Format) -> Result<Screening, Error> {
        let watch = self.watch(bytes)?;
        let text = Text::decode(bytes);
        self.measure(&Document::new(text.as_str(), format), &watch)
    }

    fn measure(&self, document: &Document<'_>, watch: &Watch<'_>) -> Result<Screening, Error> {
        watch.check()?;
        let entropies = Entropies::of(document);
        let verdicts = self.verdicts(document, watch)?;
        Ok(Screening { passed: verdicts.iter().all(|verdict| verdict.passed), entropies, verdicts })
    }

    /// The signals of the chosen dialects, on the prose: markup and code are no sentences.
    fn verdicts(&self, document: &Document<'_>, watch: &Watch<'_>) -> Result<Vec<Verdict>, Error> {
        let measure = |dialect| {
            let text = document.prose.text();
            let mut verdict = signals::verdict(dialect, text);
            if dialect == Dialect::Rpv2 {
                verdict.signals.extend(self.block_list.signal(text));
            }
            watch.check().map(|()| verdict)
        };
        self.settings.dialects.iter().copied().map(measure).collect()
    }

    fn score(
        &self,
        document: &Document<'_>,
        entropies: &Entropies,
        findings: &[crate::Finding],
    ) -> Score {
        let (words, needed) = (document.words.len(), self.settings.score_words_min);
        if words < needed {
            return Score::Abstained { words, needed };
        }
        Score::of(faults(document, entropies, findings), &self.weights)
    }

    fn watch(&self, bytes: &[u8]) -> Result<Watch<'_>, Error> {
        let (bytes, limit) = (count(bytes.len()), self.settings.document_bytes_max);
        if bytes > limit {
            return Err(Error::TooLarge { bytes, limit });
        }
        let (clock, limit) = (&self.clock, self.settings.document_time_max);
        Ok(Watch { clock, began: clock.monotonic(), limit })
    }
}

/// The time that one document takes, looked at between steps, each of which is linear in the
/// document's size.
struct Watch<'a> {
    clock: &'a Clock,
    began: Duration,
    limit: Duration,
}

impl Watch<'_> {
    fn check(&self) -> Result<(), Error> {
        let limit = self.limit;
        let is_over = self.clock.monotonic().saturating_sub(self.began) > limit;
        if is_over { Err(Error::TimedOut { limit }) } else { Ok(()) }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
