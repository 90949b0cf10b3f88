//! The signals of published corpus filters, each exactly as its source computes it.
//!
//! All signals of a dialect are always computed: none is left out because another one failed. A
//! share of nothing is 0 where the source would divide by zero.

mod block_list;
mod c4;
mod copied;
mod duplicates;
mod fine_web;
mod gopher_datatrove;
mod gopher_dolma;
mod punctuation;
pub(crate) mod python;
mod repeats;
mod rpv2;
mod sentencizer;
mod sheet;
mod tokenizer;
mod words;

use crate::{Dialect, Verdict};
pub use block_list::BlockList;
pub use rpv2::{LineSignals, line_signals};
use words::Words;

/// How many places a signal names at most.
const PLACES_MAX: usize = 8;
/// The words of which Gopher wants to see some. Source: arXiv 2112.11446, A1.1.
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// The signals of `dialect` for `text`.
///
/// datatrove (`gopher-datatrove`, `fine-web`, `c4-datatrove`) takes words and sentences from
/// spaCy's blank English pipeline, and C4 of TensorFlow Datasets takes sentences from NLTK's Punkt;
/// here an approximation stands for both, see [`verdict_of`]. All other tokens are exact.
pub fn verdict(dialect: Dialect, text: &str) -> Verdict {
    match dialect {
        Dialect::GopherDatatrove => gopher_datatrove::verdict(text, &tokenizer::words(text)),
        Dialect::FineWeb => fine_web::verdict(text, tokenizer::words(text).len()),
        Dialect::GopherDolma => gopher_dolma::verdict(text),
        Dialect::C4Tfds => c4::verdict(&c4::TFDS, text),
        Dialect::C4Datatrove => c4::verdict(&c4::DATATROVE, text),
        Dialect::Rpv2 => rpv2::verdict(text),
    }
}

/// The signals of `dialect` for `text` and the words that the dialect's own tokenizer gives for it,
/// without white space in them. Only `gopher-datatrove` and `fine-web` look at `words`: the words of
/// the others follow from their definition.
pub fn verdict_of(dialect: Dialect, text: &str, words: &[&str]) -> Verdict {
    match dialect {
        Dialect::GopherDatatrove => gopher_datatrove::verdict(text, &Words::given(text, words)),
        Dialect::FineWeb => fine_web::verdict(text, words.len()),
        Dialect::GopherDolma | Dialect::C4Tfds | Dialect::C4Datatrove | Dialect::Rpv2 => {
            verdict(dialect, text)
        }
    }
}

#[cfg(test)]
mod tests;
