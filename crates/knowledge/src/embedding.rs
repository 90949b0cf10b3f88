//! A vector and the model that made it.

use types::ModelId;

use crate::Error;

/// The most dimensions.
const DIMENSIONS_MAX: usize = 8_192;

/// A text as a vector of length 1, and the model that made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    model: ModelId,
    values: Vec<f32>,
}

impl Embedding {
    /// Takes `values` of any length but 0 and brings them to length 1.
    ///
    /// # Errors
    /// [`Error::Value`] for no, too many, endless or only zero values.
    pub fn new(model: ModelId, values: Vec<f32>) -> Result<Self, Error> {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if values.is_empty() || values.len() > DIMENSIONS_MAX || !length.is_normal() {
            return Err(Error::Value {
                what: "a vector",
                rule: "1 to 8192 finite values, not all 0",
            });
        }
        // What has this length already keeps its very bits.
        if (length - 1.0).abs() < 1e-5 {
            return Ok(Self { model, values });
        }
        Ok(Self { model, values: values.into_iter().map(|value| value / length).collect() })
    }

    /// The model that made it, with all that changes its vectors.
    pub const fn model(&self) -> &ModelId {
        &self.model
    }

    /// Its values.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The cosine of the angle between the two; 0 where models or dimensions differ.
    pub fn cosine(&self, other: &Self) -> f32 {
        if self.model != other.model || self.values.len() != other.values.len() {
            return 0.0;
        }
        dot(&self.values, &other.values)
    }

    /// As stored: little-endian f32.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// From what was stored.
    pub(crate) fn from_bytes(model: ModelId, bytes: &[u8]) -> Result<Self, Error> {
        let (chunks, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(Error::Value { what: "a stored vector", rule: "whole 32-bit numbers" });
        }
        Self::new(model, chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect())
    }

    /// The cosine to a stored vector of the same model; 0 where dimensions differ.
    pub(crate) fn cosine_to_bytes(&self, bytes: &[u8]) -> f32 {
        let (chunks, _) = bytes.as_chunks::<4>();
        if chunks.len() != self.values.len() {
            return 0.0;
        }
        let products = self.values.iter().zip(chunks);
        products.map(|(value, chunk)| value * f32::from_le_bytes(*chunk)).sum()
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
