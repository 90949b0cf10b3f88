//! Requests to a Qdrant server from synchronous code.

use std::fmt;
use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use qdrant_client::{Qdrant, QdrantError};
use secrecy::ExposeSecret;
use tokio::runtime::Runtime;

use crate::{Error, QdrantSettings};

/// Waits longer than this crate does, so that its own time-out is the one that counts.
const CLIENT_TIMEOUT_FACTOR: u32 = 2;

// Status codes of gRPC.
const UNKNOWN: i32 = 2;
const DEADLINE_EXCEEDED: i32 = 4;
const INTERNAL: i32 = 13;
const UNAVAILABLE: i32 = 14;
/// How the client's word of a failed connection begins; a status of that code from a server says
/// something else.
const CONNECT_FAILURE: &str = "Failed to connect to";

/// A client with the thread that it runs on.
pub(crate) struct Server {
    client: Qdrant,
    name: String,
    timeout: Duration,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Connects when the first request is made.
    pub(crate) fn new(settings: &QdrantSettings) -> Result<Self, Error> {
        let operation = "set up the client of the vector server";
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("qdrant")
            .enable_all()
            .build()
            .map_err(|source| Error::Backend { operation, source: Box::new(source) })?;
        let mut config = Qdrant::from_url(&settings.url)
            .timeout(settings.timeout * CLIENT_TIMEOUT_FACTOR)
            .connect_timeout(settings.timeout * CLIENT_TIMEOUT_FACTOR)
            .skip_compatibility_check();
        if let Some(key) = &settings.key {
            config.set_api_key(key.expose_secret());
        }
        let client = config
            .build()
            .map_err(|source| Error::Backend { operation, source: Box::new(source) })?;
        let (name, timeout) = (settings.name.clone(), settings.timeout);
        Ok(Self { client, name, timeout, runtime: Some(runtime) })
    }

    /// The alias that stands for the index.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Makes a request and waits for its answer.
    pub(crate) fn ask<T, F>(
        &self,
        operation: &'static str,
        request: impl FnOnce(Qdrant) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, QdrantError>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let (request, after) = (request(self.client.clone()), self.timeout);
        if let Some(runtime) = &self.runtime {
            // Blocking on the future here would panic in a caller that is itself on a runtime.
            runtime.spawn(async move {
                // Whoever waits for it cannot have left.
                drop(sender.send(tokio::time::timeout(after, request).await));
            });
        }
        match receiver.recv() {
            Ok(Ok(answer)) => answer.map_err(|source| self.sorted(operation, source)),
            Ok(Err(_)) => Err(Error::TimedOut { operation, after }),
            Err(source) => Err(Error::Backend { operation, source: Box::new(source) }),
        }
    }

    fn sorted(&self, operation: &'static str, source: QdrantError) -> Error {
        let code = if let QdrantError::ResponseError { status } = &source {
            i32::from(status.code())
        } else {
            UNKNOWN
        };
        match code {
            UNAVAILABLE => Error::Unreachable { operation, source: Box::new(source) },
            DEADLINE_EXCEEDED => Error::TimedOut { operation, after: self.timeout },
            // The client says so of a connection that it cannot make.
            INTERNAL if source.to_string().contains(CONNECT_FAILURE) => {
                Error::Unreachable { operation, source: Box::new(source) }
            }
            _ => Error::Backend { operation, source: Box::new(source) },
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Waiting for its thread would panic on a caller's runtime; nothing is under way on it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("name", &self.name).finish_non_exhaustive()
    }
}
