//! Words and phrases that a corpus should not hold.

use rustc_hash::{FxHashMap, FxHashSet};

use super::rpv2::Normal;
use super::sheet::{Places, float};
use crate::{Signal, Span};

/// Words and phrases that are counted, as RedPajama-V2 counts those of the List of Dirty, Naughty,
/// Obscene and Otherwise Bad Words (`rps_doc_ldnoobw_words`): each place where the words of one stand
/// in the normal form of the text, places that overlap too. The list is the user's: none comes with
/// this crate.
#[derive(Clone, Debug, Default)]
pub struct BlockList {
    /// In normal form, by the number of their words.
    by_size: FxHashMap<usize, FxHashSet<String>>,
}

impl BlockList {
    /// Of `phrases`; letter case and punctuation do not matter.
    pub fn new<'p>(phrases: impl IntoIterator<Item = &'p str>) -> Self {
        let mut by_size: FxHashMap<usize, FxHashSet<String>> = FxHashMap::default();
        for phrase in phrases {
            let normal = Normal::new(phrase);
            let size = normal.each_word().count();
            if size > 0 {
                by_size.entry(size).or_default().insert(normal.text);
            }
        }
        Self { by_size }
    }

    /// How often what is listed stands in `text`; nothing where nothing is listed.
    pub fn signal(&self, text: &str) -> Option<Signal> {
        if self.by_size.is_empty() {
            return None;
        }
        let normal = Normal::new(text);
        let mut hits: Vec<Span> = Vec::new();
        for (size, phrases) in &self.by_size {
            hits.extend(
                normal.sequences(*size).filter(|(it, _)| phrases.contains(*it)).map(|it| it.1),
            );
        }
        hits.sort_unstable();
        let mut places = Places::default();
        hits.into_iter().for_each(|hit| places.push(hit));
        Some(Signal {
            name: "rps_doc_ldnoobw_words".into(),
            value: float(places.count),
            threshold: None,
            passed: true,
            places: places.first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_and_phrases_in_normal_form() {
        let list = BlockList::new(["Darn", "holy cow!", "cow", "...", ""]);
        let text = "Darn it! Holy   Cow, the cow said: darn-it.";
        let signal = list.signal(text).unwrap();
        // `darn`, `holy cow` and `cow` inside of it, `cow`; `darnit` is another word.
        assert_eq!(signal.value, 4.0);
        let found: Vec<&str> = signal.places.iter().map(|place| place.of(text)).collect();
        assert_eq!(found, ["Darn", "Holy   Cow,", "Cow,", "cow"]);
        assert_eq!(list.signal("").unwrap().value, 0.0);
        assert_eq!(BlockList::new([]).signal(text), None);
    }
}
