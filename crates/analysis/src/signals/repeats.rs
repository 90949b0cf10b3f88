//! Sequences of words that occur more than once, exactly and in linear time.

use super::words::Words;
use crate::entropy::{Numbers, index};
use crate::keep::keep;

/// The n-grams of one length that occur at least twice.
///
/// An n-gram is named by the pair (name of its first n − 1 words, last word), so equal names mean
/// equal words and no hash is trusted. What starts where no (n − 1)-gram repeats cannot repeat
/// either, so each length looks only at what the one before left.
pub(crate) struct Repeats {
    /// Words in each.
    size: usize,
    /// Where each starts, ascending, and its name.
    grams: Vec<(u32, u32)>,
    /// How often each name occurs; once only for names that are in no start.
    counts: Vec<u32>,
}

impl Repeats {
    /// Words that occur at least twice.
    pub(crate) fn words(words: &Words<'_>) -> Self {
        let counts = words.kinds.iter().map(|kind| saturate(kind.count)).collect();
        let grams = (0..).zip(words.ids.iter().copied()).collect();
        Self { size: 1, grams, counts }.without_singles()
    }

    /// Those with one word more.
    pub(crate) fn longer(&self, words: &Words<'_>) -> Self {
        let keyed = self.one_word_more(words);
        let mut names = Numbers::<u64>::with_room(std::cmp::min(keyed.len(), 1 << 16));
        let mut counts = Vec::<u32>::with_capacity(keyed.len());
        let name = |(start, key)| {
            let name = names.number(key);
            match counts.get_mut(index(name)) {
                Some(count) => *count += 1,
                None => counts.push(1),
            }
            (start, name)
        };
        let grams = keyed.into_iter().map(name).collect();
        Self { size: self.size + 1, grams, counts }.without_singles()
    }

    /// Where an n-gram with one word more may repeat, and what names it: the n − 1 words from the
    /// next one on must repeat, too.
    fn one_word_more(&self, words: &Words<'_>) -> Vec<(u32, u64)> {
        let keyed = |(start, name): &(u32, u32)| {
            let last = words.ids.get(index(*start) + self.size).copied().unwrap_or_default();
            (*start, u64::from(*name) << 32 | u64::from(last))
        };
        let mut longer: Vec<_> = self.grams.iter().map(keyed).collect();
        let next = |place: usize| self.grams.get(place + 1).map(|(start, _)| *start);
        keep(&mut longer, |place, (start, _)| next(place) == Some(start + 1));
        longer
    }

    fn without_singles(mut self) -> Self {
        keep(&mut self.grams, |_, (_, name)| self.counts[index(name)] > 1);
        self
    }

    /// Where they start, ascending.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        self.grams.iter().map(|(start, _)| index(*start))
    }

    /// The most frequent one as (where it first starts, how often); the earliest among equals, as
    /// `Counter.most_common` has it.
    pub(crate) fn most_common(&self) -> Option<(usize, usize)> {
        let mut best: Option<(usize, u32)> = None;
        for (start, name) in &self.grams {
            let count = self.counts[index(*name)];
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((index(*start), count));
            }
        }
        best.map(|(start, count)| (start, index(count)))
    }

    /// Where the n-gram that first starts at `first` starts, at most eight times.
    pub(crate) fn occurrences(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let place = self.grams.partition_point(|(start, _)| index(*start) < first);
        let name = self.grams.get(place).map(|(_, name)| *name);
        let same = self.grams.iter().filter(move |(_, other)| Some(*other) == name);
        same.take(super::PLACES_MAX).map(|(start, _)| index(*start))
    }
}

fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Every repeated n-gram with the places where it starts.
    fn brute_force(tokens: &[&str], size: usize) -> Vec<(usize, usize)> {
        let mut counts: HashMap<&[&str], usize> = HashMap::new();
        for gram in tokens.windows(size) {
            *counts.entry(gram).or_default() += 1;
        }
        let places = tokens.windows(size).enumerate();
        places.map(|(at, gram)| (at, counts[gram])).filter(|(_, count)| *count > 1).collect()
    }

    proptest! {
        #[test]
        fn repeats_are_those_of_brute_force(picks in prop::collection::vec(0usize..3, 0..60)) {
            let tokens: Vec<&str> = picks.iter().map(|pick| ["a", "bb", "c"][*pick]).collect();
            let words = Words::given("", &tokens);
            let mut repeats = Repeats::words(&words);
            for size in 2..=10 {
                repeats = repeats.longer(&words);
                let count = |name: u32| index(repeats.counts[index(name)]);
                let seen: Vec<_> =
                    repeats.grams.iter().map(|(start, name)| (index(*start), count(*name))).collect();
                let expected = brute_force(&tokens, size);
                let top = expected.iter().map(|(_, count)| *count).max()
                    .and_then(|most| expected.iter().copied().find(|(_, count)| *count == most));
                prop_assert_eq!(&seen, &expected);
                prop_assert_eq!(repeats.most_common(), top);
            }
        }
    }
}
