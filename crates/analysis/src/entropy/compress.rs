//! How far text can be compressed.

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

/// Texts are compressed in blocks of this size, so that the memory is bounded. One byte less than
/// 64 KiB would do for a table of 16-bit entries; this is well below.
const BLOCK: usize = 32 << 10;

/// Compressed size / size, with LZ4 blocks of 32 KiB that do not look at each other; 0 for nothing.
/// Short texts and noise can come out above 1.
pub(super) fn ratio(bytes: &[u8]) -> f64 {
    if bytes.is_empty() {
        return 0.0;
    }
    let mut table = CompressTable::small();
    let mut output = vec![0; get_maximum_output_size(std::cmp::min(bytes.len(), BLOCK))];
    let compressed = bytes.chunks(BLOCK).map(|block| {
        // The output always fits, so the block's own size stands for what cannot happen.
        compress_into_with_table(block, &mut output, &mut table).unwrap_or(block.len())
    });
    compressed.sum::<usize>() as f64 / bytes.len() as f64
}
