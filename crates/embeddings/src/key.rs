//! The name of a vector.

use std::fmt;

/// The hash of a text and of the space that its vector lies in.
///
/// BLAKE3, in its key derivation mode with the context `forebay embedding key, form 1`, over the
/// length of the space's name in bytes (`u64`, little-endian), the name, and the text as it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmbeddingKey([u8; 32]);

impl EmbeddingKey {
    pub(crate) fn new(space: &str, text: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("forebay embedding key, form 1");
        hasher.update(&(space.len() as u64).to_le_bytes());
        hasher.update(space.as_bytes());
        hasher.update(text.as_bytes());
        Self(hasher.finalize().into())
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for EmbeddingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for EmbeddingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EmbeddingKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use types::ModelId;

    use crate::{EmbeddingSpace, Precision};

    #[test]
    fn whatever_changes_a_vector_changes_its_key() {
        let mut keys = BTreeSet::new();
        for model in ["a", "b", "a/int8/mean"] {
            let model = ModelId::new(model).unwrap();
            for precision in Precision::ALL {
                for tokens_max in [128, 256] {
                    let space = EmbeddingSpace::new(&model, precision, tokens_max);
                    for text in ["", "a", "A", "a "] {
                        assert!(keys.insert(space.key(text)), "{space} {text:?}");
                        assert_eq!(space.key(text), space.key(text));
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_stays_the_same_between_versions() {
        let model = ModelId::new("all-MiniLM-L6-v2").unwrap();
        let space = EmbeddingSpace::new(&model, Precision::Int8, 256);
        assert_eq!(space.to_string(), "all-MiniLM-L6-v2/int8/mean/256/1");
        let key = "3c8f0ecfa0941af97cbf99b2e6ae1f94e9feb5dac8746c5a244f94abd8ca1e0a";
        assert_eq!(space.key("hello").to_string(), key);
    }
}
