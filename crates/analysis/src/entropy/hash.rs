//! Mixing of 64-bit keys.

use std::hash::BuildHasher;
use std::sync::LazyLock;

/// The same on every machine and in every run: what is derived from it shows in results.
const FIXED: u64 = 0x9E37_79B9_7F4A_7C15;
const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

/// Differs from run to run, so that nobody can write a text whose words all fall into one slot.
/// Where a kind lies in a table never shows in results.
static SEED: LazyLock<u64> = LazyLock::new(|| std::hash::RandomState::new().hash_one(FIXED) | 1);

/// The seed of this process for the tables.
pub(crate) fn seed() -> u64 {
    *SEED
}

/// Both halves of the 128-bit product, folded.
pub(crate) fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    low(product) ^ low(product >> 64)
}

/// The low half.
pub(super) fn low(value: u128) -> u64 {
    let bytes = value.to_le_bytes();
    bytes.first_chunk().map_or(0, |half| u64::from_le_bytes(*half))
}

/// A permutation of 64-bit numbers that spreads every bit (Stafford's variant 13 of the finaliser
/// of MurmurHash 3).
pub(crate) fn spread(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    key ^ (key >> 31)
}

/// The hash of bytes, the same on every machine and in every run.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut state = FIXED ^ u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    for chunk in chunks {
        state = fold(state ^ u64::from_le_bytes(*chunk), FACTOR).wrapping_add(FIXED);
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    spread(fold(state ^ u64::from_le_bytes(last), FACTOR))
}

/// The hash of two hashes in this order.
pub(crate) fn pair(first: u64, second: u64) -> u64 {
    spread(first.rotate_left(23).wrapping_mul(FACTOR) ^ second)
}
