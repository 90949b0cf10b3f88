//! Which files make a model, and how they get where they belong.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use types::ModelId;

use crate::bert::{Architecture, Bert};
use crate::manifest::{Entry, GRAPH_FORM, MANIFEST, Manifest};
use crate::model::{CONFIG, SPECIAL_TOKENS, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS, graph_name};
use crate::{Error, FileDigest, Model, PinnedFile, Precision, Source, files, onnx};

/// A model: its name and the content of the files that are published of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSpec {
    id: ModelId,
    files: Vec<PinnedFile>,
}

impl ModelSpec {
    /// The name of all-MiniLM-L6-v2: English sentences to 384 numbers; 23 million weights,
    /// Apache-2.0.
    pub const DEFAULT: &str = "all-MiniLM-L6-v2";

    /// A BERT sentence model of which `pinned` are the published files: `config.json`,
    /// `model.safetensors`, `tokenizer.json`, `tokenizer_config.json` and
    /// `special_tokens_map.json`.
    pub fn new(id: ModelId, pinned: Vec<PinnedFile>) -> Self {
        Self { id, files: pinned }
    }

    /// A model whose files are known here: [`ModelSpec::DEFAULT`] is the only one.
    pub fn known(id: &ModelId) -> Option<Self> {
        let pinned = |(name, bytes, sha256): &(&str, u64, FileDigest)| PinnedFile {
            name: (*name).to_owned(),
            bytes: *bytes,
            sha256: *sha256,
        };
        let is_known = id.as_str() == Self::DEFAULT;
        is_known.then(|| Self::new(id.clone(), ALL_MINILM_L6_V2.iter().map(pinned).collect()))
    }

    /// The model's name.
    pub fn id(&self) -> &ModelId {
        &self.id
    }

    /// The published files.
    pub fn files(&self) -> &[PinnedFile] {
        &self.files
    }

    /// The published files that are not in `directory` or are broken there: what an installation
    /// takes from its source.
    pub fn lacking(&self, directory: &Path) -> Result<Vec<PinnedFile>, Error> {
        let mut lacking = Vec::new();
        for file in &self.files {
            if !file.is_in(directory)? {
                lacking.push(file.clone());
            }
        }
        Ok(lacking)
    }

    /// Opens what was installed in `directory`. Of the files only presence and length are looked at:
    /// content is checked when it is read, and by [`Model::verify`].
    pub fn open(&self, directory: &Path) -> Result<Model, Error> {
        let manifest = Manifest::read(directory)?;
        let pinned = self.files.iter().map(|file| (file.name.clone(), file.entry()));
        let is_ours = manifest.graph_form == GRAPH_FORM
            && manifest.model == self.id
            && pinned.into_iter().all(|(name, entry)| manifest.files.get(&name) == Some(&entry));
        if !is_ours {
            return Err(Error::Damaged { path: directory.join(MANIFEST) });
        }
        Model::open(directory, manifest)
    }

    /// Installs the model: takes what is missing or broken in `directory` from `source`, and nothing
    /// else. A file gets its name once it is whole and on the disk, and the manifest is written
    /// last, so whatever interrupts this, the next call goes on where it ended.
    pub fn install(&self, source: &Source, directory: &Path) -> Result<Model, Error> {
        self.install_files(directory, |file| file.install(source, directory))
    }

    /// Installs again what can be made from the published files that are there: the graphs and the
    /// manifest. Fails with [`Error::Missing`] where [`install`](Self::install) is needed.
    pub fn repair(&self, directory: &Path) -> Result<Model, Error> {
        self.install_files(directory, |file| {
            Err(Error::Missing { path: directory.join(&file.name) })
        })
    }

    fn install_files(
        &self,
        directory: &Path,
        install: impl Fn(&PinnedFile) -> Result<(), Error>,
    ) -> Result<Model, Error> {
        let _lock = files::lock(directory)?;
        for file in &self.files {
            if !file.is_in(directory)? {
                install(file)?;
            }
        }
        let mut files: BTreeMap<_, _> =
            self.files.iter().map(|file| (file.name.clone(), file.entry())).collect();
        let known = Manifest::read(directory).ok().filter(|known| known.graph_form == GRAPH_FORM);
        for precision in Precision::ALL {
            let name = graph_name(precision);
            let known = known.as_ref().and_then(|known| known.files.get(name));
            let entry = match known {
                Some(entry) if is_whole(&directory.join(name), *entry) => *entry,
                Some(_) | None => write_graph(directory, precision)?,
            };
            files.insert(name.to_owned(), entry);
        }
        Manifest { graph_form: GRAPH_FORM, model: self.id.clone(), files }.write(directory)?;
        self.open(directory)
    }
}

fn is_whole(path: &Path, entry: Entry) -> bool {
    files::digest(path).is_ok_and(|found| found == entry)
}

/// Writes the graph of the weights that are in `directory`.
fn write_graph(directory: &Path, precision: Precision) -> Result<Entry, Error> {
    let read = |name| fs_err::read(directory.join(name)).map_err(Error::file("read the weights"));
    let (config, weights) = (read(CONFIG)?, read(WEIGHTS)?);
    let graph = Architecture::parse(&config)
        .and_then(|config| Bert::new(config, &weights))
        .and_then(|bert| onnx::encoder(&bert, precision))
        .map_err(|source| Error::Unfit { path: directory.to_owned(), source })?;
    let write = |writer: &mut dyn Write| writer.write_all(&graph);
    let placed = files::place(directory, graph_name(precision), write, |_| true)
        .map_err(Error::file("write the model's graph"))?;
    placed.ok_or_else(|| Error::Missing { path: directory.join(graph_name(precision)) })
}

/// The published files of all-MiniLM-L6-v2.
const ALL_MINILM_L6_V2: [(&str, u64, FileDigest); 5] = [
    (
        CONFIG,
        612,
        FileDigest::pinned(b"953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    ),
    (
        WEIGHTS,
        90_868_376,
        FileDigest::pinned(b"53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    ),
    (
        TOKENIZER,
        466_247,
        FileDigest::pinned(b"be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ),
    (
        TOKENIZER_CONFIG,
        350,
        FileDigest::pinned(b"acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
    ),
    (
        SPECIAL_TOKENS,
        112,
        FileDigest::pinned(b"303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
    ),
];
