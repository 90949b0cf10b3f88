//! How well labels are told apart, on the intents of the test data, as one JSON object.
//!
//! ```sh
//! zcat "$FOREBAY_TEST_DATA"/intents/clinc150-small.jsonl.gz > clinc.jsonl
//! python tests/knowledge/embed.py texts MODEL clinc.jsonl clinc.f32
//! cargo run --release -p forebay-knowledge --example intents -- clinc.jsonl clinc.f32
//! ```
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a program that reports and may stop; its numbers are small"
)]

use std::sync::Arc;

use forebay_knowledge::{Classifier, Embedding};
use serde::Deserialize;
use types::{Clock, ModelId};

const DIMENSIONS: usize = 384;

#[derive(Deserialize)]
struct Record {
    split: String,
    label: String,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(records), Some(vectors)) = (arguments.next(), arguments.next()) else {
        println!("skipped: name the records and their vectors");
        return;
    };
    let text = fs_err::read_to_string(records).unwrap();
    let records: Vec<Record> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = fs_err::read(vectors).unwrap();
    let model = ModelId::new("all-minilm-l6-v2").unwrap();
    let embeddings: Vec<Embedding> = bytes
        .as_chunks::<4>()
        .0
        .chunks_exact(DIMENSIONS)
        .map(|row| row.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        .map(|values| Embedding::new(model.clone(), values).unwrap())
        .collect();
    assert_eq!(records.len(), embeddings.len());

    let clock = Clock::system();
    let start = clock.monotonic();
    let of = |split: &str| -> Vec<(Option<Arc<str>>, Embedding)> {
        let all = records.iter().zip(&embeddings).filter(|(record, _)| record.split == split);
        all.map(|(record, vector)| {
            let label = (!split.starts_with("oos")).then(|| record.label.as_str().into());
            (label, vector.clone())
        })
        .collect()
    };
    let mut training = of("train");
    training.extend(of("oos_train"));
    let classifier = Classifier::train(&training).unwrap();
    let trained = clock.monotonic().saturating_sub(start).as_secs_f64();

    let mut times = Vec::new();
    // Share of right ones, their number, and by tenths of confidence: how many, how many right.
    let mut measure = |split: &str| {
        let (mut right, mut bins) = (0, [(0_u32, 0_u32); 10]);
        let texts = of(split);
        for (label, vector) in &texts {
            let start = clock.monotonic();
            let found = classifier.classify(vector).unwrap();
            times.push(clock.monotonic().saturating_sub(start).as_secs_f64() * 1e3);
            let is_right = found.label == *label;
            right += u32::from(is_right);
            if found.label.is_some() {
                let bin = &mut bins[((found.confidence.get() * 10.0) as usize).min(9)];
                *bin = (bin.0 + 1, bin.1 + u32::from(is_right));
            }
        }
        (f64::from(right) / texts.len() as f64, bins)
    };
    let (in_scope, calibration) = measure("val");
    let (out_of_scope, _) = measure("oos_val");
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let report = serde_json::json!({
        "labels": classifier.labels().len(),
        "examples": training.len(),
        "train_seconds": trained,
        "in_scope_accuracy": in_scope,
        "out_of_scope_recall": out_of_scope,
        "classify_ms": { "p50": at(50), "p95": at(95) },
        "by_confidence": calibration,
    });
    println!("{report:#}");
}
