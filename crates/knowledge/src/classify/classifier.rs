//! Learning labels from examples.

use std::sync::Arc;

use super::classified::Classified;
use super::model::{Labelled, Model, Sums};
use crate::{Confidence, Embedding, Error};

/// Parts into which the examples are divided to see how well each is told from the others.
const FOLDS: usize = 5;

/// The share of texts of a label that may be taken for none.
const REFUSED: f64 = 0.02;

/// Examples that belong to no label from which on they decide what is taken for none.
const NONE_MIN: usize = 10;

/// Tells labels apart by examples: linear discriminant analysis on embeddings.
///
/// What its confidence is worth is learned from the examples themselves, each judged by a model made
/// without it. A text that lies no nearer to any label than to all of them together belongs to none.
#[derive(Clone, Debug)]
pub struct Classifier {
    labels: Vec<Arc<str>>,
    dimensions: usize,
    model: Model,
    /// Divides logarithms of likelihoods, which on their own are far too sure.
    temperature: f64,
    /// Texts whose nearness is less belong to no label.
    nearness_min: f64,
    /// How fast the chance to belong to a label rises with nearness.
    nearness_scale: f64,
}

/// What was learned about an example from the others.
struct Judged {
    logits: Vec<f64>,
    nearness: f64,
    class: usize,
}

impl Classifier {
    /// Learns from examples: labels, or none, and vectors of one model. The same examples in the same
    /// order make the same classifier.
    ///
    /// # Errors
    /// [`Error::Value`] for fewer than two labels, fewer than two examples of one, vectors of
    /// different dimensions, or texts that are all alike.
    pub fn train(examples: &[(Option<Arc<str>>, Embedding)]) -> Result<Self, Error> {
        let mut labels: Vec<Arc<str>> =
            examples.iter().filter_map(|(label, _)| label.clone()).collect();
        labels.sort_unstable();
        labels.dedup();
        let dimensions = examples.first().map_or(0, |(_, embedding)| embedding.values().len());
        if examples.iter().any(|(_, embedding)| embedding.values().len() != dimensions) {
            return Err(Error::Value { what: "vectors", rule: "of one model" });
        }
        let mut labelled = Vec::with_capacity(examples.len());
        let mut others = Vec::new();
        for (label, embedding) in examples {
            let vector = wide(embedding);
            match label.as_ref().map(|label| labels.binary_search(label)) {
                Some(Ok(class)) => labelled.push(Labelled { vector, class }),
                Some(Err(_)) | None => others.push(vector),
            }
        }
        let mut counts = vec![0_usize; labels.len()];
        for one in &labelled {
            if let Some(count) = counts.get_mut(one.class) {
                *count += 1;
            }
        }
        if labels.len() < 2 || counts.iter().any(|count| *count < 2) {
            return Err(Error::Value { what: "examples", rule: "2 or more of 2 or more labels" });
        }
        let (model, judged) = learn(&labelled, labels.len(), dimensions)?;
        let mut nearness: Vec<f64> = judged.iter().map(|judged| judged.nearness).collect();
        nearness.sort_by(f64::total_cmp);
        let mut none: Vec<f64> = others.iter().map(|vector| model.score(vector).1).collect();
        none.sort_by(f64::total_cmp);
        let bound = quantile(&nearness, REFUSED);
        // Examples of no label may show that less has to be refused.
        let nearness_min =
            if none.len() >= NONE_MIN { bound.min(boundary(&nearness, &none)) } else { bound };
        let nearness_scale = (quantile(&nearness, 0.5) - nearness_min).max(f64::EPSILON) / 3.0;
        let temperature = temperature(&judged);
        Ok(Self { labels, dimensions, model, temperature, nearness_min, nearness_scale })
    }

    /// The labels, ascending.
    pub fn labels(&self) -> &[Arc<str>] {
        &self.labels
    }

