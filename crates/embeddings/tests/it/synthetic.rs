//! A small model against the oracle, in every engine that is here.

use forebay_embeddings::{
    Embedder, EmbedderSettings, Embedding, EngineChoice, EngineKind, Error, Precision, Source,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use types::Clock;

use crate::fixture::{self, Published, TOKENS_MAX, WORDS};
use crate::oracle;

/// Starts a small model.
fn start(seed: u64, precision: Precision, settings: &EmbedderSettings) -> (Published, Embedder) {
    let published = Published::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(published.folder.path().to_owned());
    let model = published.spec.install(&source, folder.path()).unwrap();
    let settings = EmbedderSettings { precision, ..settings.clone() };
    let embedder = Embedder::start(&model, &settings, &Clock::system()).unwrap();
    (published, embedder)
}

fn cosine(found: &Embedding, expected: &[f64]) -> f64 {
    let found: Vec<f64> = found.as_slice().iter().map(|value| f64::from(*value)).collect();
    oracle::dot(&found, expected)
}

/// Texts of these words, computed together, are no farther from the oracle than `most`.
#[track_caller]
fn check(published: &Published, embedder: &Embedder, texts: &[Vec<usize>], most: f64) {
    let (texts, tokens): (Vec<_>, Vec<_>) = texts.iter().map(|words| fixture::text(words)).unzip();
    let found = embedder.embed_now(texts).unwrap();
    assert_eq!(found.len(), tokens.len());
    for (found, tokens) in found.iter().zip(&tokens) {
        let expected = oracle::vector(&published.weights, tokens);
        let differences = found.as_slice().iter().zip(expected);
        let distance: f64 =
            differences.map(|(found, expected)| (f64::from(*found) - expected).powi(2)).sum();
        assert!(distance.sqrt() <= most, "{tokens:?}: {distance}");
    }
}

#[test]
fn vectors_are_those_of_the_oracle() {
    for settings in fixture::engines("vectors_are_those_of_the_oracle") {
        for (precision, most) in [(Precision::Fp32, 1e-5), (Precision::Int8, 0.2)] {
            let (published, embedder) = start(1, precision, &settings);
            let words = prop::collection::vec(0..WORDS, 0..TOKENS_MAX + 3);
            let texts = prop::collection::vec(words, 1..40);
            let config = Config { failure_persistence: None, ..Config::with_cases(8) };
            let checked = TestRunner::new(config).run(&texts, |texts| {
                check(&published, &embedder, &texts, most);
                Ok(())
            });
            checked.unwrap_or_else(|error| panic!("{precision} {:?}: {error}", settings.engine));
        }
    }
}

#[test]
fn a_text_has_the_same_vector_alone_and_in_a_batch() {
    for settings in fixture::engines("a_text_has_the_same_vector_alone_and_in_a_batch") {
        for precision in Precision::ALL {
            let (_published, embedder) = start(2, precision, &settings);
            let texts: Vec<String> = (0..600)
                .map(|text| (0..text % 11).map(|word| (text * 7 + word * 5) % WORDS).collect())
                .map(|words: Vec<usize>| fixture::text(&words).0)
                .collect();
            let together = embedder.embed_now(texts.clone()).unwrap();
            for (text, together) in texts.into_iter().zip(together).step_by(13) {
                let alone = embedder.embed_now(vec![text]).unwrap();
                let cosine = alone[0].similarity(&together);
                assert!(cosine > 0.999_999, "{precision} {:?}: {cosine}", settings.engine);
            }
        }
    }
}

#[test]
fn what_is_beyond_the_limit_of_tokens_does_not_count() {
    for settings in fixture::engines("what_is_beyond_the_limit_of_tokens_does_not_count") {
        let (_published, embedder) = start(3, Precision::Fp32, &settings);
        let whole: Vec<usize> = (0..TOKENS_MAX - 2).collect();
        let longer: Vec<usize> = (0..TOKENS_MAX + 5).collect();
        let shorter: Vec<usize> = (0..TOKENS_MAX - 3).collect();
        let texts = [whole, longer, shorter].map(|words| fixture::text(&words).0);
        let found = embedder.embed_now(texts.to_vec()).unwrap();
        assert!(found[0].similarity(&found[1]) > 0.999_999);
        assert!(found[0].similarity(&found[2]) < 0.999_9);
    }
}

#[test]
fn no_more_of_a_text_is_read_than_its_tokens_can_need() {
    for settings in fixture::engines("no_more_of_a_text_is_read_than_its_tokens_can_need") {
        let (_published, embedder) = start(3, Precision::Fp32, &settings);
        let word = fixture::word(1);
        let beyond = " ".repeat(128 * TOKENS_MAX - 1);
        let texts =
            [String::new(), format!("{beyond}\u{e9}{word}"), word.clone(), format!(" {word}")];
        let found = embedder.embed_now(texts.to_vec()).unwrap();
        assert!(found[0].similarity(&found[1]) > 0.999_999);
        assert!(found[2].similarity(&found[3]) > 0.999_999);
        assert!(found[0].similarity(&found[2]) < 0.999);
    }
}

#[test]
fn no_texts_are_no_vectors() {
    for settings in fixture::engines("no_texts_are_no_vectors") {
        let (_published, embedder) = start(4, Precision::Int8, &settings);
        assert_eq!(embedder.embed_now(Vec::new()).unwrap(), []);
    }
}

#[test]
fn vectors_can_be_awaited() {
    for settings in fixture::engines("vectors_can_be_awaited") {
        let (published, embedder) = start(5, Precision::Fp32, &settings);
        let (text, tokens) = fixture::text(&[1, 2, 3]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async { embedder.embed(vec![text]).unwrap().await }).unwrap();
        assert!(cosine(&found[0], &oracle::vector(&published.weights, &tokens)) > 0.999_999);
    }
}

#[test]
fn the_faster_engine_is_chosen_and_the_times_are_shown() {
    let engines = fixture::engines("the_faster_engine_is_chosen_and_the_times_are_shown");
    let library = engines.iter().find_map(|settings| settings.onnx_runtime.clone());
    let Some(settings) = engines.first() else { return };
    let settings =
        EmbedderSettings { engine: EngineChoice::Auto, onnx_runtime: library, ..settings.clone() };
    let (_published, embedder) = start(6, Precision::Int8, &settings);
    let fastest = embedder.measured().iter().min_by_key(|(_, time)| *time);
    if engines.len() == 1 {
        assert_eq!(fastest, None);
    } else {
        assert_eq!(fastest.map(|(kind, _)| *kind), Some(embedder.engine()));
        assert_eq!(embedder.measured().len(), 2);
    }
}

#[test]
fn an_engine_that_does_not_start_is_left_out_of_the_choice() {
    if !cfg!(feature = "rten") {
        return println!("an_engine_that_does_not_start: skipped, rten is not built in");
    }
    let settings = EmbedderSettings {
        engine: EngineChoice::Auto,
        onnx_runtime: Some("/nowhere/libonnxruntime.so".into()),
        tokens_max: TOKENS_MAX,
        ..EmbedderSettings::default()
    };
    let (_published, embedder) = start(9, Precision::Int8, &settings);
    assert_eq!((embedder.engine(), embedder.measured()), (EngineKind::Rten, [].as_slice()));
}

#[test]
fn settings_that_the_model_cannot_meet_are_refused() {
    let Some(settings) = fixture::engines("settings_are_refused").into_iter().next() else {
        return;
    };
    let published = Published::new(7);
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(published.folder.path().to_owned());
    let model = published.spec.install(&source, folder.path()).unwrap();
    for tokens_max in [0, 2, fixture::POSITIONS + 1] {
        let settings = EmbedderSettings { tokens_max, ..settings.clone() };
        let error = Embedder::start(&model, &settings, &Clock::system()).unwrap_err();
        assert!(matches!(error, Error::Unfit { .. }), "{error:?}");
    }
}

#[test]
fn an_engine_that_is_not_there_is_an_error() {
    let published = Published::new(8);
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(published.folder.path().to_owned());
    let model = published.spec.install(&source, folder.path()).unwrap();
    let settings = EmbedderSettings {
        engine: EngineChoice::OnnxRuntime,
        tokens_max: TOKENS_MAX,
        ..EmbedderSettings::default()
    };
    let error = Embedder::start(&model, &settings, &Clock::system()).unwrap_err();
    assert!(matches!(error, Error::Absent { .. }), "{error:?}");
    if cfg!(feature = "onnx-runtime") && fixture::onnx_runtime().is_none() {
        let onnx_runtime = Some(folder.path().join("none.so"));
        let settings = EmbedderSettings { onnx_runtime, ..settings };
        let error = Embedder::start(&model, &settings, &Clock::system()).unwrap_err();
        assert!(matches!(error, Error::Engine { .. }), "{error:?}");
    }
}
