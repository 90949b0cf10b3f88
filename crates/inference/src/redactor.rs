//! Keeps a provider's key out of what the provider says.

use std::collections::BTreeSet;

use memchr::memmem::{self, Finder};
use secrecy::{ExposeSecret, SecretString};

/// Shorter keys than this are no secrets and would be found in ordinary text.
const KEY_BYTES_MIN: usize = 12;
/// So much of a key's beginning is no secret: all keys of a provider begin alike.
const HEAD_BYTES: usize = 4;
const MARK: &str = "[redacted]";

/// Finds one key in text.
pub(crate) struct Redactor {
    key: Option<SecretString>,
    tail: Finder<'static>,
}

impl Redactor {
    pub(crate) fn new(key: Option<&SecretString>) -> Self {
        let secret = key.filter(|key| key.expose_secret().len() >= KEY_BYTES_MIN).cloned();
        let bytes = secret.as_ref().map_or(&[][..], |key| key.expose_secret().as_bytes());
        let tail = Finder::new(bytes.get(HEAD_BYTES..).unwrap_or_default()).into_owned();
        Self { key: secret, tail }
    }

    /// Whether the key is in there.
    pub(crate) fn is_leaked(&self, bytes: &[u8]) -> bool {
        self.key.is_some() && self.tail.find(bytes).is_some()
    }

    /// The text without the key.
    pub(crate) fn clean(&self, text: String) -> String {
        match self.key.as_ref().map(ExposeSecret::expose_secret) {
            Some(key) if text.contains(key) => text.replace(key, MARK),
            Some(_) | None => text,
        }
    }
}

/// Finds the key in a stream, also where each event holds a part of it.
#[derive(Default)]
pub(crate) struct StreamWatch {
    /// How much of the key's beginning strings have ended with.
    begun: BTreeSet<usize>,
}

impl StreamWatch {
    /// Whether the key is in these frames, or is completed by them.
    pub(crate) fn is_leaked(&mut self, redactor: &Redactor, frames: &[u8]) -> bool {
        let Some(key) = &redactor.key else { return false };
        let key = key.expose_secret().as_bytes();
        let head = key.get(..HEAD_BYTES).unwrap_or_default();
        if self.begun.is_empty() && memmem::find(frames, head).is_none() {
            return redactor.is_leaked(frames);
        }
        redactor.is_leaked(frames)
            || frames.split(|byte| *byte == b'"').any(|string| self.completes(key, string))
    }

    /// Takes one string of a frame: what stands between two quotation marks.
    fn completes(&mut self, key: &[u8], string: &[u8]) -> bool {
        let rests: Vec<(usize, &[u8])> =
            self.begun.iter().filter_map(|length| Some((*length, key.get(*length..)?))).collect();
        for (length, rest) in rests {
            if string.starts_with(rest) {
                return true;
            }
            if !string.is_empty() && rest.starts_with(string) {
                self.begun.insert(length + string.len());
            }
        }
        let prefixes = (HEAD_BYTES..key.len()).filter(|length| string.ends_with(&key[..*length]));
        self.begun.extend(prefixes);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-canary-0123";

    fn redactor() -> Redactor {
        Redactor::new(Some(&KEY.into()))
    }

    #[test]
    fn a_key_is_found_and_taken_out_wherever_it_stands() {
        assert!(redactor().is_leaked(b"Bearer sk-canary-0123."));
        assert!(!redactor().is_leaked(b"Bearer sk-canary-0124."));
        let text = "sk-canary-0123 and sk-canary-0123".to_owned();
        assert_eq!(redactor().clean(text), "[redacted] and [redacted]");
    }

    #[test]
    fn no_key_and_a_trivial_key_change_nothing() {
        for key in [None, Some(&SecretString::from("x"))] {
            let redactor = Redactor::new(key);
            assert!(!redactor.is_leaked(b"extra"));
            assert!(!StreamWatch::default().is_leaked(&redactor, b"extra"));
            assert_eq!(redactor.clean("extra".to_owned()), "extra");
        }
    }

    fn frame(text: &str) -> String {
        format!("data: {{\"id\":\"c-1\",\"delta\":{{\"content\":\"{text}\"}}}}\n\n")
    }

    #[track_caller]
    fn check_stream(texts: &[&str], leaked: bool) {
        let mut watch = StreamWatch::default();
        let seen = texts.iter().any(|text| watch.is_leaked(&redactor(), frame(text).as_bytes()));
        assert_eq!(seen, leaked, "{texts:?}");
    }

    #[test]
    fn a_key_in_parts_is_found_wherever_it_is_cut() {
        for first in 0..=KEY.len() {
            for second in first..=KEY.len() {
                let (head, rest) = KEY.split_at(first);
                let (middle, tail) = rest.split_at(second - first);
                let (head, tail) = (format!("key {head}"), format!("{tail}."));
                // Cuts inside the first four bytes are found by the rest of the key as a whole.
                if first >= HEAD_BYTES || second - first == 0 || first == 0 && second >= HEAD_BYTES
                {
                    check_stream(&[&head, middle, &tail], true);
                }
            }
        }
    }

    #[test]
    fn ordinary_text_is_not_found() {
        check_stream(&["use sk-", "can", "dles", "ary-0123"], false);
        check_stream(&["sk-c", "ask-canary-012", "4"], false);
        check_stream(&["sk-canary-", "", "9123"], false);
    }
}
