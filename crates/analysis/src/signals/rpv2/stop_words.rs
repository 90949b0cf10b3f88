//! English stop words.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// Those of stopwords-json (Apache-2.0), which RedPajama-V2 carries, as far as a word without an
/// apostrophe can be one of them.
const STOP_WORDS: &str = include_str!("stop_words.txt");
static SET: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| STOP_WORDS.lines().filter(|line| !line.starts_with('#')).collect());

/// Whether `word`, as it is written, is one.
pub(crate) fn is_stop_word(word: &str) -> bool {
    word.len() <= 13 && SET.contains(word)
}
