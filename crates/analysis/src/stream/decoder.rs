//! From bytes to text, piece by piece.

/// Decodes UTF-8 and, after its byte order mark, UTF-16; what is no text becomes U+FFFD just as if
/// all had been decoded at once. A byte order mark at the start is no text.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// The start of what can only be told with the bytes that follow: at most four.
    carried: Vec<u8>,
    replaced: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// Too little was read to see a byte order mark.
    Unknown,
    Utf8,
    Utf16 {
        is_big_endian: bool,
    },
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { encoding: Encoding::Unknown, carried: Vec::new(), replaced: 0 }
    }

    /// How many byte sequences were no text.
    pub(super) fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Decodes what is complete.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        if self.carried.is_empty() && self.encoding == Encoding::Utf8 {
            // The usual case needs no copy.
            let used = self.decode_utf8(bytes, text);
            self.carried.extend_from_slice(bytes.get(used..).unwrap_or_default());
            return;
        }
        let mut all = std::mem::take(&mut self.carried);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        if self.encoding == Encoding::Unknown {
            let Some((encoding, mark)) = recognised(rest, false) else {
                self.carried = all;
                return;
            };
            self.encoding = encoding;
            rest = rest.get(mark..).unwrap_or_default();
        }
        let used = self.decode(rest, text);
        self.carried = rest.get(used..).unwrap_or_default().to_vec();
    }

    /// Decodes what is left, complete or not.
    pub(super) fn finish(&mut self, text: &mut String) {
        let mut all = std::mem::take(&mut self.carried);
        if self.encoding == Encoding::Unknown
            && let Some((encoding, mark)) = recognised(&all, true)
        {
            self.encoding = encoding;
            all.drain(..mark);
        }
        let used = self.decode(&all, text);
        if used < all.len() {
            self.replace(text);
            // A high surrogate and half a unit are two faults.
            if matches!(self.encoding, Encoding::Utf16 { .. }) && all.len() - used == 3 {
                self.replace(text);
            }
        }
    }

    /// Decodes all but what the bytes that follow may complete, and tells how much that was.
    fn decode(&mut self, bytes: &[u8], text: &mut String) -> usize {
        match self.encoding {
            Encoding::Unknown | Encoding::Utf8 => self.decode_utf8(bytes, text),
            Encoding::Utf16 { is_big_endian } => self.decode_utf16(bytes, is_big_endian, text),
        }
    }

    fn decode_utf8(&mut self, bytes: &[u8], text: &mut String) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let fault = match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return bytes.len();
                }
                Err(fault) => fault,
            };
            let valid = rest.get(..fault.valid_up_to()).unwrap_or_default();
            text.push_str(std::str::from_utf8(valid).unwrap_or_default());
            at += valid.len();
            let Some(length) = fault.error_len() else { return at };
            self.replace(text);
            at += length;
        }
        at
    }

    fn decode_utf16(&mut self, bytes: &[u8], is_big_endian: bool, text: &mut String) -> usize {
        let (pairs, _) = bytes.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| {
            if is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
        };
        let is_high = |pair: &[u8; 2]| (0xD800..0xDC00).contains(&unit(pair));
        let complete = match pairs.split_last() {
            // Its other half may follow.
            Some((last, before)) if is_high(last) => before,
            _ => pairs,
        };
        for decoded in char::decode_utf16(complete.iter().map(unit)) {
            match decoded {
                Ok(character) => text.push(character),
                Err(_) => self.replace(text),
            }
        }
        complete.len() * 2
    }

    fn replace(&mut self, text: &mut String) {
        self.replaced += 1;
        text.push(char::REPLACEMENT_CHARACTER);
    }
}

/// What the first bytes say, and how long the byte order mark is; none while more are needed.
fn recognised(bytes: &[u8], is_all: bool) -> Option<(Encoding, usize)> {
    const UTF8: &[u8] = &[0xEF, 0xBB, 0xBF];
    match bytes {
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16 { is_big_endian: true }, 2)),
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16 { is_big_endian: false }, 2)),
        [0xEF, 0xBB, 0xBF, ..] => Some((Encoding::Utf8, 3)),
        [] | [0xFE] | [0xFF] if !is_all => None,
        start if !is_all && UTF8.starts_with(start) => None,
        _ => Some((Encoding::Utf8, 0)),
    }
}
