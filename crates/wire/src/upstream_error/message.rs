//! A provider's words, made fit to repeat.

const MAX_CHARS: usize = 500;

/// How the keys of providers begin.
const KEY_PREFIXES: [&str; 4] = ["sk-", "sk_", "gsk_", "AIza"];

/// One line of at most 500 characters; what looks like a key is left out, because some providers
/// repeat the key that they refuse.
pub(super) fn tidied(message: &str) -> String {
    let line: String =
        message.chars().take(MAX_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut tidy = String::with_capacity(line.len());
    for part in line.split_inclusive(|c: char| !is_key_char(c)) {
        let word = part.trim_end_matches(|c: char| !is_key_char(c));
        let is_key = KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
        tidy.push_str(if is_key { "[key]" } else { word });
        tidy.push_str(&part[word.len()..]);
    }
    tidy
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*')
}
