//! Vectors of length one.

use crate::{Dimension, Error};

/// A vector divided by its length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Direction(Vec<f32>);

impl Direction {
    /// The direction of `vector`.
    pub(crate) fn of(vector: &[f32], dimension: Dimension) -> Result<Self, Error> {
        dimension.check(vector)?;
        if let Some(at) = vector.iter().position(|component| !component.is_finite()) {
            return Err(Error::Direction { not_finite: Some(at) });
        }
        // In f64 no square of an f32 overflows or vanishes.
        let squares: f64 = vector.iter().map(|component| f64::from(*component).powi(2)).sum();
        if squares == 0.0 {
            return Err(Error::Direction { not_finite: None });
        }
        let length = squares.sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "a component of a unit vector fits")]
        let unit = |component: &f32| (f64::from(*component) / length) as f32;
        Ok(Self(vector.iter().map(unit).collect()))
    }

    pub(crate) fn components(&self) -> &[f32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(vector: &[f32]) -> Result<Direction, Error> {
        Direction::of(vector, Dimension::new(2).unwrap())
    }

    #[test]
    fn only_the_direction_counts() {
        for factor in [1e-20, 1.0, 1e30] {
            let found = direction(&[3.0 * factor, -4.0 * factor]).unwrap();
            for (component, expect) in found.components().iter().zip([0.6, -0.8]) {
                assert!((component - expect).abs() < 1e-6, "{found:?}");
            }
        }
        assert!(direction(&[f32::MIN_POSITIVE / 2.0, 0.0]).is_ok());
    }

    #[test]
    fn what_has_no_direction_is_refused() {
        for (vector, at) in
            [([0.0, -0.0], None), ([1.0, f32::NAN], Some(1)), ([f32::INFINITY, f32::NAN], Some(0))]
        {
            let found = direction(&vector);
            assert!(matches!(found, Err(Error::Direction { not_finite }) if not_finite == at));
        }
        let found = direction(&[1.0]);
        assert!(matches!(found, Err(Error::Dimension { expected: 2, found: 1 })));
    }
}
