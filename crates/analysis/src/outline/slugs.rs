//! Anchors of headings.

use rustc_hash::FxHashMap;

/// Makes the anchors of one document's headings as GitHub does: lower case, without punctuation,
/// spaces as hyphens, `-1`, `-2` … behind one that was there before. Source: the package
/// `github-slugger`, which describes what GitHub does.
#[derive(Debug, Default)]
pub(crate) struct Slugs {
    /// For each anchor given, the last number that was tried behind it.
    taken: FxHashMap<String, usize>,
}

impl Slugs {
    /// The anchor of the next heading.
    pub(crate) fn anchor(&mut self, heading: &str) -> String {
        let original = slug(heading);
        let mut anchor = original;
        if let Some(number) = self.taken.get(&anchor).copied() {
            anchor = self.numbered(anchor, number);
        }
        self.taken.insert(anchor.clone(), 0);
        anchor
    }

    /// The number goes on where it ended, so that a million equal headings take linear time.
    fn numbered(&mut self, original: String, mut number: usize) -> String {
        loop {
            number += 1;
            let anchor = format!("{original}-{number}");
            if !self.taken.contains_key(&anchor) {
                self.taken.insert(original, number);
                return anchor;
            }
        }
    }
}

fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for character in heading.trim().chars() {
        if character == ' ' {
            slug.push('-');
        } else if character.is_ascii() {
            if character.is_ascii_alphanumeric() || matches!(character, '-' | '_') {
                slug.push(character.to_ascii_lowercase());
            }
        } else if character.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(character)
        {
            slug.extend(character.to_lowercase());
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::Slugs;

    #[test]
    fn makes_the_anchors_of_github() {
        // What the test fixtures of `github-slugger` say.
        let mut slugs = Slugs::default();
        let cases = [
            ("foo", "foo"),
            ("foo", "foo-1"),
            ("foo 1", "foo-1-1"),
            ("foo-1", "foo-1-2"),
            ("foo", "foo-2"),
            ("Some: things. (here) `code`", "some-things-here-code"),
            ("I ♥ unicode", "i--unicode"),
            ("Привет", "привет"),
            ("a_b - c", "a_b---c"),
        ];
        for (heading, anchor) in cases {
            assert_eq!(slugs.anchor(heading), anchor);
        }
    }
}
