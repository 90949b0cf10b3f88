//! What the guards look at in a text.

use super::lexicon;
use super::quantities::{self, Quantity};
use crate::terms;

/// A word of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) lower: String,
    pub(super) stem: String,
    /// Whether it is spelled like the name of something in code.
    pub(super) is_identifier: bool,
    /// Whether it is spelled like a name, inside a sentence.
    pub(super) is_name: bool,
    /// Whether it counts as content.
    pub(super) is_content: bool,
    pub(super) follows_comma: bool,
}

/// A text as the guards see it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) tokens: Vec<Token>,
    pub(super) quantities: Vec<Quantity>,
}

/// Words that say how, not what.
const FUNCTION_WORDS: [&str; 44] = [
    "again", "already", "away", "behind", "being", "between", "during", "either", "else", "ever",
    "get", "gets", "got", "here", "him", "itself", "just", "let", "lets", "like", "more", "much",
    "must", "near", "neither", "now", "once", "one", "only", "other", "out", "over", "own", "per",
    "since", "still", "through", "too", "under", "up", "via", "while", "within", "yet",
];

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut is_start = true;
        let mut follows_comma = false;
        for raw in text.split_whitespace() {
            let is_code = raw.contains('`');
            let bare = raw.trim_matches(|letter: char| {
                !letter.is_alphanumeric() && !matches!(letter, '-' | '/' | '%' | '_')
            });
            let bare = bare.trim_end_matches(['-', '/']);
            for word in expand(bare) {
                if !word.is_empty() {
                    tokens.push(token(word, is_start, is_code, follows_comma));
                    is_start = false;
                    follows_comma = false;
                }
            }
            is_start |= raw.ends_with(['.', '!', '?', ':', ';']);
            follows_comma = raw.ends_with([',', ';', '(']);
        }
        let quantities = quantities::quantities(&tokens);
        Self { tokens, quantities }
    }

    /// Stems of the words that say what it is about, each once.
    pub(super) fn content(&self) -> Vec<&str> {
        let mut content: Vec<&str> = self
            .tokens
            .iter()
            .filter(|token| token.is_content)
            .map(|token| token.stem.as_str())
            .collect();
        content.sort_unstable();
        content.dedup();
        content
    }

    /// Whether it holds the word in any form, or an identifier of which it is part.
    pub(super) fn mentions(&self, token: &Token) -> bool {
        let whole = plain(&token.lower);
        let is_it =
            |own: &Token| lexicon::are_alike(&own.stem, &token.stem) || plain(&own.lower) == whole;
        self.tokens.iter().any(is_it) || self.spells(&token.lower)
    }

    /// Whether neighbouring words begin with the letters of an abbreviation.
    fn spells(&self, abbreviation: &str) -> bool {
        let length = abbreviation.chars().count();
        (2..=4).contains(&length)
            && self.tokens.windows(length).any(|words| {
                let initials = words.iter().filter_map(|word| word.lower.chars().next());
                initials.eq(abbreviation.chars())
            })
    }
}

/// An identifier without what joins its parts.
fn plain(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// "doesn't" as "does" and "not"; everything else as it is.
fn expand(word: &str) -> Vec<&str> {
    for ending in ["n't", "n’t"] {
        if let Some(verb) = word.strip_suffix(ending) {
            return if verb.eq_ignore_ascii_case("ca") {
                vec!["can", "not"]
            } else {
                vec![verb, "not"]
            };
        }
    }
    if word.eq_ignore_ascii_case("cannot") {
        return vec!["can", "not"];
    }
    if let Some((first, rest)) = word.split_once('-')
        && quantities::is_quantity(&first.to_lowercase())
    {
        return vec![first, rest];
    }
    let possessive = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s"));
    vec![possessive.unwrap_or(word)]
}

fn token(word: &str, is_start: bool, is_code: bool, follows_comma: bool) -> Token {
    let lower = word.to_lowercase();
    let is_known_name = lexicon::is_known_name(&lower);
    let is_identifier = !is_known_name && (is_code || is_spelled_as_code(word));
    let is_capital = word.chars().next().is_some_and(char::is_uppercase);
    let is_content = is_identifier
        || !(terms::is_stop_word(&lower)
            || FUNCTION_WORDS.binary_search(&lower.as_str()).is_ok()
            || super::polarity::is_negation(&lower)
            || quantities::is_quantity(&lower));
    Token {
        stem: if is_identifier { lower.clone() } else { lexicon::stem(&lower.replace('-', "")) },
        is_identifier,
        is_name: is_known_name || (is_capital && !is_start && lower.len() > 1),
        is_content,
        follows_comma,
        lower,
    }
}

/// Joined parts, letters with digits, or capitals inside of a word; not hyphenated words.
fn is_spelled_as_code(word: &str) -> bool {
    let has = |kind: fn(char) -> bool| word.chars().any(kind);
    let is_joined = word.contains(['_', '/', '=']) || word.contains("::") || word.starts_with("--");
    let is_dotted =
        word.split('.').filter(|part| part.len() > 1).count() > 1 && has(char::is_alphabetic);
    let is_hump =
        word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let is_mixed = has(|letter| letter.is_ascii_digit())
        && word.chars().next().is_some_and(char::is_alphabetic);
    is_joined || is_dotted || is_hump || is_mixed
}
