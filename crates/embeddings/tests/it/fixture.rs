//! A small encoder with random weights, published as a real one would be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use forebay_embeddings::{EmbedderSettings, EngineChoice, FileDigest, ModelSpec, PinnedFile};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::json;
use sha2::{Digest, Sha256};
use types::ModelId;

pub(crate) const HIDDEN: usize = 16;
pub(crate) const HEADS: usize = 4;
pub(crate) const INNER: usize = 40;
pub(crate) const LAYERS: usize = 2;
pub(crate) const POSITIONS: usize = 24;
pub(crate) const SEGMENTS: usize = 2;
pub(crate) const EPSILON: f64 = 1e-5;
/// [PAD], [UNK], [CLS], [SEP] and then the words.
const SPECIAL: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
pub(crate) const BEGIN: usize = 2;
pub(crate) const END: usize = 3;
pub(crate) const WORDS: usize = 20;
pub(crate) const TOKENS_MAX: usize = 12;

/// The weights of an encoder, by their published names.
pub(crate) struct Weights(pub(crate) BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Weights {
    pub(crate) fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut weights = BTreeMap::new();
        let mut add = |name: String, shape: &[usize], scale: f32, offset: f32| {
            let values = (0..shape.iter().product()).map(|_| offset + scale * random.next());
            weights.insert(name, (shape.to_vec(), values.collect()));
        };
        let vocabulary = SPECIAL.len() + WORDS;
        add("embeddings.word_embeddings.weight".into(), &[vocabulary, HIDDEN], 1.0, 0.0);
        add("embeddings.position_embeddings.weight".into(), &[POSITIONS, HIDDEN], 0.5, 0.0);
        add("embeddings.token_type_embeddings.weight".into(), &[SEGMENTS, HIDDEN], 0.5, 0.0);
        let mut norms = vec!["embeddings.LayerNorm".to_owned()];
        for layer in 0..LAYERS {
            let layer = format!("encoder.layer.{layer}");
            for (part, outputs, inputs) in [
                ("attention.self.query", HIDDEN, HIDDEN),
                ("attention.self.key", HIDDEN, HIDDEN),
                ("attention.self.value", HIDDEN, HIDDEN),
                ("attention.output.dense", HIDDEN, HIDDEN),
                ("intermediate.dense", INNER, HIDDEN),
                ("output.dense", HIDDEN, INNER),
            ] {
                add(format!("{layer}.{part}.weight"), &[outputs, inputs], 0.6, 0.0);
                add(format!("{layer}.{part}.bias"), &[outputs], 0.2, 0.0);
            }
            norms.push(format!("{layer}.attention.output.LayerNorm"));
            norms.push(format!("{layer}.output.LayerNorm"));
        }
        for norm in norms {
            add(format!("{norm}.weight"), &[HIDDEN], 0.3, 1.0);
            add(format!("{norm}.bias"), &[HIDDEN], 0.3, 0.0);
        }
        Self(weights)
    }

    fn file(&self) -> Vec<u8> {
        let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .0
            .iter()
            .map(|(name, (shape, values))| {
                (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
            })
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            (name, TensorView::new(Dtype::F32, (*shape).clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }
}

/// Numbers between -1 and 1 that are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = u16::try_from(self.0 >> 48).unwrap();
        f32::from(bits) / 32_768.0 - 1.0
    }
}

/// The published files of a small model.
pub(crate) struct Published {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) spec: ModelSpec,
    pub(crate) weights: Weights,
}

impl Published {
    pub(crate) fn new(seed: u64) -> Self {
        let weights = Weights::random(seed);
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("config.json", config().into_bytes()),
            ("model.safetensors", weights.file()),
            ("tokenizer.json", tokenizer().into_bytes()),
            (
                "tokenizer_config.json",
                br#"{"model_max_length": 24, "pad_token": "[PAD]"}"#.to_vec(),
            ),
            ("special_tokens_map.json", br#"{"pad_token": "[PAD]"}"#.to_vec()),
        ];
        let mut pinned = Vec::new();
        for (name, bytes) in files {
            fs_err::write(folder.path().join(name), &bytes).unwrap();
            pinned.push(PinnedFile {
                name: name.to_owned(),
                bytes: bytes.len() as u64,
                sha256: FileDigest::new(Sha256::digest(&bytes).into()),
            });
        }
        let spec = ModelSpec::new(ModelId::new("small").unwrap(), pinned);
        Self { folder, spec, weights }
    }
}

