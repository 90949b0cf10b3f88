//! Files of a repository on the model hub.

use std::io::Write;
use std::path::Path;

use embeddings::PinnedFile;
use fs_err::File;

use super::pull_progress::Watcher;
use super::{FetchSettings, ModelStoreError, PullProgress};

/// A state of a repository on the hub.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    /// Owner and name.
    pub(super) name: &'static str,
    /// The commit.
    pub(super) revision: &'static str,
}

impl Repository {
    /// Brings `files` into `folder`. What they hold is not looked at: whoever installs them does,
    /// so any mirror may be asked.
    pub(super) async fn fetch(
        &self,
        settings: &FetchSettings,
        files: &[PinnedFile],
        folder: &Path,
        watcher: Watcher<'_>,
    ) -> Result<(), ModelStoreError> {
        // An error means that this process has a provider of cryptography already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .connect_timeout(settings.hub_connect_timeout)
            .read_timeout(settings.hub_silence_max)
            .build()
            .map_err(hub)?;
        let bytes_total = files.iter().map(|file| file.bytes).sum();
        let mut bytes = 0;
        for file in files {
            let (Self { name, revision }, hub_url) = (self, &settings.hub);
            let url = format!("{hub_url}/{name}/resolve/{revision}/{}", file.name);
            let asked = client.get(url).send().await;
            let mut answer = asked.and_then(reqwest::Response::error_for_status).map_err(hub)?;
            let mut written = File::create(folder.join(&file.name)).map_err(failed)?;
            let mut left = file.bytes;
            while let Some(piece) = answer.chunk().await.map_err(hub)? {
                written.write_all(&piece).map_err(failed)?;
                let length = piece.len() as u64;
                bytes += length;
                watcher(PullProgress::Received { bytes, bytes_total });
                let Some(rest) = left.checked_sub(length) else {
                    // Longer than the file: another one, as whoever installs it will find.
                    break;
                };
                left = rest;
            }
        }
        Ok(())
    }
}

fn hub(source: reqwest::Error) -> ModelStoreError {
    let what = if source.is_status() { "does not have the file" } else { "cannot be reached" };
    ModelStoreError::Hub { what, source: source.without_url().into() }
}

fn failed(source: std::io::Error) -> ModelStoreError {
    ModelStoreError::system("write what the model hub sent")(source)
}
