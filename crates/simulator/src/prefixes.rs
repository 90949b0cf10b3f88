//! Beginnings of conversations that a provider has cached.

use std::num::NonZeroUsize;

use lru::LruCache;
use serde_json::{Map, Value};

use crate::prompt::Prompt;

/// Beginnings that are kept; of more, the one that was not met for longest is dropped.
const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// What is read before the conversation, in the words of all protocols.
const LEADS: [&str; 4] = ["instructions", "system", "systemInstruction", "tools"];
/// The conversation.
const CONVERSATIONS: [&str; 3] = ["messages", "input", "contents"];

/// Beginnings of conversations that were read before. One ends behind what leads, or behind a
/// message; a provider's own blocks of tokens are not modelled.
#[derive(Debug)]
pub(crate) struct Prefixes {
    seen: LruCache<u64, ()>,
}

impl Prefixes {
    pub(crate) fn new() -> Self {
        Self { seen: LruCache::new(KEPT_MAX) }
    }

    /// How many tokens at the beginning of a request were read before. All of it is from now on.
    pub(crate) fn read(&mut self, fields: &Map<String, Value>) -> u64 {
        let leads = Prompt::of(["model"].iter().chain(&LEADS).filter_map(|name| fields.get(*name)));
        let messages = CONVERSATIONS.iter().find_map(|name| fields.get(*name));
        let messages = messages.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let parts = messages.iter().map(|message| Prompt::of([message]));
        let (mut read, mut cached) = (Prompt::of([]), 0);
        let mut is_known = true;
        for part in std::iter::once(leads).chain(parts) {
            read = read.followed_by(part);
            is_known = self.seen.put(read.hash, ()).is_some() && is_known;
            if is_known {
                cached = read.tokens();
            }
        }
        cached
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(prefixes: &mut Prefixes, system: &str, messages: &[&str]) -> u64 {
        let messages: Vec<Value> =
            messages.iter().map(|text| json!({"role": "user", "content": text})).collect();
        let body = json!({"model": "", "system": system, "messages": messages});
        prefixes.read(body.as_object().unwrap())
    }

    #[test]
    fn a_beginning_is_cached_once_it_was_read() {
        let mut prefixes = Prefixes::new();
        assert_eq!(read(&mut prefixes, "12345678", &["abcd"]), 0);
        assert_eq!(read(&mut prefixes, "12345678", &["abcd"]), 3);
        assert_eq!(read(&mut prefixes, "12345678", &["abcd", "efgh", "ijkl"]), 3);
        assert_eq!(read(&mut prefixes, "12345678", &["abcd", "efgh", "mnop"]), 4);
    }

    #[test]
    fn what_only_comes_later_is_no_beginning() {
        let mut prefixes = Prefixes::new();
        read(&mut prefixes, "12345678", &["abcd", "efgh"]);
        assert_eq!(read(&mut prefixes, "12345678", &["efgh", "abcd"]), 2);
        assert_eq!(read(&mut prefixes, "1234567x", &["abcd", "efgh"]), 0);
    }
}
