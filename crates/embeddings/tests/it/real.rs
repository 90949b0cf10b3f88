//! The real model, where `FOREBAY_TEST_MODEL` names the directory that it is installed in.

use forebay_embeddings::{
    Embedder, EmbedderSettings, Embedding, EngineChoice, Model, ModelSpec, Precision,
};
use types::{Clock, ModelId};

use crate::fixture;

const RESET: &str = "How do I reset my password?";
const FORGOTTEN: &str = "What are the steps for changing a forgotten password?";
const WEATHER: &str = "The weather in Paris was cold and grey all week.";

fn model(test: &str) -> Option<Model> {
    let Some(directory) = fixture::real_model() else {
        println!("{test}: skipped, FOREBAY_TEST_MODEL names no directory");
        return None;
    };
    let spec = ModelSpec::known(&ModelId::new(ModelSpec::DEFAULT).unwrap()).unwrap();
    Some(spec.open(&directory).unwrap())
}

fn start(model: &Model, precision: Precision, engine: &EmbedderSettings) -> Embedder {
    let defaults = EmbedderSettings::default();
    let tokens_max = defaults.tokens_max;
    let settings = EmbedderSettings { precision, tokens_max, ..engine.clone() };
    Embedder::start(model, &settings, &Clock::system()).unwrap()
}

/// Texts of every length: what the crate says of itself, whole and in parts.
fn texts() -> Vec<String> {
    let prose = include_str!("../../../../docs/architecture.md");
    let words: Vec<&str> = prose.split_whitespace().collect();
    let lengths = [1, 3, 8, 20, 50, 120, 300];
    let mut texts = vec![String::new(), "日本語 naïve café ZÜRICH".to_owned()];
    for (number, length) in lengths.iter().cycle().take(28).enumerate() {
        texts.push(words[number * 17..][..*length].join(" "));
    }
    texts
}

fn least_similar(one: &[Embedding], other: &[Embedding]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| one.similarity(other)).fold(1.0, f32::min)
}

#[test]
fn sentences_are_as_similar_as_published() {
    let Some(model) = model("sentences_are_as_similar_as_published") else { return };
    for engine in fixture::engines("sentences_are_as_similar_as_published") {
        for (precision, same, tolerance) in
            [(Precision::Fp32, 0.809, 0.001), (Precision::Int8, 0.80, 0.015)]
        {
            let embedder = start(&model, precision, &engine);
            let texts = [RESET, FORGOTTEN, WEATHER].map(str::to_owned).to_vec();
            let found = embedder.embed_now(texts).unwrap();
            assert_eq!((embedder.dimensions(), found[0].as_slice().len()), (384, 384));
            let similarity = found[0].similarity(&found[1]);
            assert!((similarity - same).abs() < tolerance, "{precision}: {similarity}");
            let unrelated = found[0].similarity(&found[2]);
            assert!(unrelated.abs() < 0.1, "{precision}: {unrelated}");
        }
    }
}

#[test]
fn engines_agree() {
    let Some(model) = model("engines_agree") else { return };
    let engines = fixture::engines("engines_agree");
    for (precision, least) in [(Precision::Fp32, 0.9999), (Precision::Int8, 0.98)] {
        let vectors: Vec<_> = engines
            .iter()
            .map(|engine| start(&model, precision, engine).embed_now(texts()).unwrap())
            .collect();
        for pair in vectors.windows(2) {
            let found = least_similar(&pair[0], &pair[1]);
            println!("engines, {precision}: least cosine {found}");
            assert!(found >= least, "{precision}: {found}");
        }
    }
}

#[test]
fn alone_is_as_in_a_batch() {
    let Some(model) = model("alone_is_as_in_a_batch") else { return };
    for engine in fixture::engines("alone_is_as_in_a_batch") {
        for precision in Precision::ALL {
            let embedder = start(&model, precision, &engine);
            let together = embedder.embed_now(texts()).unwrap();
            let alone: Vec<_> = texts()
                .into_iter()
                .flat_map(|text| embedder.embed_now(vec![text]).unwrap())
                .collect();
            let found = least_similar(&alone, &together);
            println!("{:?}, {precision}: least cosine {found}", engine.engine);
            assert!(found >= 0.9999, "{precision}: {found}");
        }
    }
}

#[test]
fn eight_bits_are_close_to_thirty_two() {
    let Some(model) = model("eight_bits_are_close_to_thirty_two") else { return };
    for engine in fixture::engines("eight_bits_are_close_to_thirty_two") {
        let vectors = Precision::ALL
            .map(|precision| start(&model, precision, &engine).embed_now(texts()).unwrap());
        let found = least_similar(&vectors[0], &vectors[1]);
        println!("{:?}: least cosine {found}", engine.engine);
        assert!(found >= 0.96, "{found}");
    }
}

#[test]
fn what_is_installed_is_whole() {
    let Some(model) = model("what_is_installed_is_whole") else { return };
    model.verify().unwrap();
    let engine = EngineChoice::Auto;
    let settings = EmbedderSettings { engine, ..EmbedderSettings::default() };
    if cfg!(feature = "rten") {
        let embedder = Embedder::start(&model, &settings, &Clock::system()).unwrap();
        assert_eq!(embedder.space().to_string(), "all-MiniLM-L6-v2/int8/mean/256/1");
    }
}
