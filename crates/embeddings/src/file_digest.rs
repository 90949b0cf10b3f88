//! The content of a file, in 32 bytes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The SHA-256 of a file, which is what packages and hubs publish.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileDigest([u8; 32]);

impl FileDigest {
    /// From the 32 bytes of the hash.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From 64 hexadecimal digits; `None` where one is not.
    pub const fn from_hex(hex: &[u8; 64]) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut at = 0;
        while at < bytes.len() {
            let (Some(high), Some(low)) = (digit(hex[2 * at]), digit(hex[2 * at + 1])) else {
                return None;
            };
            bytes[at] = high << 4 | low;
            at += 1;
        }
        Some(Self(bytes))
    }

    /// One that is written in the source: a wrong one does not compile.
    #[expect(clippy::panic, reason = "only ever evaluated by the compiler")]
    pub(crate) const fn pinned(hex: &[u8; 64]) -> Self {
        match Self::from_hex(hex) {
            Some(digest) => digest,
            None => panic!("64 hexadecimal digits"),
        }
    }
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FileDigest({self})")
    }
}

impl Serialize for FileDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = <&[u8; 64]>::try_from(text.as_bytes()).ok();
        digits
            .and_then(Self::from_hex)
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&text), &"64 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_and_written() {
        let hex = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
        let digest: FileDigest = serde_json::from_str(&format!("\"{hex}\"")).unwrap();
        assert_eq!(digest.to_string(), hex);
        let upper = hex.to_uppercase();
        assert_eq!(FileDigest::from_hex(upper.as_bytes().try_into().unwrap()), Some(digest));
        for wrong in ["\"53aa\"", &format!("\"{}\"", hex.replace('5', "g"))] {
            assert!(serde_json::from_str::<FileDigest>(wrong).is_err(), "{wrong}");
        }
    }
}
