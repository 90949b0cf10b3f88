//! One pass over the prose for all rules that look for phrases.

use std::cmp::Reverse;

use crate::rules::matcher::Matcher;
use crate::rules::rule::{Check, Place, Rule};
use crate::rules::sink::Collector;
use crate::rules::words::{is_word_end, is_word_start};
use crate::{Document, Error, Span};

/// All phrases of all rules, made ready to look once.
#[derive(Debug)]
pub(crate) struct ProseScan {
    phrases: Matcher,
    entries: Vec<Entry>,
}

/// One phrase.
#[derive(Clone, Copy, Debug)]
struct Entry {
    rule: usize,
    phrase: &'static str,
    use_of: Use,
}

#[derive(Clone, Copy, Debug)]
enum Use {
    /// To be avoided.
    Avoid { say: &'static str, instead: &'static str },
    /// One spelling of a group.
    Variant { group: usize },
}

/// A phrase that was met.
#[derive(Clone, Copy, Debug)]
struct Met {
    entry: usize,
    span: Span,
}

/// The phrases that a document holds.
#[derive(Debug)]
pub(crate) struct Phrases {
    avoided: Vec<Met>,
    /// Spellings of groups of which one should be used.
    variants: Vec<Met>,
}

impl ProseScan {
    pub(crate) fn new(rules: &[(usize, &'static Rule)]) -> Result<Self, Error> {
        let mut entries = Vec::new();
        for (rule, definition) in rules {
            match &definition.check {
                Check::Phrases { say, phrases } => {
                    entries.extend(phrases.iter().map(|(phrase, instead)| Entry {
                        rule: *rule,
                        phrase,
                        use_of: Use::Avoid { say, instead },
                    }));
                }
                Check::Variants(groups) => {
                    for (group, spellings) in groups.iter().enumerate() {
                        entries.extend(spellings.iter().map(|phrase| Entry {
                            rule: *rule,
                            phrase,
                            use_of: Use::Variant { group },
                        }));
                    }
                }
                Check::Literals(_)
                | Check::Secret(_)
                | Check::Line { .. }
                | Check::Sentences(_)
                | Check::Document(_) => {}
            }
        }
        let phrases: Vec<&str> = entries.iter().map(|entry| entry.phrase).collect();
        Ok(Self { phrases: Matcher::new(&phrases)?, entries })
    }

    /// All phrases that are met in the prose of a document.
    pub(crate) fn meet(&self, document: &Document<'_>) -> Phrases {
        let folded = folded(document.prose.text());
        let mut met = self.all(document.prose.text(), &folded);
        met.sort_unstable_by_key(|met| {
            (self.rule_of(*met), met.span.start, usize::MAX - met.span.end)
        });
        self.keep_longest(&mut met);
        let is_avoided = |met: &Met| matches!(self.entry(*met).use_of, Use::Avoid { .. });
        let (avoided, variants) = met.into_iter().partition(is_avoided);
        Phrases { avoided, variants }
    }

    /// Reports the phrases that are to be avoided; the document starts at `base`.
    pub(crate) fn report_avoided(
        &self,
        phrases: &Phrases,
        document: &Document<'_>,
        base: usize,
        into: &mut Collector,
    ) {
        for met in &phrases.avoided {
            self.report(*met, document, base, into);
        }
    }

    fn entry(&self, met: Met) -> Entry {
        let none = Entry { rule: 0, phrase: "", use_of: Use::Variant { group: 0 } };
        self.entries.get(met.entry).copied().unwrap_or(none)
    }

    fn rule_of(&self, met: Met) -> usize {
        self.entry(met).rule
    }

    fn all(&self, prose: &str, folded: &[u8]) -> Vec<Met> {
        let mut met = Vec::new();
        self.phrases.each(folded, |entry, span| {
            if is_word_start(prose, span.start) && is_word_end(prose, span.end) {
                met.push(Met { entry, span });
            }
        });
        met
    }

    /// Leaves out what lies inside another of the same rule.
    fn keep_longest(&self, met: &mut Vec<Met>) {
        let mut last: Option<Met> = None;
        met.retain(|next| {
            let is_inside = last.is_some_and(|last| {
                self.rule_of(last) == self.rule_of(*next) && next.span.start < last.span.end
            });
            if !is_inside {
                last = Some(*next);
            }
            !is_inside
        });
    }

    fn report(&self, met: Met, document: &Document<'_>, base: usize, into: &mut Collector) {
        let Entry { rule, phrase, use_of: Use::Avoid { say, instead } } = self.entry(met) else {
            return;
        };
        let span = document.prose.in_source(met.span);
        let message = format_args!("“{phrase}” {say}");
        let mut sink = into.sink(rule, Place::Anywhere, base);
        if instead.is_empty() {
            sink.push(span, message);
        } else {
            sink.suggest(span, message, format!("Write “{instead}”."));
        }
    }

    /// Reports the spellings of each group that are not its most frequent one; of two that are as
    /// frequent, the one that comes later.
    pub(crate) fn report_rarer(
        &self,
        phrases: &Phrases,
        document: &Document<'_>,
        into: &mut Collector,
    ) {
        let usual = self.usual(&phrases.variants);
        for next in &phrases.variants {
            let Entry { rule, phrase, use_of: Use::Variant { group } } = self.entry(*next) else {
                continue;
            };
            let Some((count, other)) = usual.get(group).filter(|(_, other)| *other != phrase)
            else {
                continue;
            };
            let span = document.prose.in_source(next.span);
            let message = format_args!("“{phrase}” is written “{other}” elsewhere, {count} ×");
            let suggestion = format!("Write “{other}”.");
            into.sink(rule, Place::Anywhere, 0).suggest(span, message, suggestion);
        }
    }

    /// By group: how often its usual spelling was met, and that spelling.
    fn usual(&self, met: &[Met]) -> Vec<(usize, &'static str)> {
        let mut uses = vec![(0, Reverse(usize::MAX)); self.entries.len()];
        for next in met {
            if let Some((count, first)) = uses.get_mut(next.entry) {
                *count += 1;
                *first = std::cmp::max(*first, Reverse(next.span.start));
            }
        }
        let mut best = vec![(0, Reverse(usize::MAX), ""); self.entries.len()];
        for (entry, (count, first)) in self.entries.iter().zip(uses) {
            if let Use::Variant { group } = entry.use_of
                && let Some(best) = best.get_mut(group)
                && (count, first) > (best.0, best.1)
            {
                *best = (count, first, entry.phrase);
            }
        }
        best.into_iter().map(|(count, _, phrase)| (count, phrase)).collect()
    }
}

/// `prose` in lower case with each white space as a space, byte for byte.
fn folded(prose: &str) -> Vec<u8> {
    let fold = |byte: u8| match byte {
        b'\n' | b'\t' | b'\r' => b' ',
        _ => byte.to_ascii_lowercase(),
    };
    prose.bytes().map(fold).collect()
}
