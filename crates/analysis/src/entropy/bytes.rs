//! Counts of bytes.

/// How often each byte came.
#[derive(Clone, Debug)]
pub(crate) struct ByteCounts {
    counts: Box<[u64; 256]>,
}

impl ByteCounts {
    pub(crate) fn new() -> Self {
        Self { counts: Box::new([0; 256]) }
    }

    /// Counts `bytes`.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        // A piece is short enough for 32-bit counts.
        for piece in bytes.chunks(1 << 24) {
            self.push_piece(piece);
        }
    }

    /// Four tables, because the same byte twice in a row would have to wait for its own count.
    fn push_piece(&mut self, bytes: &[u8]) {
        let mut tables = [[0_u32; 256]; 4];
        let (quads, rest) = bytes.as_chunks::<4>();
        let [first, second, third, fourth] = &mut tables;
        for [a, b, c, d] in quads {
            first[usize::from(*a)] += 1;
            second[usize::from(*b)] += 1;
            third[usize::from(*c)] += 1;
            fourth[usize::from(*d)] += 1;
        }
        for byte in rest {
            first[usize::from(*byte)] += 1;
        }
        for (index, total) in self.counts.iter_mut().enumerate() {
            *total += tables.iter().map(|table| u64::from(table[index])).sum::<u64>();
        }
    }

    /// Adds what `other` counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (total, more) in self.counts.iter_mut().zip(other.counts.iter()) {
            *total += more;
        }
    }

    /// The counts by byte.
    pub(crate) fn counts(&self) -> &[u64; 256] {
        &self.counts
    }
}
