//! The vector of a text, computed in the plainest way with 64-bit floats.
//!
//! Written from the description of BERT, with the published weights, and sharing nothing with the
//! graph: no folded tables, no merged products, no batches.

use crate::fixture::{EPSILON, HEADS, HIDDEN, LAYERS, Weights};

type Row = Vec<f64>;

/// The mean of the last layer, brought to length one.
pub(crate) fn vector(weights: &Weights, tokens: &[usize]) -> Row {
    let oracle = Oracle(weights);
    let mut hidden: Vec<Row> =
        tokens.iter().enumerate().map(|(place, token)| oracle.embedded(place, *token)).collect();
    for layer in 0..LAYERS {
        hidden = oracle.layer(&format!("encoder.layer.{layer}"), &hidden);
    }
    let mut mean = vec![0.0; HIDDEN];
    for row in &hidden {
        mean = sum(&mean, row);
    }
    let length = dot(&mean, &mean).sqrt();
    mean.iter().map(|value| value / length).collect()
}

struct Oracle<'a>(&'a Weights);

impl Oracle<'_> {
    fn row(&self, name: &str, number: usize) -> Row {
        let (shape, values) = &self.0.0[name];
        let columns = *shape.last().unwrap();
        values[number * columns..][..columns].iter().map(|value| f64::from(*value)).collect()
    }

    fn embedded(&self, place: usize, token: usize) -> Row {
        let word = self.row("embeddings.word_embeddings.weight", token);
        let position = self.row("embeddings.position_embeddings.weight", place);
        let segment = self.row("embeddings.token_type_embeddings.weight", 0);
        self.norm("embeddings.LayerNorm", &sum(&sum(&word, &position), &segment))
    }

    fn layer(&self, layer: &str, hidden: &[Row]) -> Vec<Row> {
        let part = |name: &str| -> Vec<Row> {
            hidden.iter().map(|row| self.linear(&format!("{layer}.{name}"), row)).collect()
        };
        let query = part("attention.self.query");
        let key = part("attention.self.key");
        let value = part("attention.self.value");
        let attend = |place: usize| -> Row {
            (0..HEADS)
                .flat_map(|head| {
                    let size = HIDDEN / HEADS;
                    let own = head * size..(head + 1) * size;
                    let scores: Row = key
                        .iter()
                        .map(|key| dot(&query[place][own.clone()], &key[own.clone()]))
                        .map(|score| (score / f64::from(u8::try_from(size).unwrap()).sqrt()).exp())
                        .collect();
                    let total: f64 = scores.iter().sum();
                    let value = &value;
                    own.map(move |column| {
                        scores
                            .iter()
                            .zip(value)
                            .map(|(score, value)| score / total * value[column])
                            .sum()
                    })
                    .collect::<Row>()
                })
                .collect()
        };
        let after = |place: usize| {
            let context = attend(place);
            let output = self.linear(&format!("{layer}.attention.output.dense"), &context);
            let residual = sum(&output, &hidden[place]);
            let middle = self.norm(&format!("{layer}.attention.output.LayerNorm"), &residual);
            let inner = self.linear(&format!("{layer}.intermediate.dense"), &middle);
            let inner: Row = inner.iter().map(|value| gelu(*value)).collect();
            let output = self.linear(&format!("{layer}.output.dense"), &inner);
            self.norm(&format!("{layer}.output.LayerNorm"), &sum(&output, &middle))
        };
        (0..hidden.len()).map(after).collect()
    }

    fn linear(&self, name: &str, input: &[f64]) -> Row {
        let bias = self.row(&format!("{name}.bias"), 0);
        let weight = format!("{name}.weight");
        let outputs = bias.iter().enumerate();
        outputs.map(|(output, bias)| dot(&self.row(&weight, output), input) + bias).collect()
    }

    fn norm(&self, name: &str, input: &[f64]) -> Row {
        let count = f64::from(u8::try_from(input.len()).unwrap());
        let mean = input.iter().sum::<f64>() / count;
        let variance = input.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let weight = self.row(&format!("{name}.weight"), 0);
        let bias = self.row(&format!("{name}.bias"), 0);
        let values = input.iter().map(|value| (value - mean) / (variance + EPSILON).sqrt());
        values.zip(weight).zip(bias).map(|((value, weight), bias)| value * weight + bias).collect()
    }
}

fn gelu(value: f64) -> f64 {
    0.5 * value * (1.0 + libm::erf(value / std::f64::consts::SQRT_2))
}

fn sum(a: &[f64], b: &[f64]) -> Row {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
