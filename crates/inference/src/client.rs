//! The HTTP client of one provider.

use std::sync::Arc;

use reqwest::{Client, redirect, retry};

use crate::resolver::PublicResolver;
use crate::{Error, InferenceSettings, ProviderSettings};

/// A client with connections of its own: no redirects, no proxies, no retries, no decompression,
/// and no connection to an address that the provider's settings do not allow.
pub(crate) fn build(
    settings: &ProviderSettings,
    shared: &InferenceSettings,
) -> Result<Client, Error> {
    // An error means that this process has a provider of cryptography already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .connect_timeout(settings.timeouts.connect)
        .pool_max_idle_per_host(shared.idle_connections_max)
        .pool_idle_timeout(shared.idle_timeout);
    if settings.base_url.is_plain_http() {
        // Nothing is verified, so the system's certificate authorities need not be loaded.
        builder = builder.tls_certs_only([]);
    } else {
        builder = builder.https_only(true);
    }
    if !settings.network.allow_private_addresses {
        builder = builder.dns_resolver(Arc::new(PublicResolver));
    }
    builder
        .build()
        .map_err(|source| Error::Client { provider: settings.id.clone(), source: source.into() })
}
