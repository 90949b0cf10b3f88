//! The products that a search computes, with what the processor has.

/// Components are packed in groups: byte `j` of a group of upper halves holds component `j` and
/// component `j + 32`.
pub(crate) const GROUP: usize = 64;
const HALF: usize = GROUP / 2;

/// Writes the product of `query` and each of `rows`, the packed upper halves of their codes.
pub(crate) fn products<'a>(
    rows: impl Iterator<Item = &'a [u8]>,
    query: &[i8],
    products: &mut Vec<i32>,
) {
    products.clear();
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        // A loop, not a method of the iterator: what is called from here and not inlined is compiled
        // for any processor, and every instruction becomes a call.
        avx2.vectorize(
            #[inline(always)]
            || {
                for row in rows {
                    products.push(avx2::product(avx2, row, query));
                }
            },
        );
        return;
    }
    products.extend(rows.map(|row| portable_product(row, query)));
}

/// The product of `query` and the whole codes of a row: `upper` and `lower` halves, packed, and the
/// lower bytes.
pub(crate) fn exact(upper: &[u8], lower: &[u8], residual: &[u8], query: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        return avx2.vectorize(
            #[inline(always)]
            || exact_product(upper, lower, residual, query),
        );
    }
    exact_product(upper, lower, residual, query)
}

#[inline(always)]
fn exact_product(upper: &[u8], lower: &[u8], residual: &[u8], query: &[f32]) -> f32 {
    let code = |upper: u8, lower: u8, residual: u8| {
        f32::from(i16::from_be_bytes([((upper ^ 8) << 4) | lower, residual]))
    };
    let nibbles = upper.as_chunks::<HALF>().0.iter().zip(lower.as_chunks::<HALF>().0);
    let bytes = residual.as_chunks::<GROUP>().0.iter().zip(query.as_chunks::<GROUP>().0);
    let mut sums = [0.0_f32; HALF];
    for ((upper, lower), (residual, query)) in nibbles.zip(bytes) {
        for j in 0..HALF {
            let first = code(upper[j] & 15, lower[j] & 15, residual[j]);
            let second = code(upper[j] >> 4, lower[j] >> 4, residual[j + HALF]);
            sums[j] += first * query[j] + second * query[j + HALF];
        }
    }
    sums.iter().sum()
}

/// The codes of a row rounded to a byte.
#[cfg(feature = "hnsw")]
pub(crate) fn int8(upper: &[u8], lower: &[u8], residual: &[u8]) -> Vec<i8> {
    let rounded = |upper: u8, lower: u8, residual: u8| {
        let code = i16::from_be_bytes([((upper ^ 8) << 4) | lower, residual]);
        let [high, _] = code.saturating_add(128).to_be_bytes();
        i8::from_be_bytes([high])
    };
    let nibbles = upper.as_chunks::<HALF>().0.iter().zip(lower.as_chunks::<HALF>().0);
    let mut codes = Vec::with_capacity(residual.len());
    for ((upper, lower), residual) in nibbles.zip(residual.as_chunks::<GROUP>().0) {
        codes.extend((0..HALF).map(|j| rounded(upper[j] & 15, lower[j] & 15, residual[j])));
        codes.extend((0..HALF).map(|j| rounded(upper[j] >> 4, lower[j] >> 4, residual[j + HALF])));
    }
    codes
}

fn portable_product(row: &[u8], query: &[i8]) -> i32 {
    let groups = row.as_chunks::<HALF>().0.iter().zip(query.as_chunks::<GROUP>().0);
    let mut sums = [0_i32; HALF];
    for (row, query) in groups {
        for j in 0..HALF {
            let first = i16::from(row[j] & 15) * i16::from(query[j]);
            let second = i16::from(row[j] >> 4) * i16::from(query[j + HALF]);
            sums[j] += i32::from(first + second);
        }
    }
    sums.iter().sum()
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! Half-bytes times bytes, 64 components in some eight instructions.

    use std::arch::x86_64::__m256i;

    use pulp::cast;
    use pulp::x86::V3;

    use super::{GROUP, HALF};

    /// So many groups add up to less than 2^15 in each 16-bit sum: 4 × 2 × 2 × 15 × 127.
    const GROUPS: usize = 4;

    #[inline(always)]
    pub(super) fn product(simd: V3, row: &[u8], query: &[i8]) -> i32 {
        let (avx, avx2) = (simd.avx, simd.avx2);
        let (mask, ones) = (avx._mm256_set1_epi8(15), avx._mm256_set1_epi16(1));
        let rows = row.as_chunks::<HALF>().0.chunks(GROUPS);
        let queries = query.as_chunks::<GROUP>().0.chunks(GROUPS);
        let mut sums = avx._mm256_setzero_si256();
        for (rows, queries) in rows.zip(queries) {
            let mut sums16 = avx._mm256_setzero_si256();
            for (row, query) in rows.iter().zip(queries) {
                let row: __m256i = cast(*row);
                let [first, second]: [__m256i; 2] = cast(*query);
                let low = avx2._mm256_and_si256(row, mask);
                let high = avx2._mm256_and_si256(avx2._mm256_srli_epi16::<4>(row), mask);
                let low = avx2._mm256_maddubs_epi16(low, first);
                let high = avx2._mm256_maddubs_epi16(high, second);
                sums16 = avx2._mm256_add_epi16(sums16, avx2._mm256_add_epi16(low, high));
            }
            sums = avx2._mm256_add_epi32(sums, avx2._mm256_madd_epi16(sums16, ones));
        }
        let sums: [i32; 8] = cast(sums);
        sums.iter().sum()
    }
}

/// The products of rows that lie one after the other.
#[cfg(test)]
pub(crate) fn products_of_rows(upper: &[u8], query: &[i8]) -> Vec<i32> {
    let mut found = Vec::new();
    products(upper.chunks_exact(query.len() / 2), query, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_way_of_computing_gives_the_same(
            (row, query) in (1_usize..12).prop_flat_map(|groups| (
                prop::collection::vec(any::<u8>(), groups * HALF),
                prop::collection::vec(-127_i8..=127, groups * GROUP),
            ))
        ) {
            let mut expect = 0_i64;
            for (group, query) in query.chunks(GROUP).enumerate() {
                for (j, factor) in query.iter().enumerate() {
                    let byte = row[group * HALF + j % HALF];
                    let nibble = if j < HALF { byte % 16 } else { byte / 16 };
                    expect += i64::from(nibble) * i64::from(*factor);
                }
            }
            let found = products_of_rows(&row, &query);
            prop_assert_eq!(found.iter().map(|sum| i64::from(*sum)).collect::<Vec<_>>(), [expect]);
            prop_assert_eq!(i64::from(portable_product(&row, &query)), expect);
        }
    }

    #[test]
    fn the_largest_products_do_not_overflow() {
        for factor in [127, -127] {
            let expect = [8_192 * 15 * i32::from(factor)];
            assert_eq!(products_of_rows(&[0xff; 4_096], &[factor; 8_192]), expect);
        }
    }
}
