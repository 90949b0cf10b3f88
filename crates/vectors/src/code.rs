//! Vectors as 16-bit codes in two parts, and queries against them.
//!
//! A component of a turned unit vector is `scale × code`, `code` from -32,767 to 32,767. Its upper
//! byte is an ordinary int8 code and its lower byte what that leaves over. The upper byte is stored
//! as two halves: the upper four bits of all components lie apart, since those alone are read of
//! every row, and bound how near the row can be; the rest is read of the few rows that can be among
//! the nearest.

use crate::direction::Direction;
use crate::kernel;
use crate::rotation::Rotation;
use crate::{Dimension, Error};

/// The largest code.
const LARGEST: f32 = 32_767.0;
/// How many codes share their upper four bits.
const STEP: f32 = 4_096.0;
/// The mean of the codes whose upper four bits are the smallest.
const LOWEST: f32 = -32_768.0 + (STEP - 1.0) / 2.0;
/// How many standard deviations of its rounding error a row's first score may be off. The error is
/// a sum of as many terms as there are components, unrelated because of the rotation.
const DEVIATIONS: f32 = 5.0;
/// The largest code of a component of a query.
const LARGEST_OF_QUERY: f32 = 127.0;

/// The codes of one vector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Code {
    /// The upper four bits of each component, offset by 8, two to a byte.
    pub(crate) upper: Vec<u8>,
    /// The next four bits, two to a byte, and then the lower bytes.
    pub(crate) rest: Vec<u8>,
    pub(crate) scale: f32,
}

/// Turns vectors into codes and queries.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    dimension: Dimension,
    rotation: Rotation,
}

impl Encoder {
    pub(crate) fn new(dimension: Dimension) -> Self {
        Self { dimension, rotation: Rotation::new(dimension.get()) }
    }

    pub(crate) fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// How many components a code has.
    #[cfg(feature = "hnsw")]
    pub(crate) fn length(&self) -> usize {
        self.rotation.length()
    }

    pub(crate) fn encode(&self, vector: &[f32]) -> Result<Code, Error> {
        let turned = self.turn(vector)?;
        let scale = largest(&turned) / LARGEST;
        let bytes: Vec<[u8; 2]> =
            turned.iter().map(|component| rounded(component / scale).to_be_bytes()).collect();
        let nibbles = |nibble: fn(u8) -> u8| {
            bytes.as_chunks::<{ kernel::GROUP }>().0.iter().flat_map(move |group| {
                let (first, second) = group.split_at(kernel::GROUP / 2);
                first.iter().zip(second).map(move |(a, b)| nibble(a[0]) | (nibble(b[0]) << 4))
            })
        };
        let upper = nibbles(|high| (high >> 4) ^ 8).collect();
        let rest = nibbles(|high| high & 15).chain(bytes.iter().map(|[_, low]| *low)).collect();
        Ok(Code { upper, rest, scale })
    }

    pub(crate) fn query(&self, vector: &[f32]) -> Result<Query, Error> {
        let turned = self.turn(vector)?;
        let scale = largest(&turned) / LARGEST_OF_QUERY;
        let coarse: Vec<i8> = turned
            .iter()
            .map(|component| i8::try_from(rounded(component / scale)).unwrap_or(i8::MAX))
            .collect();
        let sum: f32 = coarse.iter().map(|component| f32::from(*component)).sum();
        Ok(Query {
            factor: scale * STEP,
            offset: scale * sum * LOWEST,
            row_error: rounding_error(STEP, turned.len()),
            error: rounding_error(scale, turned.len()),
            coarse,
            exact: turned,
        })
    }

    fn turn(&self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        let direction = Direction::of(vector, self.dimension)?;
        Ok(self.rotation.turn(direction.components()))
    }
}

/// A vector that is searched for.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    coarse: Vec<i8>,
    exact: Vec<f32>,
    /// What a row's first product is worth, and what is added to it, in units of the row's scale.
    factor: f32,
    offset: f32,
    /// How far the first score may be off: because of the row, in units of its scale, and because
    /// of the query.
    row_error: f32,
    error: f32,
}

impl Query {
    /// The most that the score of a row may be by the upper part of its code.
    #[inline(always)]
    pub(crate) fn bound(&self, product: i32, scale: f32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "below 2^24 for up to 8,192 components")]
        let product = product as f32;
        scale * (self.factor * product + self.offset + self.row_error) + self.error
    }

    /// How far below its bound the score of a row may be.
    pub(crate) fn width(&self, scale: f32) -> f32 {
        2.0 * (scale * self.row_error + self.error)
    }

    /// What [`kernel::products_of_all`] multiplies rows by.
    pub(crate) fn coarse(&self) -> &[i8] {
        &self.coarse
    }

    /// An int8 code, whose angle to those of rows is nearly that between the vectors.
    #[cfg(feature = "hnsw")]
    pub(crate) fn int8(&self) -> Vec<i8> {
        self.coarse.clone()
    }

    /// The cosine to a row by its whole code, off by some 10^-6.
    pub(crate) fn score(&self, upper: &[u8], rest: &[u8], scale: f32) -> f32 {
        let (lower, residual) = rest.split_at(rest.len() / 3);
        (scale * kernel::exact(upper, lower, residual, &self.exact)).clamp(-1.0, 1.0)
    }
}

/// How far a sum of `terms` errors, each up to half of `step` and weighted by a unit vector, may be
/// off. For few terms their largest possible sum is smaller than what statistics say.
fn rounding_error(step: f32, terms: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "at most 8,192")]
    let terms = terms as f32;
    step * f32::min(DEVIATIONS / 12.0_f32.sqrt(), terms.sqrt() / 2.0)
}

fn largest(components: &[f32]) -> f32 {
    components.iter().fold(0.0, |most, component| most.max(component.abs()))
}

#[expect(clippy::cast_possible_truncation, reason = "a component divided by the largest fits")]
fn rounded(code: f32) -> i16 {
    code.round_ties_even() as i16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    fn vectors() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
        let component = prop_oneof![-1.0_f32..1.0, Just(0.0), -100.0_f32..100.0];
        (1_usize..600).prop_flat_map(move |length| {
            let vector = prop::collection::vec(component.clone(), length)
                .prop_filter("has a direction", |vector| vector.iter().any(|c| *c != 0.0));
            (vector.clone(), vector)
        })
    }

    proptest! {
        #[test]
        fn scores_are_cosines_and_lie_within_their_bounds((row, query) in vectors()) {
            let encoder = Encoder::new(Dimension::new(row.len()).unwrap());
            let code = encoder.encode(&row).unwrap();
            let query_code = encoder.query(&query).unwrap();
            let expect = cosine(&row, &query);
            let score = query_code.score(&code.upper, &code.rest, code.scale);
            prop_assert!((f64::from(score) - expect).abs() < 2e-5, "{} {}", score, expect);
            let product = kernel::products_of_rows(&code.upper, query_code.coarse())[0];
            let bound = query_code.bound(product, code.scale);
            prop_assert!(score <= bound && score >= bound - query_code.width(code.scale));
        }
    }
}
