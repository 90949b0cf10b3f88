use std::sync::Arc;

use serde::Deserialize;
use types::ModelId;

use super::*;
use crate::{Confidence, Embedding, Error, Intent, Trajectory};

const DIMENSIONS: usize = 384;

/// All-MiniLM-L6-v2 of the texts of `intents.txt`, `intents.jsonl`, `trajectories.txt` and
/// `trajectories.jsonl`, in this order, a row of int8 each.
static VECTORS: &[u8] = include_bytes!("../../tests/data/utterances.i8");

#[derive(Deserialize)]
struct Utterance {
    label: String,
    text: String,
}

fn embedding(row: usize) -> Embedding {
    let bytes = &VECTORS[row * DIMENSIONS..(row + 1) * DIMENSIONS];
    let values = bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect();
    Embedding::new(ModelId::new("minilm").unwrap(), values).unwrap()
}

/// Trains on the examples, whose vectors begin at `start`, and returns how many of the held-out
/// utterances behind them get their label, how many there are, and the same for those of none.
fn measure(examples: &[Example], held_out: &str, start: usize) -> [usize; 4] {
    let trained: Vec<_> = (start..)
        .zip(examples)
        .map(|(row, example)| (example.label.clone(), embedding(row)))
        .collect();
    let classifier = Classifier::train(&trained).unwrap();
    let mut counts = [0; 4];
    for (row, line) in (start + examples.len()..).zip(held_out.lines()) {
        let utterance: Utterance = serde_json::from_str(line).unwrap();
        assert!(!examples.iter().any(|example| example.text == utterance.text));
        let found = classifier.classify(&embedding(row)).unwrap();
        let at = if utterance.label == "none" { 2 } else { 0 };
        let found = found.label.as_deref().unwrap_or("none");
        counts[at] += usize::from(found == utterance.label);
        counts[at + 1] += 1;
    }
    counts
}

#[test]
fn intents_held_out_are_told_apart() {
    let examples = Example::intents();
    let held_out = include_str!("../../tests/data/intents.jsonl");
    assert!(examples.len() + held_out.lines().count() >= 160);
    for intent in Intent::ALL {
        assert!(examples.iter().any(|example| example.label.as_deref() == Some(intent.name())));
    }
    let [right, all, none_right, none] = measure(&examples, held_out, 0);
    println!("intents held out: {right} of {all} right, {none_right} of {none} out of scope found");
    assert!(right * 100 >= all * 70 && none_right * 100 >= none * 60);
}

#[test]
fn trajectory_states_held_out_are_told_apart() {
    let examples = Example::trajectories();
    for state in Trajectory::ALL {
        assert!(examples.iter().any(|example| example.label.as_deref() == Some(state.name())));
    }
    let intents =
        Example::intents().len() + include_str!("../../tests/data/intents.jsonl").lines().count();
    let [right, all, ..] =
        measure(&examples, include_str!("../../tests/data/trajectories.jsonl"), intents);
    println!("trajectory states held out: {right} of {all} right");
    assert!(right * 100 >= all * 60);
}

/// Points around corners of a triangle far from the middle, made without randomness.
fn corners() -> Vec<(Option<Arc<str>>, Embedding)> {
    let model = ModelId::new("points").unwrap();
    let mut points = Vec::new();
    for number in 0..30_u16 {
        let angle = f32::from(number) * 2.4;
        for (label, corner) in
            [("a", [1.0, 0.0, 0.0]), ("b", [0.0, 1.0, 0.0]), ("c", [0.0, 0.0, 1.0])]
        {
            let shifts = [angle.sin(), angle.cos(), (angle * 1.7).sin()].map(|shift| shift * 0.1);
            let values = corner.iter().zip(shifts).map(|(value, shift): (&f32, f32)| value + shift);
            let embedding = Embedding::new(model.clone(), values.collect()).unwrap();
            points.push((Some(Arc::from(label)), embedding));
        }
    }
    points
}

#[test]
fn clear_cases_are_sure_and_far_ones_belong_to_none() {
    let classifier = Classifier::train(&corners()).unwrap();
    let classify = |values: [f32; 3]| {
        let model = ModelId::new("points").unwrap();
        classifier.classify(&Embedding::new(model, values.to_vec()).unwrap()).unwrap()
    };
    let sure = classify([0.02, 1.0, 0.01]);
    assert_eq!(sure.label.as_deref(), Some("b"));
    assert!(!sure.is_unsure(Confidence::new(0.9).unwrap()), "{sure:?}");
    let shares: f64 = sure.ranked.iter().map(|(_, share)| share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    assert_eq!(classify([-1.0, -1.0, -1.0]).label, None);
}

#[test]
fn too_little_to_learn_from_is_an_error() {
    let points = corners();
    let alike: Vec<_> =
        points.iter().map(|(label, _)| (label.clone(), points[0].1.clone())).collect();
    let one_label: Vec<_> =
        points.iter().filter(|(label, _)| label.as_deref() == Some("a")).cloned().collect();
    for wrong in [&points[..3], &one_label, &[], &alike] {
        assert!(matches!(Classifier::train(wrong), Err(Error::Value { .. })));
    }
    let classifier = Classifier::train(&points).unwrap();
    let other = Embedding::new(ModelId::new("x").unwrap(), vec![1.0]).unwrap();
    assert!(classifier.classify(&other).is_err());
}

#[test]
fn users_examples_are_read_and_models_answers_checked() {
    let text = "# labels\nbilling|Where is my invoice?\n\nnone|Nice weather.\n";
    let examples = Example::parse_all(text).unwrap();
    assert_eq!(examples.len(), 2);
    assert_eq!(
        (examples[0].label.as_deref(), examples[1].label.as_deref()),
        (Some("billing"), None)
    );
    assert!(Example::parse_all("no stroke here").is_err());
    let labels: Vec<Arc<str>> = vec!["billing".into(), "bugs".into()];
    let asked = LabelPrompt::new(&labels, "Where is my invoice?");
    assert!(asked.prompt().system.contains("billing, bugs"));
    assert_eq!(asked.classified(" `Billing`. ").unwrap().label.as_deref(), Some("billing"));
    assert_eq!(asked.classified("none").unwrap().label, None);
    assert!(asked.classified("I think it is about billing").is_err());
}
