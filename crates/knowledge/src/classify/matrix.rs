//! As much linear algebra as a classifier needs.

use crate::Error;

/// A square matrix, row by row.
#[derive(Clone, Debug)]
pub(super) struct Square {
    pub(super) size: usize,
    values: Vec<f64>,
}

impl Square {
    pub(super) fn zero(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    /// Adds `weight` times the product of the vector with itself, below and on the diagonal.
    pub(super) fn add_outer(&mut self, vector: &[f64], weight: f64) {
        for (row, (values, left)) in self.values.chunks_exact_mut(self.size).zip(vector).enumerate()
        {
            let scaled = left * weight;
            for (value, right) in values.iter_mut().zip(vector).take(row + 1) {
                *value += scaled * right;
            }
        }
    }

    /// Adds `weight` times another.
    pub(super) fn add(&mut self, other: &Self, weight: f64) {
        for (value, other) in self.values.iter_mut().zip(&other.values) {
            *value += weight * other;
        }
    }

    /// A covariance drawn towards a multiple of the identity, `share` of the way, so that it can be
    /// inverted; `count` is what the sums are divided by.
    pub(super) fn shrunk(mut self, count: f64, share: f64) -> Self {
        let size = self.size;
        for value in &mut self.values {
            *value /= count;
        }
        let trace: f64 = self.values.iter().step_by(size + 1).sum();
        let mean = trace / f64::from(u32::try_from(size).unwrap_or(u32::MAX));
        for value in &mut self.values {
            *value *= 1.0 - share;
        }
        for value in self.values.iter_mut().step_by(size + 1) {
            *value += share * mean;
        }
        self
    }

    /// The lower triangle whose product with its transpose is this matrix (Cholesky's
    /// decomposition).
    ///
    /// # Errors
    /// [`Error::Value`] where the matrix is not positive definite: the examples are all alike.
    pub(super) fn lower(mut self) -> Result<Triangle, Error> {
        for row in 0..self.size {
            let (done, rest) = self.values.split_at_mut(row * self.size);
            let Some(current) = rest.get_mut(..self.size) else { break };
            for column in 0..=row {
                let (before, own) = current.split_at_mut(column);
                let Some(own) = own.first_mut() else { break };
                if column == row {
                    let rest = *own - dot(before, before);
                    if !(rest > 0.0 && rest.is_finite()) {
                        return Err(Error::Value { what: "examples", rule: "different texts" });
                    }
                    *own = rest.sqrt();
                } else {
                    let above = done.get(column * self.size..).unwrap_or_default();
                    let diagonal = above.get(column).copied().unwrap_or(1.0);
                    let above = above.get(..column).unwrap_or_default();
                    *own = (*own - dot(before, above)) / diagonal;
                }
            }
        }
        Ok(Triangle(self))
    }
}

/// A lower triangle.
#[derive(Clone, Debug)]
pub(super) struct Triangle(Square);

impl Triangle {
    /// The vector in coordinates in which the covariance is the identity: distances there are
    /// Mahalanobis distances.
    pub(super) fn whiten(&self, vector: &[f64]) -> Vec<f64> {
        let mut solved: Vec<f64> = Vec::with_capacity(self.0.size);
        for (row, (values, value)) in
            self.0.values.chunks_exact(self.0.size).zip(vector).enumerate()
        {
            let known = dot(values.get(..row).unwrap_or_default(), &solved);
            let diagonal = values.get(row).copied().unwrap_or(1.0);
            solved.push((value - known) / diagonal);
        }
        solved
    }
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    // Four sums at once, so that none waits for the other.
    let (chunks, rest) = one.as_chunks::<4>();
    let (others, _) = other.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in chunks.iter().zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let tail = other.get(one.len() - rest.len()..).unwrap_or_default();
    sums.iter().sum::<f64>() + rest.iter().zip(tail).map(|(a, b)| a * b).sum::<f64>()
}

/// The square of the distance.
pub(super) fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitening_makes_the_covariance_the_identity() {
        // x = (a, a + b): covariance [[1, 1], [1, 2]], whose inverse is [[2, -1], [-1, 1]].
        let mut square = Square::zero(2);
        square.add_outer(&[1.0, 1.0], 1.0);
        square.add_outer(&[0.0, 1.0], 1.0);
        let lower = square.lower().unwrap();
        for vector in [[1.0, 0.0], [0.0, 1.0], [3.0, -2.0]] {
            let [x, y] = vector;
            let expected = 2.0 * x * x - 2.0 * x * y + y * y;
            let white = lower.whiten(&vector);
            assert!((dot(&white, &white) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn what_cannot_be_inverted_is_an_error() {
        assert!(Square::zero(3).lower().is_err());
    }
}
