//! Keeps a provider's key out of what the provider says.

use memchr::memmem::Finder;
use secrecy::{ExposeSecret, SecretString};

/// Shorter keys than this are no secrets and would be found in ordinary text.
const KEY_BYTES_MIN: usize = 8;
const MARK: &str = "[redacted]";

/// Finds one key in text.
pub(crate) struct Redactor(Option<Finder<'static>>);

impl Redactor {
    pub(crate) fn new(key: Option<&SecretString>) -> Self {
        let key = key.map(|key| key.expose_secret().as_bytes());
        let secret = key.filter(|key| key.len() >= KEY_BYTES_MIN);
        Self(secret.map(|key| Finder::new(key).into_owned()))
    }

    /// Whether the key is in there.
    pub(crate) fn is_leaked(&self, bytes: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|finder| finder.find(bytes).is_some())
    }

    /// The text without the key.
    pub(crate) fn clean(&self, text: String) -> String {
        let key = self.0.as_ref().and_then(|finder| std::str::from_utf8(finder.needle()).ok());
        match key {
            Some(key) if text.contains(key) => text.replace(key, MARK),
            Some(_) | None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_and_taken_out_wherever_it_stands() {
        let redactor = Redactor::new(Some(&"sk-canary-1".into()));
        assert!(redactor.is_leaked(b"Bearer sk-canary-1."));
        assert!(!redactor.is_leaked(b"Bearer sk-canary-2."));
        let text = "sk-canary-1 and sk-canary-1".to_owned();
        assert_eq!(redactor.clean(text), "[redacted] and [redacted]");
    }

    #[test]
    fn no_key_and_a_trivial_key_change_nothing() {
        for key in [None, Some(&SecretString::from("x"))] {
            let redactor = Redactor::new(key);
            assert!(!redactor.is_leaked(b"extra"));
            assert_eq!(redactor.clean("extra".to_owned()), "extra");
        }
    }
}
