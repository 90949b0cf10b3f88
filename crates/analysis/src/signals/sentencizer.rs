//! How many sentences a line has.

/// An approximation of spaCy's sentencizer and of NLTK's Punkt, the tokenizers behind the C4
/// filters: a sentence ends with a run of `.`, `!`, `?` that white space follows, and with the text.
pub(crate) fn count(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut sentences = 0;
    let mut is_open = false;
    for (at, byte) in bytes.iter().enumerate() {
        let is_space = byte.is_ascii_whitespace();
        let is_after_mark = at > 0 && matches!(bytes[at - 1], b'.' | b'!' | b'?');
        if is_space && is_after_mark && is_open {
            sentences += 1;
            is_open = false;
        }
        is_open |= !is_space;
    }
    sentences + usize::from(is_open)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn a_run_of_marks_before_white_space_ends_a_sentence() {
        let cases = [("", 0), ("One.", 1), ("One. Two!", 2), ("Is 3.14 one?! Yes", 2), (" . ", 1)];
        for (line, expected) in cases {
            assert_eq!(count(line), expected, "{line:?}");
        }
    }
}
