//! The products that a search computes, with what the processor has.

/// Components are packed in groups: byte `j` of a group of upper halves holds component `j` and
/// component `j + 32`.
pub(crate) const GROUP: usize = 64;
const HALF: usize = GROUP / 2;

/// How many rows are read side by side: memory answers several streams sooner than one.
const STREAMS: usize = 4;

/// Writes the product of `query` and each row, the packed upper halves of its codes. The rows lie one
/// after the other.
pub(crate) fn products_of_all(rows: &[u8], query: &[i8], products: &mut Vec<i32>) {
    let width = query.len() / 2;
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        let count = rows.len() / width;
        products.clear();
        products.resize(count, 0);
        let each = count / STREAMS;
        avx2.vectorize(
            #[inline(always)]
            || {
                avx2::products_of_streams(avx2, rows, query, products);
                let rest = rows.chunks_exact(width).zip(products).skip(each * STREAMS);
                for (row, product) in rest {
                    *product = avx2::product(avx2, row, query);
                }
            },
        );
        return;
    }
    products_of(rows.chunks_exact(width), query, products);
}

/// Writes the product of `query` and each of `rows`, wherever they lie.
pub(crate) fn products_of<'a>(
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

    use std::arch::x86_64::{__m128i, __m256i};

    use pulp::cast;
    use pulp::x86::V3;

    use super::{GROUP, HALF, STREAMS};

    #[inline(always)]
    pub(super) fn product(simd: V3, row: &[u8], query: &[i8]) -> i32 {
        let mut sums = simd.avx._mm256_setzero_si256();
        for (row, query) in row.as_chunks::<HALF>().0.iter().zip(query.as_chunks::<GROUP>().0) {
            sums = simd.avx2._mm256_add_epi32(sums, product_of_group(simd, row, query));
        }
        let sums: [i32; 8] = cast(sums);
        sums.iter().sum()
    }

    /// The rows are cut into as many parts, and one row of each part is read at a time. What is left
    /// over after equal parts keeps its product.
    #[inline(always)]
    pub(super) fn products_of_streams(simd: V3, rows: &[u8], query: &[i8], products: &mut [i32]) {
        let width = query.len() / 2;
        let each = products.len() / STREAMS;
        if each == 0 {
            return;
        }
        let mut streams = rows.chunks_exact(each * width);
        let mut places = products.chunks_exact_mut(each);
        let [Some(a), Some(b), Some(c), Some(d)] = [(); STREAMS].map(|()| streams.next()) else {
            return;
        };
        let [Some(to_a), Some(to_b), Some(to_c), Some(to_d)] =
            [(); STREAMS].map(|()| places.next())
        else {
            return;
        };
        let rows = a.chunks_exact(width).zip(b.chunks_exact(width));
        let rows = rows.zip(c.chunks_exact(width).zip(d.chunks_exact(width)));
        let places = to_a.iter_mut().zip(to_b).zip(to_c.iter_mut().zip(to_d));
        for (((a, b), (c, d)), ((to_a, to_b), (to_c, to_d))) in rows.zip(places) {
            [*to_a, *to_b, *to_c, *to_d] = products_of_four(simd, [a, b, c, d], query);
        }
    }

    #[inline(always)]
    fn products_of_four(simd: V3, rows: [&[u8]; STREAMS], query: &[i8]) -> [i32; STREAMS] {
        let mut sums = [simd.avx._mm256_setzero_si256(); STREAMS];
        let [a, b, c, d] = rows.map(|row| row.as_chunks::<HALF>().0);
        let groups = a.iter().zip(b).zip(c.iter().zip(d)).zip(query.as_chunks::<GROUP>().0);
        for (((a, b), (c, d)), query) in groups {
            for (sums, row) in sums.iter_mut().zip([a, b, c, d]) {
                *sums = simd.avx2._mm256_add_epi32(*sums, product_of_group(simd, row, query));
            }
        }
        let [a, b, c, d] = sums;
        let pairs = [simd.avx2._mm256_hadd_epi32(a, b), simd.avx2._mm256_hadd_epi32(c, d)];
        let [low, high]: [__m128i; 2] = cast(simd.avx2._mm256_hadd_epi32(pairs[0], pairs[1]));
        cast(simd.sse2._mm_add_epi32(low, high))
    }

    /// Eight sums of the products of a group.
    #[inline(always)]
    fn product_of_group(simd: V3, row: &[u8; HALF], query: &[i8; GROUP]) -> __m256i {
        let (avx, avx2) = (simd.avx, simd.avx2);
        let mask = avx._mm256_set1_epi8(15);
        let row: __m256i = cast(*row);
        let [first, second]: [__m256i; 2] = cast(*query);
        let low = avx2._mm256_and_si256(row, mask);
        let high = avx2._mm256_and_si256(avx2._mm256_srli_epi16::<4>(row), mask);
        // Each is at most 2 × 15 × 127, so their sum fits into 16 bits.
        let low = avx2._mm256_maddubs_epi16(low, first);
        let high = avx2._mm256_maddubs_epi16(high, second);
        let sums = avx2._mm256_add_epi16(low, high);
        avx2._mm256_madd_epi16(sums, avx._mm256_set1_epi16(1))
    }
}

/// The products of rows that lie one after the other.
#[cfg(test)]
pub(crate) fn products_of_rows(upper: &[u8], query: &[i8]) -> Vec<i32> {
    let (mut found, mut one_by_one) = (Vec::new(), Vec::new());
    products_of_all(upper, query, &mut found);
    products_of(upper.chunks_exact(query.len() / 2), query, &mut one_by_one);
    assert_eq!(found, one_by_one);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_way_of_computing_gives_the_same(
            (rows, query) in (1_usize..12, 0_usize..11).prop_flat_map(|(groups, rows)| (
                prop::collection::vec(any::<u8>(), rows * groups * HALF),
                prop::collection::vec(-127_i8..=127, groups * GROUP),
            ))
        ) {
            let expect: Vec<i32> =
                rows.chunks(query.len() / 2).map(|row| by_definition(row, &query)).collect();
            prop_assert_eq!(products_of_rows(&rows, &query), expect.clone());
            let portable: Vec<i32> = rows
                .chunks(query.len() / 2)
                .map(|row| portable_product(row, &query))
                .collect();
            prop_assert_eq!(portable, expect);
        }
    }

    fn by_definition(row: &[u8], query: &[i8]) -> i32 {
        let mut sum = 0;
        for (at, factor) in query.iter().enumerate() {
            let (group, j) = (at / GROUP, at % GROUP);
            let byte = row[group * HALF + j % HALF];
            let nibble = if j < HALF { byte % 16 } else { byte / 16 };
            sum += i32::from(nibble) * i32::from(*factor);
        }
        sum
    }

    #[test]
    fn the_largest_products_do_not_overflow() {
        for factor in [127, -127] {
            let expect = [8_192 * 15 * i32::from(factor)];
            assert_eq!(products_of_rows(&[0xff; 4_096], &[factor; 8_192]), expect);
        }
    }
}
