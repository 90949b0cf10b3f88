//! What is random in an output, made the same.

use crate::place::Place;

/// Replaces what differs between two places and two moments.
pub(super) struct Normal {
    home: String,
    /// Ids of keys by whose they are.
    ids: Vec<(String, String)>,
}

impl Normal {
    pub(super) fn of(place: &Place) -> Self {
        Self { home: place.home("").to_str().unwrap().to_owned(), ids: Vec::new() }
    }

    /// Remembers the id of the key that `created` shows.
    pub(super) fn learn(&mut self, developer: &str, created: &str) {
        let (_, key) = created.split_once("fb_").unwrap();
        let (id, _) = key.split_once('_').unwrap();
        self.ids.push((format!("{{{developer}}}"), id.to_owned()));
    }

    /// The command with the ids that it leaves open.
    pub(super) fn filled(&self, command: &str) -> String {
        self.ids.iter().fold(command.to_owned(), |command, (name, id)| command.replace(name, id))
    }

    /// `text` without what is random: paths, secrets, ids, times.
    pub(super) fn text(&self, text: &str) -> String {
        let text = text.replace(&self.home, "{home}/");
        let text = self.ids.iter().fold(text, |text, (name, id)| text.replace(id, name));
        let mut normal = String::new();
        let mut word = String::new();
        for letter in text.chars().chain(['\n']) {
            if letter.is_ascii_alphanumeric() {
                word.push(letter);
                continue;
            }
            normal.push_str(kind_of(&word));
            word.clear();
            normal.push(letter);
        }
        normal
    }
}

/// The word, or what is said in place of one that is random.
fn kind_of(word: &str) -> &str {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let base32 = word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    match word.len() {
        // Milliseconds since 1970.
        13 if digits => "{time}",
        // Part of a date or a time; amounts are compared as JSON, where they are one number.
        2 if digits => "00",
        16 if base32 => "{id}",
        52 if base32 => "{secret}",
        _ => word,
    }
}
