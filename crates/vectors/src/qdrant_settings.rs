//! Where a Qdrant server is and what to call the index there.

use std::time::Duration;

use secrecy::SecretString;

/// How a server is reached.
#[derive(Clone, Debug)]
pub struct QdrantSettings {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) key: Option<SecretString>,
    pub(crate) timeout: Duration,
}

impl QdrantSettings {
    /// The index `name` on the server whose gRPC port is at `url`, such as `http://localhost:6334`.
    pub fn new(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self { url: url.into(), name: name.into(), key: None, timeout: Duration::from_secs(5) }
    }

    /// The key that the server asks for. Default: none.
    pub fn with_key(mut self, key: SecretString) -> Self {
        self.key = Some(key);
        self
    }

    /// How long each request may take. Default: 5 s.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
