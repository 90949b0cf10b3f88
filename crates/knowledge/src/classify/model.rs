//! Classes as clouds of one shape around their means.

use super::matrix::{Square, Triangle, distance};
use crate::Error;

/// Examples for each dimension at which a covariance counts half.
const EXAMPLES_PER_DIMENSION: f64 = 8.0;

/// A vector and the number of its class.
pub(super) struct Labelled {
    pub(super) vector: Vec<f64>,
    pub(super) class: usize,
}

/// Linear discriminant analysis: each class a cloud around its mean, all of one shape, and one cloud
/// for everything together as the background.
#[derive(Clone, Debug)]
pub(super) struct Model {
    shape: Triangle,
    /// Whitened.
    means: Vec<Vec<f64>>,
    background: Triangle,
    /// Whitened by the background.
    background_mean: Vec<f64>,
}

/// Sums from which a model is made; those of a part can be taken away again.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    counts: Vec<f64>,
    sums: Vec<Vec<f64>>,
    squares: Square,
}

impl Sums {
    pub(super) fn of<'a>(
        examples: impl Iterator<Item = &'a Labelled>,
        classes: usize,
        dimensions: usize,
    ) -> Self {
        let mut sums = Self {
            counts: vec![0.0; classes],
            sums: vec![vec![0.0; dimensions]; classes],
            squares: Square::zero(dimensions),
        };
        for Labelled { vector, class } in examples {
            if let (Some(count), Some(sum)) =
                (sums.counts.get_mut(*class), sums.sums.get_mut(*class))
            {
                *count += 1.0;
                sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
                sums.squares.add_outer(vector, 1.0);
            }
        }
        sums
    }

    /// Adds `weight` times others: 1 or −1.
    pub(super) fn add(&mut self, other: &Self, weight: f64) {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own += weight * other;
        }
        for (own, other) in self.sums.iter_mut().zip(&other.sums) {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += weight * other);
        }
        self.squares.add(&other.squares, weight);
    }

    /// # Errors
    /// [`Error::Value`] where the examples are all alike.
    pub(super) fn model(&self) -> Result<Model, Error> {
        let size = self.squares.size;
        let count: f64 = self.counts.iter().sum();
        let means: Vec<Vec<f64>> = self
            .sums
            .iter()
            .zip(&self.counts)
            .map(|(sum, count)| sum.iter().map(|value| value / count.max(1.0)).collect())
            .collect();
        let mut within = self.squares.clone();
        for (mean, count) in means.iter().zip(&self.counts) {
            within.add_outer(mean, -count);
        }
        let all: Vec<f64> = (0..size)
            .map(|at| self.sums.iter().filter_map(|sum| sum.get(at)).sum::<f64>() / count)
            .collect();
        let mut total = self.squares.clone();
        total.add_outer(&all, -count);
        // The fewer examples for each dimension, the less their covariance is worth.
        let dimensions = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
        let share =
            dimensions * EXAMPLES_PER_DIMENSION / (dimensions * EXAMPLES_PER_DIMENSION + count);
        let classes = f64::from(u32::try_from(self.counts.len()).unwrap_or(u32::MAX));
        let shape = within.shrunk((count - classes).max(1.0), share).lower()?;
        let background = total.shrunk(count, share).lower()?;
        Ok(Model {
            means: means.iter().map(|mean| shape.whiten(mean)).collect(),
            background_mean: background.whiten(&all),
            shape,
            background,
        })
    }
}

impl Model {
    /// For each class the logarithm of its likelihood but for a constant, and how much likelier the
    /// nearest class is than the background: the relative Mahalanobis distance of Ren and others
    /// (<https://arxiv.org/abs/2106.09022>).
    pub(super) fn score(&self, vector: &[f64]) -> (Vec<f64>, f64) {
        let white = self.shape.whiten(vector);
        let logits: Vec<f64> =
            self.means.iter().map(|mean| -0.5 * distance(&white, mean)).collect();
        let background = distance(&self.background.whiten(vector), &self.background_mean);
        let best = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (logits, background + 2.0 * best)
    }
}
