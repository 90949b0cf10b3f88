//! The ONNX graph of a BERT encoder, written from its weights.
//!
//! What is written runs in any engine that knows ONNX opset 20: `input_ids` and `attention_mask`,
//! both 64-bit integers of shape (texts, tokens), give `last_hidden_state`, 32-bit floats of shape
//! (texts, tokens, hidden). There is one segment: its row of the token type table is added to the
//! position table, so there is no `token_type_ids`. The same weights give the same bytes.

mod encoder;
mod graph;
mod proto;
mod weight;

pub(crate) use encoder::encoder;
pub(crate) use weight::Matrix;