    /// What the text of this vector is about.
    ///
    /// # Errors
    /// [`Error::Value`] where the vector has other dimensions than the examples.
    pub fn classify(&self, embedding: &Embedding) -> Result<Classified, Error> {
        if embedding.values().len() != self.dimensions {
            return Err(Error::Value { what: "a vector", rule: "of the model of the examples" });
        }
        let (logits, nearness) = self.model.score(&wide(embedding));
        let shares = softmax(&logits, self.temperature);
        let mut ranked: Vec<(Arc<str>, f64)> = self.labels.iter().cloned().zip(shares).collect();
        ranked.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
        ranked.truncate(3);
        // One half where nearness is just enough.
        let belongs = 1.0 / (1.0 + (-(nearness - self.nearness_min) / self.nearness_scale).exp());
        let best = ranked.first();
        let (label, confidence) = if nearness < self.nearness_min {
            (None, 1.0 - belongs)
        } else {
            (best.map(|(label, _)| Arc::clone(label)), best.map_or(0.0, |(_, share)| *share))
        };
        Ok(Classified { label, confidence: Confidence::nearest(confidence), ranked })
    }
}

/// The model of all examples, and each example judged by the model of the other folds.
fn learn(
    labelled: &[Labelled],
    classes: usize,
    dimensions: usize,
) -> Result<(Model, Vec<Judged>), Error> {
    let mut seen = vec![0_usize; classes];
    let folds: Vec<usize> = labelled
        .iter()
        .map(|one| {
            let Some(seen) = seen.get_mut(one.class) else { return 0 };
            *seen += 1;
            (*seen - 1) % FOLDS
        })
        .collect();
    let of_fold = |fold: usize| {
        let examples = labelled.iter().zip(&folds);
        examples.filter(move |(_, own)| **own == fold).map(|(one, _)| one)
    };
    let parts: Vec<Sums> =
        (0..FOLDS).map(|fold| Sums::of(of_fold(fold), classes, dimensions)).collect();
    let mut all = Sums::of(std::iter::empty(), classes, dimensions);
    for part in &parts {
        all.add(part, 1.0);
    }
    let mut judged = Vec::with_capacity(labelled.len());
    for (fold, part) in parts.iter().enumerate() {
        let mut others = all.clone();
        others.add(part, -1.0);
        let model = others.model()?;
        for Labelled { vector, class } in of_fold(fold) {
            let (logits, nearness) = model.score(vector);
            judged.push(Judged { logits, nearness, class: *class });
        }
    }
    Ok((all.model()?, judged))
}

fn wide(embedding: &Embedding) -> Vec<f64> {
    embedding.values().iter().map(|value| f64::from(*value)).collect()
}

fn softmax(logits: &[f64], temperature: f64) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> =
        logits.iter().map(|logit| ((logit - most) / temperature).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / sum).collect()
}

/// The temperature that makes the right labels of the judged examples likeliest together, found by
/// golden-section search over its logarithm.
fn temperature(judged: &[Judged]) -> f64 {
    let surprise = |logarithm: f64| -> f64 {
        let temperature = f64::exp(logarithm);
        let of = |judged: &Judged| {
            let share = softmax(&judged.logits, temperature).get(judged.class).copied();
            -share.unwrap_or(0.0).max(1e-12).ln()
        };
        judged.iter().map(of).sum()
    };
    let (mut low, mut high) = (f64::ln(0.05), f64::ln(200.0));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..24 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if surprise(left) < surprise(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

/// The value below which this share of the ascending values lies.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let last = ascending.len().saturating_sub(1);
    let place = f64::from(u32::try_from(last).unwrap_or(u32::MAX)) * share;
    // Nearest rank, found without a cast.
    let index = (0..=last)
        .find(|index| f64::from(u32::try_from(*index).unwrap_or(u32::MAX)) + 0.5 > place)
        .unwrap_or(last);
    ascending.get(index).copied().unwrap_or(0.0)
}

/// The boundary that keeps most of `inside` on its side and of `outside` on the other, counted in
/// shares. Both ascend.
fn boundary(inside: &[f64], outside: &[f64]) -> f64 {
    let share = |values: &[f64], at: f64| {
        let below = values.partition_point(|value| *value < at);
        f64::from(u32::try_from(below).unwrap_or(u32::MAX))
            / f64::from(u32::try_from(values.len().max(1)).unwrap_or(u32::MAX))
    };
    let gain = |at: f64| share(outside, at) - share(inside, at);
    let best = inside.iter().copied().max_by(|one, other| gain(*one).total_cmp(&gain(*other)));
    best.unwrap_or(0.0)
}
