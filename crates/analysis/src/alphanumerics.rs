//! Where runs of ASCII letters and digits end.

const BLOCK: usize = 64;

/// Which bytes of a text are ASCII letters and digits: one bit for each, so that the end of a run is
/// found without looking at its bytes one by one.
pub(crate) struct Alphanumerics(Vec<u64>);

impl Alphanumerics {
    pub(crate) fn of(text: &str) -> Self {
        let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
        let mut bits = Vec::with_capacity(blocks.len() + 1);
        bits.extend(blocks.iter().map(bits_of));
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        bits.push(bits_of(&last));
        Self(bits)
    }

    /// About how many runs there are: one that goes on over a border of two blocks counts twice.
    pub(crate) fn runs(&self) -> usize {
        self.0.iter().map(|bits| (bits & !(bits << 1)).count_ones() as usize).sum()
    }

    /// The first byte from `at` on that is no letter or digit, or the end of the text.
    #[inline]
    pub(crate) fn run_end(&self, at: usize) -> usize {
        let (mut block, first) = (at / BLOCK, at % BLOCK);
        let bits = |block: usize| self.0.get(block).copied().unwrap_or_default();
        let mut others = !bits(block) >> first << first;
        while others == 0 {
            block += 1;
            others = !bits(block);
        }
        block * BLOCK + others.trailing_zeros() as usize
    }
}

/// The bit of the first byte is the lowest.
fn bits_of(block: &[u8; BLOCK]) -> u64 {
    let is_either = |byte: &u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        u8::from(letter | (byte.wrapping_sub(b'0') < 10))
    };
    let mut flags = [0; BLOCK];
    flags.iter_mut().zip(block).for_each(|(flag, byte)| *flag = is_either(byte));
    let (eights, _) = flags.as_chunks::<8>();
    // The product moves the lowest bit of each byte to a place of its own in the highest byte.
    let gather =
        |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |bits, eight| bits << 8 | gather(eight))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_end_where_the_first_other_byte_is(
            text in "([0-9A-Za-z]{0,90}[ @`{/:é\u{7f}]?){0,4}", at in 0_usize..400,
        ) {
            let at = std::cmp::min(at, text.len());
            let rest = &text.as_bytes()[at..];
            let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            prop_assert_eq!(Alphanumerics::of(&text).run_end(at), at + length);
        }
    }
}
