//! The HTTP client of a collector.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError, ResponseBodyTooLarge};
use reqwest::{Client, redirect};
use tokio::runtime::Handle;

use crate::OtlpSettings;

/// A collector says little, and only when it fails.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Sends on the runtime that it was made on, whichever thread asks: metrics are sent from a thread
/// of their own.
#[derive(Clone, Debug)]
pub(super) struct CollectorClient {
    client: Client,
    runtime: Handle,
}

impl CollectorClient {
    pub(super) fn new(settings: &OtlpSettings) -> reqwest::Result<Self> {
        // An error means that this process has a provider of cryptography already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(settings.timeout);
        if settings.is_plain_http() {
            // Nothing is verified, so the system's certificate authorities need not be loaded.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self { client: builder.build()?, runtime: Handle::current() })
    }

    async fn exchange(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut response = self.client.execute(request.try_into()?).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(ResponseBodyTooLarge::new().into());
            }
        }
        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        Ok(answer)
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.runtime.spawn(self.clone().exchange(request)).await?
    }
}
