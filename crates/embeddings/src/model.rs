//! An installed model.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use types::ModelId;

use crate::manifest::{Entry, Manifest};
use crate::{Error, Precision, files};

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const SPECIAL_TOKENS: &str = "special_tokens_map.json";
pub(crate) const TOKENIZER: &str = "tokenizer.json";
pub(crate) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
pub(crate) const WEIGHTS: &str = "model.safetensors";

/// The name of the graph of a precision.
pub(crate) fn graph_name(precision: Precision) -> &'static str {
    match precision {
        Precision::Fp32 => "model.onnx",
        Precision::Int8 => "model.int8.onnx",
    }
}

/// A directory that [`ModelSpec`](crate::ModelSpec) installed and found complete.
#[derive(Clone, Debug)]
pub struct Model {
    directory: PathBuf,
    id: ModelId,
    files: BTreeMap<String, Entry>,
}

impl Model {
    /// Fails where a file of the manifest is not there or has another length.
    pub(crate) fn open(directory: &Path, manifest: Manifest) -> Result<Self, Error> {
        for (name, entry) in &manifest.files {
            let path = directory.join(name);
            match fs_err::metadata(&path) {
                Ok(metadata) if metadata.len() == entry.bytes => {}
                Ok(_) => return Err(Error::Damaged { path }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(Error::Missing { path });
                }
                Err(error) => return Err(Error::file("look for the model's files")(error)),
            }
        }
        Ok(Self { directory: directory.to_owned(), id: manifest.model, files: manifest.files })
    }

    /// The model's name.
    pub fn id(&self) -> &ModelId {
        &self.id
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file of the ONNX graph, for programs that run it themselves.
    pub fn graph_path(&self, precision: Precision) -> PathBuf {
        self.directory.join(graph_name(precision))
    }

    /// Reads every file and compares its digest with the manifest.
    pub fn verify(&self) -> Result<(), Error> {
        for (name, entry) in &self.files {
            let path = self.directory.join(name);
            let found = files::digest(&path).map_err(Error::file("read the model's files"))?;
            if found != *entry {
                return Err(Error::Damaged { path });
            }
        }
        Ok(())
    }

    /// The bytes of a file, which are the right ones.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.directory.join(name);
        let entry = self.files.get(name);
        let entry = entry.ok_or_else(|| Error::Missing { path: path.clone() })?;
        let (bytes, found) = files::read(&path).map_err(Error::file("read the model's files"))?;
        if found == *entry { Ok(bytes) } else { Err(Error::Damaged { path }) }
    }

    pub(crate) fn read_graph(&self, precision: Precision) -> Result<Vec<u8>, Error> {
        self.read(graph_name(precision))
    }
}
