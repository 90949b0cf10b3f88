//! Where words end.

/// Whether a word can start at `at`: what is before is no part of a word.
pub(crate) fn is_word_start(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    match at.checked_sub(1).and_then(|before| bytes.get(before)) {
        None => true,
        Some(byte) if byte.is_ascii() => !joins(*byte),
        Some(_) => {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(char::is_alphanumeric)
        }
    }
}

/// Whether a word can end at `at`: what follows is no part of a word.
pub(crate) fn is_word_end(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        None => true,
        Some(b'-') => !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        Some(byte) if byte.is_ascii() => !joins(*byte),
        Some(_) => {
            let after = text.get(at..).and_then(|after| after.chars().next());
            !after.is_some_and(char::is_alphanumeric)
        }
    }
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
