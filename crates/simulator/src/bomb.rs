//! A small gzip document that unpacks to a large one.

use bytes::Bytes;

/// The unpacked length in bytes: all spaces, which JSON allows around a value.
const LENGTH: u32 = 16 << 20;
/// The CRC-32 of so many spaces.
const CRC_32: u32 = 0x5858_963a;
/// The longest run that one back reference stands for.
const RUN: u32 = 258;
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// 16 MiB of spaces as gzip (RFC 1952) of about 100 kB: one deflate block of fixed codes (RFC
/// 1951, 3.2.6), a space and then runs at distance 1, 13 bits for each 258 bytes.
pub(crate) fn gzip() -> Bytes {
    let mut bits = Bits { bytes: GZIP_HEAD.to_vec(), unused: 0 };
    bits.push("110");
    bits.push("01010000");
    for _ in 0..(LENGTH - 1) / RUN {
        bits.push("1100010100000");
    }
    for _ in 0..(LENGTH - 1) % RUN {
        bits.push("01010000");
    }
    bits.push("0000000");
    let mut bytes = bits.bytes;
    bytes.extend_from_slice(&CRC_32.to_le_bytes());
    bytes.extend_from_slice(&LENGTH.to_le_bytes());
    bytes.into()
}

/// Fills bytes from their lowest bit.
struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are free.
    unused: u8,
}

impl Bits {
    fn push(&mut self, bits: &str) {
        for bit in bits.bytes() {
            if self.unused == 0 {
                self.bytes.push(0);
                self.unused = 8;
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= (bit & 1) << (8 - self.unused);
            }
            self.unused -= 1;
        }
    }
}
