//! The weights of a BERT encoder, by their names in a safetensors file.

use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Deserialize;

use crate::onnx::Matrix;

/// What of `config.json` says how an encoder is built.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Architecture {
    pub(crate) model_type: String,
    pub(crate) hidden_act: String,
    #[serde(default = "absolute")]
    pub(crate) position_embedding_type: String,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) layer_norm_eps: f64,
    pub(crate) max_position_embeddings: usize,
    pub(crate) vocab_size: usize,
    pub(crate) type_vocab_size: usize,
}

/// One at each end and one between.
const TOKENS_MIN: usize = 3;

const ABSOLUTE: &str = "absolute";

fn absolute() -> String {
    ABSOLUTE.to_owned()
}

/// Why weights cannot be made into an encoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The description is not JSON, or lacks a field.
    #[error("the description of the model cannot be read")]
    Description {
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// An encoder of another kind.
    #[error("{field} is {found}, and only {supported} is supported")]
    Kind {
        /// The field of the description.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it would have to say.
        supported: &'static str,
    },
    /// The sizes in the description contradict each other.
    #[error("{hidden_size} cannot be shared by {heads} attention heads")]
    Heads {
        /// Numbers for each token.
        hidden_size: usize,
        /// Heads that share them.
        heads: usize,
    },
    /// The model has no place for so many tokens, or there would be none between those at the ends.
    #[error("texts are cut at {tokens_max} tokens, which is not from 3 to {positions}")]
    Positions {
        /// The most tokens of a text.
        tokens_max: usize,
        /// How many the model has places for.
        positions: usize,
    },
    /// The file of weights is not one, or lacks a part.
    #[error("the weights cannot be read")]
    Weights {
        /// What the parser said.
        #[source]
        source: SafeTensorError,
    },
    /// A part of the weights has another form than the description says.
    #[error("{name} is not of 32-bit floats of shape {shape:?}")]
    Form {
        /// The part.
        name: String,
        /// The shape it should have.
        shape: Vec<usize>,
    },
}

/// An encoder's weights beside its description.
pub(crate) struct Bert<'a> {
    pub(crate) config: Architecture,
    weights: SafeTensors<'a>,
}

/// Input times `weights` plus `bias`.
pub(crate) struct Linear {
    pub(crate) weights: Matrix,
    pub(crate) bias: Vec<f32>,
}

/// Layer normalisation.
pub(crate) struct Norm {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// One layer of the encoder.
pub(crate) struct Layer {
    pub(crate) number: usize,
    /// The three side by side; the query is divided by the square root of a head's size.
    pub(crate) query_key_value: Linear,
    pub(crate) attention_output: Linear,
    pub(crate) attention_norm: Norm,
    pub(crate) intermediate: Linear,
    pub(crate) output: Linear,
    pub(crate) output_norm: Norm,
}

impl Architecture {
    /// Reads `config.json`.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Unfit> {
        let read: Self =
            serde_json::from_slice(json).map_err(|source| Unfit::Description { source })?;
        for (field, found, supported) in [
            ("model_type", &read.model_type, "bert"),
            ("hidden_act", &read.hidden_act, "gelu"),
            ("position_embedding_type", &read.position_embedding_type, ABSOLUTE),
        ] {
            if found != supported {
                return Err(Unfit::Kind { field, found: found.clone(), supported });
            }
        }
        let (hidden_size, heads) = (read.hidden_size, read.num_attention_heads);
        if heads == 0 || hidden_size == 0 || !hidden_size.is_multiple_of(heads) {
            return Err(Unfit::Heads { hidden_size, heads });
        }
        Ok(read)
    }

