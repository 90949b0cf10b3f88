//! The words of a text as the full-text search and the guards see them.
//!
//! A word is a run of letters and digits. Runs that are joined by `_ . : / - # @` or by a change of
//! letter case are an identifier: it gives its parts and the whole without the joints, so that
//! `getUserName`, `get_user_name` and `get-user-name` find each other, and `E0308` is found whole. In
//! a path each name is an identifier, too.
//! Words and parts lose their endings.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// Snowball's English stemmer (<https://snowballstem.org/algorithms/english/stemmer.html>).
static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// Words too common to look for.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because",
    "been", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have",
    "how", "i", "if", "in", "into", "is", "it", "its", "may", "me", "my", "of", "on", "or", "our",
    "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "was", "we", "were", "what", "when", "where", "which",
    "who", "why", "will", "with", "would", "you", "your",
];

/// Joints between names, each of which may be an identifier itself.
const PATH_JOINTS: [char; 5] = ['.', ':', '/', '#', '@'];

/// A word in capitals that is as long is the name of an error or a constant.
const CAPITALS_MIN: usize = 5;

/// The most bytes of a term; longer runs are data, not words.
const TERM_BYTES_MAX: usize = 64;

/// The terms of a text in order: stems of words and of parts of identifiers, in lower case and
/// without common words, and whole identifiers.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::with_capacity(text.len() / 6);
    chunks(text).for_each(|chunk| push_chunk(chunk, &mut terms));
    terms
}

/// The runs of letters and digits of a text, with what joins them inside.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && !is_joint(letter))
        .map(|chunk| chunk.trim_matches(is_joint))
        .filter(|chunk| !chunk.is_empty())
}

/// The terms as one text for the index.
pub(crate) fn indexed(text: &str) -> String {
    terms(text).join(" ")
}

/// Which part of the words of a question are identifiers, from 0 to 1; common words do not count.
///
/// Words that hyphens join are none: people write those, too.
pub(crate) fn identifier_share(text: &str) -> f64 {
    let (mut words, mut identifiers) = (0_u32, 0_u32);
    for chunk in chunks(text).filter(|chunk| !is_stop_word(&chunk.to_lowercase())) {
        words += 1;
        identifiers += u32::from(is_identifier(chunk));
    }
    if words == 0 { 0.0 } else { f64::from(identifiers) / f64::from(words) }
}

/// Joined by more than hyphens, with letters and digits, with a capital inside, or of at least
/// [`CAPITALS_MIN`] capitals.
fn is_identifier(chunk: &str) -> bool {
    let has = |what: fn(char) -> bool| chunk.chars().any(what);
    let is_numbered = has(char::is_alphabetic) && has(char::is_numeric);
    let is_loud =
        chunk.len() >= CAPITALS_MIN && chunk.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_humped =
        chunk.split(|letter: char| !letter.is_alphanumeric()).any(|word| parts(word).len() > 1);
    chunk.contains('_') || chunk.contains(PATH_JOINTS) || is_numbered || is_humped || is_loud
}

/// Whether the word is too common to look for.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

const fn is_joint(letter: char) -> bool {
    matches!(letter, '_' | '.' | ':' | '/' | '-' | '#' | '@' | '\'' | '’')
}

fn push_chunk(chunk: &str, terms: &mut Vec<String>) {
    let parts = parts(chunk);
    let is_apostrophe = chunk.contains(['\'', '’']);
    if parts.len() > 1 {
        push_whole(chunk, terms);
    }
    // A name is looked for without the path before it.
    if chunk.contains(PATH_JOINTS) {
        let is_name = |segment: &&str| self::parts(segment).len() > 1;
        chunk.split(PATH_JOINTS).filter(is_name).for_each(|name| push_whole(name, terms));
    }
    // "don't" and "user's" are words, not identifiers: the whole says it all.
    if parts.len() > 1
        && is_apostrophe
        && !chunk.contains(['_', '-'])
        && !chunk.contains(PATH_JOINTS)
    {
        if let Some(first) = parts.into_iter().next() {
            push_part(first, terms);
        }
        return;
    }
    for part in parts {
        push_part(part, terms);
    }
}

