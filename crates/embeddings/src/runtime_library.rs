//! The shared library of ONNX Runtime.

use std::path::{Path, PathBuf};

use crate::{Error, FileDigest, PinnedFile, Source};

/// The build of ONNX Runtime 1.31.1 that its Python package carries, pinned by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeLibrary {
    file: PinnedFile,
}

impl RuntimeLibrary {
    /// The one for this system and processor; `None` where none is known. There an engine can be
    /// given the path of any library of version 1.24 or newer.
    pub fn for_this_machine() -> Option<Self> {
        let is_known = cfg!(all(target_os = "linux", target_arch = "x86_64"));
        is_known.then(|| Self {
            file: PinnedFile {
                name: "libonnxruntime.so.1.31.1".to_owned(),
                bytes: 29_352_200,
                sha256: FileDigest::pinned(
                    b"fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
                ),
            },
        })
    }

    /// The library's file.
    pub fn file(&self) -> &PinnedFile {
        &self.file
    }

    /// The library in `directory`, where it is there and whole.
    pub fn find(&self, directory: &Path) -> Result<PathBuf, Error> {
        let path = directory.join(&self.file.name);
        if self.file.is_in(directory)? {
            Ok(path)
        } else if path.exists() {
            Err(Error::Damaged { path })
        } else {
            Err(Error::Missing { path })
        }
    }

    /// Takes the library from `source`, the Python package `onnxruntime` 1.31.1 or what was unpacked
    /// from it, unless it is in `directory` already.
    pub fn install(&self, source: &Source, directory: &Path) -> Result<PathBuf, Error> {
        let _lock = crate::files::lock(directory)?;
        if !self.file.is_in(directory)? {
            self.file.install(source, directory)?;
        }
        self.find(directory)
    }
}
