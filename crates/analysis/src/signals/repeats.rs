//! Sequences of words that occur more than once, exactly and in linear time.

use super::words::Words;
use crate::entropy::{Numbers, index};

/// The n-grams of one length that occur at least twice.
///
/// An n-gram is named by the pair (name of its first n − 1 words, last word), so equal names mean
/// equal words and no hash is trusted. What starts where no (n − 1)-gram repeats cannot repeat
/// either, so each length looks only at what the one before left.
pub(crate) struct Repeats {
    /// Words in each.
    pub(crate) size: usize,
    /// Where they start, ascending.
    pub(crate) starts: Vec<u32>,
    /// The name of the n-gram at each start.
    pub(crate) names: Vec<u32>,
    /// How often each name occurs; once only for names that are in no start.
    pub(crate) counts: Vec<u32>,
}

impl Repeats {
    /// Words that occur at least twice.
    pub(crate) fn words(words: &Words<'_>) -> Self {
        let counts: Vec<u32> = words.kinds.iter().map(|kind| saturate(kind.count)).collect();
        let starts = (0..).take(words.len()).collect();
        let mut repeats = Self { size: 1, starts, names: words.ids.clone(), counts };
        repeats.drop_singles();
        repeats
    }

    /// Those with one word more.
    pub(crate) fn longer(&self, words: &Words<'_>) -> Self {
        let (starts, keys) = self.one_word_more(words);
        let mut grams = Numbers::<u64>::with_room(std::cmp::min(starts.len(), 1 << 16));
        let mut counts = Vec::<u32>::with_capacity(starts.len());
        let name = |key: u64| {
            let name = grams.number(key);
            match counts.get_mut(index(name)) {
                Some(count) => *count += 1,
                None => counts.push(1),
            }
            name
        };
        let names = keys.into_iter().map(name).collect();
        let mut repeats = Self { size: self.size + 1, starts, names, counts };
        repeats.drop_singles();
        repeats
    }

    /// Where an n-gram with one word more may repeat, and what names it: the n − 1 words from the
    /// next one on must repeat, too.
    fn one_word_more(&self, words: &Words<'_>) -> (Vec<u32>, Vec<u64>) {
        let (mut starts, mut keys) = (self.starts.clone(), vec![0; self.starts.len()]);
        let mut kept = 0;
        for (place, pair) in self.starts.array_windows().enumerate() {
            let [start, next] = *pair;
            let last = words.ids.get(index(start) + self.size);
            // One that is not to stay is overwritten: which ones are is hard to foresee.
            starts[kept] = start;
            keys[kept] = u64::from(self.names[place]) << 32 | u64::from(last.copied().unwrap_or(0));
            kept += usize::from(next == start + 1) & usize::from(last.is_some());
        }
        starts.truncate(kept);
        keys.truncate(kept);
        (starts, keys)
    }

    fn drop_singles(&mut self) {
        let mut kept = 0;
        for place in 0..self.starts.len() {
            let (start, name) = (self.starts[place], self.names[place]);
            self.starts[kept] = start;
            self.names[kept] = name;
            kept += usize::from(self.counts[index(name)] > 1);
        }
        self.starts.truncate(kept);
        self.names.truncate(kept);
    }

    /// The most frequent one as (where it first starts, how often); the earliest among equals, as
    /// `Counter.most_common` has it.
    pub(crate) fn most_common(&self) -> Option<(usize, usize)> {
        let mut best: Option<(usize, u32)> = None;
        for (start, name) in self.starts.iter().zip(&self.names) {
            let count = self.counts[index(*name)];
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((index(*start), count));
            }
        }
        best.map(|(start, count)| (start, index(count)))
    }

    /// Where the n-gram that first starts at `first` starts, at most eight times.
    pub(crate) fn occurrences(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let place = self.starts.partition_point(|start| index(*start) < first);
        let name = self.names.get(place).copied();
        self.starts
            .iter()
            .zip(&self.names)
            .filter(move |(_, other)| Some(**other) == name)
            .take(super::PLACES_MAX)
            .map(|(start, _)| index(*start))
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
                let seen: Vec<_> = repeats.starts.iter().zip(&repeats.names)
                    .map(|(start, name)| (index(*start), index(repeats.counts[index(*name)])))
                    .collect();
                let expected = brute_force(&tokens, size);
                let top = expected.iter().map(|(_, count)| *count).max()
                    .and_then(|most| expected.iter().copied().find(|(_, count)| *count == most));
                prop_assert_eq!(&seen, &expected);
                prop_assert_eq!(repeats.most_common(), top);
            }
        }
    }
}
