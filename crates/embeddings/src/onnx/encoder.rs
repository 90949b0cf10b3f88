//! The operators of a BERT encoder.

use super::graph::{Builder, Size, Value, float, integer, integers};
use super::proto::Element;
use super::weight::Matrix;
use crate::Precision;
use crate::bert::{Bert, Linear, Norm, Unfit};

/// Added to the attention towards padding, whose weight becomes exactly zero.
const MASKED: f32 = -1e9;

/// The file of an encoder with these weights.
pub(crate) fn encoder(bert: &Bert<'_>, precision: Precision) -> Result<Vec<u8>, Unfit> {
    let mut encoder = Encoder { builder: Builder::default(), bert, precision };
    let shape = [Size::Named("texts"), Size::Named("tokens")];
    let ids = encoder.builder.input("input_ids", Element::Int64, &shape);
    let mask = encoder.builder.input("attention_mask", Element::Int64, &shape);
    let mask = encoder.mask(&mask);
    let mut hidden = encoder.embeddings(&ids)?;
    for layer in 0..bert.config.num_hidden_layers {
        hidden = encoder.layer(layer, &hidden, &mask)?;
    }
    let size = bert.config.hidden_size.cast_signed() as i64;
    let [texts, tokens] = shape;
    let shape = [texts, tokens, Size::Fixed(size)];
    encoder.builder.output(&hidden, "last_hidden_state", Element::Float, &shape);
    Ok(encoder.builder.finish("bert"))
}

struct Encoder<'a> {
    builder: Builder,
    bert: &'a Bert<'a>,
    precision: Precision,
}

