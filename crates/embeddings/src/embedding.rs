//! A vector.

/// The direction that a text points in: a vector of length one, so that the dot product of two is
/// the cosine between them. All-zero where the model gave nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Box<[f32]>);

impl Embedding {
    /// `values` brought to length one.
    pub fn normalized(mut values: Vec<f32>) -> Self {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            values.iter_mut().for_each(|value| *value /= length);
        }
        Self(values.into())
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The numbers, without copying them.
    pub fn into_vec(self) -> Vec<f32> {
        self.0.into()
    }

    /// The cosine between the two, from -1 to 1; the longer one is cut.
    pub fn similarity(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}
