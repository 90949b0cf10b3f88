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
        let (mut starts, mut names) = (Vec::new(), Vec::new());
        for (at, id) in words.ids.iter().enumerate() {
            if counts[index(*id)] > 1 {
                starts.push(saturate(at));
                names.push(*id);
            }
        }
        Self { size: 1, starts, names, counts }
    }

    /// Those with one word more.
    pub(crate) fn longer(&self, words: &Words<'_>) -> Self {
        let room = self.starts.len();
        let mut grams = Numbers::<u64>::with_room(std::cmp::min(room, 1 << 16));
        let (mut starts, mut names) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut counts = Vec::<u32>::with_capacity(room);
        for (place, pair) in self.starts.windows(2).enumerate() {
            let last = index(pair[0]) + self.size;
            // The n − 1 words from the next one on must repeat too.
            if pair[1] != pair[0] + 1 || last >= words.len() {
                continue;
            }
            let key = u64::from(self.names[place]) << 32 | u64::from(words.ids[last]);
            let name = grams.number(key);
            match counts.get_mut(index(name)) {
                Some(count) => *count += 1,
                None => counts.push(1),
            }
            starts.push(pair[0]);
            names.push(name);
        }
        let mut repeats = Self { size: self.size + 1, starts, names, counts };
        repeats.drop_singles();
        repeats
    }

    fn drop_singles(&mut self) {
        let mut kept = 0;
        for place in 0..self.starts.len() {
            if self.counts[index(self.names[place])] > 1 {
                self.starts[kept] = self.starts[place];
                self.names[kept] = self.names[place];
                kept += 1;
            }
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