impl Encoder<'_> {
    /// What is added to the attention: 0 for a token, a very small number for padding. Shape
    /// (texts, 1, 1, tokens).
    fn mask(&mut self, mask: &Value) -> Value {
        let graph = &mut self.builder;
        let one = graph.floats("one", &[], &[1.0]);
        let masked = graph.floats("masked", &[], &[MASKED]);
        let axes = graph.integers("mask_axes", &[1, 2]);
        let to_float = vec![integer("to", i32::from(Element::Float).into())];
        let mask = graph.apply("Cast", std::slice::from_ref(mask), to_float);
        let mask = graph.apply("Sub", &[one, mask], vec![]);
        let mask = graph.apply("Mul", &[mask, masked], vec![]);
        graph.apply("Unsqueeze", &[mask, axes], vec![])
    }

    /// The sum of a token's row in the word table and its place's row in the position table.
    ///
    /// The positions are a slice and not looked up by number, because ONNX Runtime 1.31 fails to
    /// optimise that.
    fn embeddings(&mut self, ids: &Value) -> Result<Value, Unfit> {
        let words = self.words(ids)?;
        let positions = self.bert.positions()?;
        let graph = &mut self.builder;
        let dims = [self.bert.config.max_position_embeddings, self.bert.config.hidden_size];
        let table = graph.floats("positions", &dims, &positions);
        let range = vec![integer("start", 1), integer("end", 2)];
        let tokens = graph.apply("Shape", std::slice::from_ref(ids), range);
        let zero = graph.integers("zero", &[0]);
        let positions = graph.apply("Slice", &[table, zero.clone(), tokens, zero], vec![]);
        let sum = graph.apply("Add", &[words, positions], vec![]);
        let norm = self.bert.embedding_norm()?;
        Ok(self.normalized("embeddings", &sum, &norm))
    }

    fn words(&mut self, ids: &Value) -> Result<Value, Unfit> {
        let table = self.bert.words()?;
        let dims = [table.rows, table.columns];
        let graph = &mut self.builder;
        let look_up = |graph: &mut Builder, table| {
            graph.apply("Gather", &[table, ids.clone()], vec![integer("axis", 0)])
        };
        if self.precision == Precision::Fp32 {
            let table = graph.floats("words", &dims, &table.values);
            return Ok(look_up(graph, table));
        }
        let table = table.quantized_by_row();
        let values = graph.bytes("words", &dims, &table.values);
        let scales = graph.floats("words_scale", &[dims[0], 1], &table.scales);
        let values = look_up(graph, values);
        let scales = look_up(graph, scales);
        let to_float = vec![integer("to", i32::from(Element::Float).into())];
        let values = graph.apply("Cast", &[values], to_float);
        Ok(graph.apply("Mul", &[values, scales], vec![]))
    }

    fn layer(&mut self, layer: usize, hidden: &Value, mask: &Value) -> Result<Value, Unfit> {
        let layer = self.bert.layer(layer)?;
        let name = |part: &str| format!("layer_{}_{part}", layer.number);
        let context = self.attention(&name("attention"), &layer.query_key_value, hidden, mask);
        let output = self.linear(&name("attention_output"), &context, &layer.attention_output);
        let sum = self.builder.apply("Add", &[output, hidden.clone()], vec![]);
        let hidden = self.normalized(&name("attention"), &sum, &layer.attention_norm);

        let inner = self.linear(&name("intermediate"), &hidden, &layer.intermediate);
        let inner = self.builder.apply("Gelu", &[inner], vec![]);
        let output = self.linear(&name("output"), &inner, &layer.output);
        let sum = self.builder.apply("Add", &[output, hidden], vec![]);
        Ok(self.normalized(&name("output"), &sum, &layer.output_norm))
    }

    /// Scaled dot-product attention of all heads. The scale is in the weights of the query.
    fn attention(&mut self, name: &str, parts: &Linear, hidden: &Value, mask: &Value) -> Value {
        let config = &self.bert.config;
        let size = config.hidden_size.cast_signed() as i64;
        let heads = config.num_attention_heads.cast_signed() as i64;
        let parts = self.linear(name, hidden, parts);
        let graph = &mut self.builder;
        let sizes = graph.integers(&format!("{name}_sizes"), &[size; 3]);
        let [query, key, value] =
            graph.apply_many("Split", &[parts, sizes], vec![integer("axis", 2)]);
        let by_head = graph.integers(&format!("{name}_heads"), &[0, 0, heads, size / heads]);
        let together = graph.integers(&format!("{name}_together"), &[0, 0, size]);
        let mut turned = |part: Value, order: &[i64]| {
            let part = graph.apply("Reshape", &[part, by_head.clone()], vec![]);
            graph.apply("Transpose", &[part], vec![integers("perm", order)])
        };
        let query = turned(query, &[0, 2, 1, 3]);
        let key = turned(key, &[0, 2, 3, 1]);
        let value = turned(value, &[0, 2, 1, 3]);
        let scores = graph.apply("MatMul", &[query, key], vec![]);
        let scores = graph.apply("Add", &[scores, mask.clone()], vec![]);
        let shares = graph.apply("Softmax", &[scores], vec![integer("axis", -1)]);
        let context = graph.apply("MatMul", &[shares, value], vec![]);
        let context = graph.apply("Transpose", &[context], vec![integers("perm", &[0, 2, 1, 3])]);
        graph.apply("Reshape", &[context, together], vec![])
    }

    fn linear(&mut self, name: &str, input: &Value, linear: &Linear) -> Value {
        let weights = &linear.weights;
        let product = if self.precision == Precision::Fp32 {
            let dims = [weights.rows, weights.columns];
            let weights = self.builder.floats(&format!("{name}_weight"), &dims, &weights.values);
            self.builder.apply("MatMul", &[input.clone(), weights], vec![])
        } else {
            self.integer_product(name, input, weights)
        };
        let bias = self.builder.floats(&format!("{name}_bias"), &[weights.columns], &linear.bias);
        self.builder.apply("Add", &[product, bias], vec![])
    }

    /// A product in 8-bit integers, the input being quantised with one scale as it comes.
    ///
    /// The operators stand in the order in which both engines know to fuse them, for which rten
    /// wants the zero points of the weights, all zero, to be named.
    fn integer_product(&mut self, name: &str, input: &Value, weights: &Matrix) -> Value {
        let dims = [weights.rows, weights.columns];
        let columns = weights.columns;
        let weights = weights.quantized_by_column();
        let graph = &mut self.builder;
        let values = graph.bytes(&format!("{name}_weight"), &dims, &weights.values);
        let zeros = graph.bytes(&format!("{name}_zero"), &[columns], &vec![0; columns]);
        let scales = graph.floats(&format!("{name}_scale"), &[columns], &weights.scales);
        let [input, scale, zero] =
            graph.apply_many("DynamicQuantizeLinear", std::slice::from_ref(input), vec![]);
        let product = graph.apply("MatMulInteger", &[input, values, zero, zeros], vec![]);
        let to_float = vec![integer("to", i32::from(Element::Float).into())];
        let product = graph.apply("Cast", &[product], to_float);
        let scale = graph.apply("Mul", &[scale, scales], vec![]);
        graph.apply("Mul", &[product, scale], vec![])
    }

    fn normalized(&mut self, name: &str, input: &Value, norm: &Norm) -> Value {
        let graph = &mut self.builder;
        let weight =
            graph.floats(&format!("{name}_norm_weight"), &[norm.weight.len()], &norm.weight);
        let bias = graph.floats(&format!("{name}_norm_bias"), &[norm.bias.len()], &norm.bias);
        let attributes = vec![integer("axis", -1), float("epsilon", self.bert.config.epsilon())];
        graph.apply("LayerNormalization", &[input.clone(), weight, bias], attributes)
    }
}