fn config() -> String {
    json!({
        "model_type": "bert", "hidden_act": "gelu",
        "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "intermediate_size": INNER, "layer_norm_eps": EPSILON,
        "max_position_embeddings": POSITIONS, "vocab_size": SPECIAL.len() + WORDS,
        "type_vocab_size": SEGMENTS, "pad_token_id": 0,
    })
    .to_string()
}

/// Like that of the real model, padding and truncation that must be set aside included.
fn tokenizer() -> String {
    let words = SPECIAL.iter().map(|word| (*word).to_owned()).chain((0..WORDS).map(word));
    let vocabulary: serde_json::Map<_, _> =
        words.enumerate().map(|(id, word)| (word, json!(id))).collect();
    let special = |name: &str, id| json!({ "id": name, "ids": [id], "tokens": [name] });
    let added = |(id, name): (usize, &&str)| {
        json!({ "id": id, "special": true, "content": name, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false })
    };
    json!({
        "version": "1.0",
        "truncation": { "max_length": 5, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 9 }, "direction": "Right", "pad_to_multiple_of": null,
                     "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]" },
        "added_tokens": SPECIAL.iter().enumerate().map(added).collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } },
                        { "Sequence": { "id": "A", "type_id": 0 } },
                        { "SpecialToken": { "id": "[SEP]", "type_id": 0 } } ],
            "pair": [ { "Sequence": { "id": "A", "type_id": 0 } },
                      { "Sequence": { "id": "B", "type_id": 1 } } ],
            "special_tokens": { "[CLS]": special("[CLS]", BEGIN), "[SEP]": special("[SEP]", END) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": vocabulary },
    })
    .to_string()
}

/// The word of this number.
pub(crate) fn word(number: usize) -> String {
    format!("word{}", char::from(b'a' + u8::try_from(number).unwrap()))
}

/// The text of the words of these numbers, and its tokens.
pub(crate) fn text(words: &[usize]) -> (String, Vec<usize>) {
    let text = words.iter().map(|number| word(*number)).collect::<Vec<_>>().join(" ");
    let words = words.iter().map(|number| SPECIAL.len() + number).take(TOKENS_MAX - 2);
    let tokens = std::iter::once(BEGIN).chain(words).chain([END]).collect();
    (text, tokens)
}

/// Where tests find the library of ONNX Runtime: named, or beside the real model.
pub(crate) fn onnx_runtime() -> Option<PathBuf> {
    let named = std::env::var_os("FOREBAY_TEST_ONNX_RUNTIME").map(PathBuf::from);
    let beside = || Some(real_model()?.join("libonnxruntime.so.1.31.1"));
    named.or_else(beside).filter(|path| path.exists())
}

/// Where tests find the real model.
pub(crate) fn real_model() -> Option<PathBuf> {
    std::env::var_os("FOREBAY_TEST_MODEL").map(PathBuf::from).filter(|path| path.is_dir())
}

/// Settings for each engine that can run here; says which cannot.
pub(crate) fn engines(test: &str) -> Vec<EmbedderSettings> {
    let settings = |engine, onnx_runtime| EmbedderSettings {
        engine,
        onnx_runtime,
        threads: 2.try_into().unwrap(),
        tokens_max: TOKENS_MAX,
        ..EmbedderSettings::default()
    };
    let mut engines = Vec::new();
    if cfg!(feature = "rten") {
        engines.push(settings(EngineChoice::Rten, None));
    }
    match onnx_runtime() {
        Some(library) if cfg!(feature = "onnx-runtime") => {
            engines.push(settings(EngineChoice::OnnxRuntime, Some(library)));
        }
        _ => println!("{test}: skipped with ONNX Runtime, which is not built in or not installed"),
    }
    engines
}

/// Flips a bit in the middle of a file.
pub(crate) fn damage(path: &Path) {
    let mut bytes = fs_err::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(path, bytes).unwrap();
}
