//! Names for what is too long to be one.

/// The first `digits` hexadecimal digits of the BLAKE3 sum of a text: the same in every process and
/// version, so that what is named by it keeps its name over the turns of a conversation.
pub(crate) fn digest(text: &str, digits: usize) -> String {
    let sum = blake3::hash(text.as_bytes()).to_hex();
    sum.chars().take(digits).collect()
}
