//! From bytes to text.

use std::borrow::Cow;

/// The text that some bytes hold, whatever they are.
///
/// A byte order mark decides between UTF-8 and UTF-16 and is left out; without one the bytes are
/// read as UTF-8. What cannot be decoded becomes U+FFFD, one for each maximal part of an invalid
/// sequence (Unicode 16, section 3.9, as in the WHATWG decoders).
#[derive(Clone, Debug)]
pub struct Text<'b> {
    text: Cow<'b, str>,
    replaced: u64,
}

impl<'b> Text<'b> {
    /// Decodes `bytes`; valid UTF-8 is borrowed.
    pub fn decode(bytes: &'b [u8]) -> Self {
        match bytes {
            [0xEF, 0xBB, 0xBF, rest @ ..] => Self::of_utf8(rest),
            [0xFF, 0xFE, rest @ ..] => Self::of_utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => Self::of_utf16(rest, u16::from_be_bytes),
            rest => Self::of_utf8(rest),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many U+FFFD stand for something that could not be decoded; those that were written as
    /// such do not count.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    fn of_utf8(bytes: &'b [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: Cow::Borrowed(text), replaced: 0 };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut replaced = 0;
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
        }
        Self { text: Cow::Owned(text), replaced }
    }

    fn of_utf16(bytes: &'b [u8], unit: fn([u8; 2]) -> u16) -> Self {
        let (pairs, odd) = bytes.as_chunks::<2>();
        let mut text = String::with_capacity(bytes.len());
        let mut replaced = 0;
        for unit in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            replaced += u64::from(unit.is_err());
            text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !odd.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
        Self { text: Cow::Owned(text), replaced }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[track_caller]
    fn check(bytes: &[u8], text: &str, replaced: u64) {
        let decoded = Text::decode(bytes);
        assert_eq!((decoded.as_str(), decoded.replaced()), (text, replaced));
    }

    #[test]
    fn decodes_what_the_mark_says() {
        check("grün".as_bytes(), "grün", 0);
        check(b"\xEF\xBB\xBFa", "a", 0);
        check(b"\xFF\xFEa\0=\xD8\0\xDE", "a\u{1F600}", 0);
        check(b"\xFE\xFF\0a\xD8=\xDE\0", "a\u{1F600}", 0);
        check(b"", "", 0);
    }

    #[test]
    fn counts_what_it_replaces() {
        // The example of Unicode 16, table 3-11.
        check(b"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A", 4);
        check("\u{FFFD}".as_bytes(), "\u{FFFD}", 0);
        check(b"\xFF\xFE=\xD8a\0b", "\u{FFFD}a\u{FFFD}", 2);
    }

    #[test]
    fn agrees_with_the_standard_library() {
        proptest::proptest!(|(bytes in proptest::collection::vec(0_u8.., 0..60))| {
            if !matches!(bytes.as_slice(), [0xEF, 0xBB, 0xBF, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
                let decoded = Text::decode(&bytes);
                assert_eq!(decoded.as_str(), String::from_utf8_lossy(&bytes));
            }
        });
    }
}
