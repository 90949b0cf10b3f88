//! What a model's directory is said to hold.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use types::ModelId;

use crate::{Error, FileDigest, files};

/// The name of the manifest's own file.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The form of the graphs that are written here. A change to a graph changes vectors, so it changes
/// this number, with it the key of every vector, and makes installed graphs be written anew.
pub(crate) const GRAPH_FORM: u32 = 1;

/// Written last: where it stands, everything that it names was whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) graph_form: u32,
    pub(crate) model: ModelId,
    /// By name.
    pub(crate) files: BTreeMap<String, Entry>,
}

/// A file's length and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) bytes: u64,
    pub(crate) sha256: FileDigest,
}

impl Manifest {
    pub(crate) fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(MANIFEST);
        let json = match fs_err::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Missing { path });
            }
            Err(error) => return Err(Error::file("read the model's manifest")(error)),
        };
        serde_json::from_slice(&json).map_err(|_| Error::Damaged { path })
    }

    pub(crate) fn write(&self, directory: &Path) -> Result<(), Error> {
        let write = |mut writer: &mut dyn Write| {
            serde_json::to_writer_pretty(&mut writer, self)?;
            writer.write_all(b"\n")
        };
        files::place(directory, MANIFEST, write, |_| true)
            .map(drop)
            .map_err(Error::file("write the model's manifest"))
    }
}