    /// Fails where the model cannot take texts of `tokens_max` tokens.
    pub(crate) fn holding(self, tokens_max: usize) -> Result<Self, Unfit> {
        let positions = self.max_position_embeddings;
        if (TOKENS_MIN..=positions).contains(&tokens_max) {
            Ok(self)
        } else {
            Err(Unfit::Positions { tokens_max, positions })
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the graph holds it in 32 bits")]
    pub(crate) fn epsilon(&self) -> f32 {
        self.layer_norm_eps as f32
    }
}

impl<'a> Bert<'a> {
    /// `weights` are the bytes of `model.safetensors`.
    pub(crate) fn new(config: Architecture, weights: &'a [u8]) -> Result<Self, Unfit> {
        let weights =
            SafeTensors::deserialize(weights).map_err(|source| Unfit::Weights { source })?;
        Ok(Self { config, weights })
    }

    /// The table of words.
    pub(crate) fn words(&self) -> Result<Matrix, Unfit> {
        let (rows, columns) = (self.config.vocab_size, self.config.hidden_size);
        self.matrix("embeddings.word_embeddings.weight", rows, columns)
    }

    /// The table of positions, the first segment's row added to each.
    pub(crate) fn positions(&self) -> Result<Vec<f32>, Unfit> {
        let (rows, columns) = (self.config.max_position_embeddings, self.config.hidden_size);
        let table = self.matrix("embeddings.position_embeddings.weight", rows, columns)?;
        let segments = self.matrix(
            "embeddings.token_type_embeddings.weight",
            self.config.type_vocab_size,
            columns,
        )?;
        let segment = segments.values.iter().take(columns).cycle();
        Ok(table.values.iter().zip(segment).map(|(place, segment)| place + segment).collect())
    }

    pub(crate) fn embedding_norm(&self) -> Result<Norm, Unfit> {
        self.norm("embeddings.LayerNorm")
    }

    /// The layer `number`, from 0.
    pub(crate) fn layer(&self, number: usize) -> Result<Layer, Unfit> {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        let attention =
            |part: &str| self.linear(&name(&format!("attention.self.{part}")), hidden, hidden);
        #[expect(clippy::cast_precision_loss, reason = "a head's size is small")]
        let head = (hidden / self.config.num_attention_heads) as f32;
        let query = attention("query")?.divided_by(head.sqrt());
        Ok(Layer {
            number,
            query_key_value: query.beside(&attention("key")?).beside(&attention("value")?),
            attention_output: self.linear(&name("attention.output.dense"), hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            intermediate: self.linear(&name("intermediate.dense"), hidden, inner)?,
            output: self.linear(&name("output.dense"), inner, hidden)?,
            output_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }

    /// The file holds the weights of a linear layer as (outputs, inputs).
    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, Unfit> {
        Ok(Linear {
            weights: self.matrix(&format!("{name}.weight"), outputs, inputs)?.transposed(),
            bias: self.floats(&format!("{name}.bias"), &[outputs])?,
        })
    }

    fn norm(&self, name: &str) -> Result<Norm, Unfit> {
        let shape = [self.config.hidden_size];
        Ok(Norm {
            weight: self.floats(&format!("{name}.weight"), &shape)?,
            bias: self.floats(&format!("{name}.bias"), &shape)?,
        })
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, Unfit> {
        Ok(Matrix { rows, columns, values: self.floats(name, &[rows, columns])? })
    }

    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Unfit> {
        let part = self.weights.tensor(name).map_err(|source| Unfit::Weights { source })?;
        if part.dtype() != Dtype::F32 || part.shape() != shape {
            return Err(Unfit::Form { name: name.to_owned(), shape: shape.to_vec() });
        }
        let (floats, _) = part.data().as_chunks::<4>();
        Ok(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }
}

impl Linear {
    fn divided_by(mut self, divisor: f32) -> Self {
        for value in self.weights.values.iter_mut().chain(&mut self.bias) {
            *value /= divisor;
        }
        self
    }

    fn beside(mut self, other: &Self) -> Self {
        self.weights = self.weights.beside(&other.weights);
        self.bias.extend_from_slice(&other.bias);
        self
    }
}
