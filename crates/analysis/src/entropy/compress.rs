//! How far text can be compressed.

use lz4_flex::block::compress;

/// Texts are compressed in blocks of this size, so that the memory is bounded.
const BLOCK: usize = 32 << 10;

/// Compressed size / size, with LZ4 blocks of 32 KiB that do not look at each other; 0 for nothing.
/// Short texts and noise can come out above 1.
pub(super) fn ratio(bytes: &[u8]) -> f64 {
    if bytes.is_empty() {
        return 0.0;
    }
    let compressed: usize = bytes.chunks(BLOCK).map(|block| compress(block).len()).sum();
    compressed as f64 / bytes.len() as f64
}