/// The letters and digits of an identifier.
fn push_whole(identifier: &str, terms: &mut Vec<String>) {
    let letters = identifier.chars().filter(|letter| letter.is_alphanumeric());
    let whole: String = letters.flat_map(char::to_lowercase).collect();
    if whole.len() <= TERM_BYTES_MAX {
        terms.push(whole);
    }
}

fn push_part(part: &str, terms: &mut Vec<String>) {
    let part = part.to_lowercase();
    if part.len() <= TERM_BYTES_MAX && !is_stop_word(&part) {
        terms.push(STEMMER.stem(&part).into_owned());
    }
}

/// Cuts at joints, between a small and a capital letter, before the last of several capitals that a
/// small one follows, and where digits begin behind two or more letters.
pub(crate) fn parts(chunk: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for run in chunk.split(|letter: char| !letter.is_alphanumeric()) {
        let letters: Vec<(usize, char)> = run.char_indices().collect();
        let mut start = 0;
        for (index, window) in letters.windows(2).enumerate() {
            let [(_, one), (at, two)] = window else { continue };
            let next = letters.get(index + 2).map(|(_, next)| *next);
            let is_hump = one.is_lowercase() && two.is_uppercase();
            let is_last_capital =
                one.is_uppercase() && two.is_uppercase() && next.is_some_and(char::is_lowercase);
            let is_number = one.is_alphabetic() && two.is_numeric() && at - start >= 2;
            if is_hump || is_last_capital || is_number {
                parts.extend(run.get(start..*at));
                start = *at;
            }
        }
        parts.extend(run.get(start..).filter(|rest| !rest.is_empty()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_terms(text: &str, expected: &[&str]) {
        assert_eq!(terms(text), expected, "{text:?}");
    }

    #[test]
    fn identifiers_give_their_parts_and_the_whole() {
        check_terms("get_user_name()", &["getusername", "get", "user", "name"]);
        check_terms("getUserName", &["getusername", "get", "user", "name"]);
        check_terms("HTTPServer", &["httpserver", "http", "server"]);
        check_terms("error[E0308]:", &["error", "e0308"]);
        check_terms("ERR_CONN-42", &["errconn42", "err", "conn", "42"]);
        check_terms("std::sync::Mutex", &["stdsyncmutex", "std", "sync", "mutex"]);
        check_terms(
            "io::copy_buf(BufReader.read_line)",
            &["iocopybuf", "copybuf", "io", "copi", "buf"]
                .into_iter()
                .chain([
                    "bufreaderreadline",
                    "bufreader",
                    "readline",
                    "buf",
                    "reader",
                    "read",
                    "line",
                ])
                .collect::<Vec<_>>(),
        );
        check_terms("--dry-run", &["dryrun", "dri", "run"]);
        check_terms("utf8", &["utf8", "utf", "8"]);
    }

    #[test]
    fn words_lose_case_and_marks_and_common_ones_are_left_out() {
        check_terms("How is the Money counted?", &["money", "count"]);
        check_terms("It doesn't. The user's.", &["doesnt", "doesn", "users", "user"]);
        check_terms("Größe, naïve", &["größe", "naïv"]);
        check_terms("... -- '' ", &[]);
    }

    #[test]
    fn identifiers_are_told_from_words() {
        for (text, share) in [
            ("timestamp_opt", 1.0),
            ("`BufWriter::into_inner`", 1.0),
            ("E0308 ERR-42 utf8 src/lib.rs ENOENT", 1.0),
            ("Does JSON over HTTP", 0.0),
            ("what does timestamp_opt return?", 0.5),
            ("How is the money counted?", 0.0),
            ("end-to-end latency of a user's request. Why?", 0.0),
            ("how is it", 0.0),
            ("", 0.0),
        ] {
            assert_eq!(identifier_share(text), share, "{text}");
        }
    }

    #[test]
    fn stop_words_can_be_searched() {
        assert!(STOP_WORDS.is_sorted());
    }
}
