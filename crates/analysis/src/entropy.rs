//! Entropy from integer counts.

mod bigrams;
mod bytes;
mod characters;
mod compress;
mod counts;
mod dense;
mod hash;
mod interner;
mod numbers;
mod sampled;
mod spectrum;
mod tally;
mod words;

use serde::{Deserialize, Serialize};

pub use counts::Counts;
pub(crate) use {
    characters::CharacterCounts,
    hash::{fold as mix, pair, seed, spread},
    interner::{Folded, Interner, fold, loaded, packed},
    numbers::{Numbers, index},
    sampled::SampledTally,
    words::WordCounts,
};

use crate::keep::keep;
use crate::vocabulary::Vocabulary;
use crate::{Document, Span};
use counts::Spectra;
use spectrum::Spectrum;
use tally::Tally;

/// The entropy of one kind of unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entropy {
    /// Plug-in estimate in bits: log2 N − (1/N) Σ c·log2 c.
    pub bits: f64,
    /// With the correction of Miller and Madow, (K − 1) / (2 N ln 2) bits more.
    pub miller_madow_bits: f64,
    /// N, how many units there were.
    pub units: u64,
    /// K, how many different ones.
    pub kinds: u64,
    /// Whether the bits and kinds are estimates, because the different units passed their budget.
    pub is_estimate: bool,
}

/// The entropies of a document. Bytes, characters and their pairs are of the whole decoded text,
/// the others of the prose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entropies {
    /// Of bytes.
    pub bytes: Entropy,
    /// Of Unicode scalar values.
    pub characters: Entropy,
    /// Of words, letter case folded.
    pub words: Entropy,
    /// Of the lengths of sentences in words; a sentence without words is left out.
    pub sentence_lengths: Entropy,
    /// Of pairs of characters that follow each other.
    pub character_bigrams: Entropy,
    /// Of pairs of words that follow each other, also over the end of a sentence or block.
    pub word_bigrams: Entropy,
    /// 1 − bits / log2 K of the characters; 0 where there are fewer than two kinds.
    pub redundancy: f64,
    /// Different words / words; 0 without words.
    pub richness: f64,
    /// Compressed size / size of the text, in LZ4 blocks of 32 KiB each on its own; 0 for an empty
    /// text, above 1 where nothing can be compressed.
    pub compressibility: f64,
    /// Stretches of the text whose bytes look encoded, encrypted or minified: windows of 256 bytes,
    /// moved by 64, of which at most 8 bytes are white space and at most 16 are not ASCII, and
    /// - at least 6 bits of entropy per byte, or
    /// - at least 5.4 bits, and at least 240 bytes of `A-Za-z0-9+/=_-` and line ends, or
    /// - at least 3.5 bits, and at least 240 hexadecimal digits, or
    /// - code without line breaks: at least 4.6 bits and a tenth of `;{}(),=`, for at least 512
    ///   bytes.
    pub dense: Vec<Span>,
}

impl Entropies {
    /// The entropies of a document that was read.
    pub fn of(document: &Document<'_>) -> Self {
        let mut characters = CharacterCounts::new(usize::MAX);
        characters.push(document.text);
        let mut lengths = Tally::new();
        sentence_lengths(&document.sentences, &document.words)
            .for_each(|length| lengths.add(length, 1));
        let spectra = Spectra {
            words: Spectrum::of(document.vocabulary.kinds().map(|(_, count)| u64::from(count))),
            sentence_lengths: Spectrum::of(lengths.iter().map(|(_, count)| count)),
            word_bigrams: pairs(&document.vocabulary),
        };
        Self {
            compressibility: compress::ratio(document.text.as_bytes()),
            dense: dense::find(document.text),
            ..spectra.entropies(&characters)
        }
    }
}

/// The pairs of neighbours in a text.
fn pairs(vocabulary: &Vocabulary) -> Spectrum {
    let (numbers, counts) = (vocabulary.numbers(), vocabulary.counts());
    let is_repeated = |place: usize| counts[index(numbers[place])] > 1;
    let pairs = numbers.array_windows().map(|[first, second]| words::key(*first, *second));
    let mut keys: Vec<u64> = pairs.collect();
    let all = keys.len();
    // A pair with a word that occurs once occurs once, and is not looked for.
    keep(&mut keys, |place, _| is_repeated(place) & is_repeated(place + 1));
    let singles = all - keys.len();
    let mut kinds = Numbers::<u64>::with_room(std::cmp::min(keys.len(), 1 << 13));
    let mut repeated: Vec<u32> = Vec::with_capacity(keys.len());
    for key in keys {
        let number = kinds.number(key);
        match repeated.get_mut(index(number)) {
            Some(count) => *count += 1,
            None => repeated.push(1),
        }
    }
    let mut spectrum = Spectrum::of(repeated.into_iter().map(u64::from));
    spectrum.add_singles(singles);
    spectrum
}

/// How many words begin in each sentence that has any. Both are ascending and do not overlap.
fn sentence_lengths<'d>(
    sentences: &'d [Span],
    words: &'d [Span],
) -> impl Iterator<Item = u64> + 'd {
    let mut rest = words;
    let lengths = sentences.iter().map(move |sentence| {
        let before = rest.iter().take_while(|word| word.start < sentence.start).count();
        rest = rest.get(before..).unwrap_or_default();
        let inside = rest.iter().take_while(|word| word.start < sentence.end).count();
        rest = rest.get(inside..).unwrap_or_default();
        u64::try_from(inside).unwrap_or(u64::MAX)
    });
    lengths.filter(|length| *length > 0)
}

#[cfg(test)]
mod tests;
