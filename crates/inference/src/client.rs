//! The HTTP client of one provider.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::{Client, redirect};

use crate::resolver::{PublicResolver, SystemResolver};
use crate::{Error, InferenceSettings, ProviderSettings};

/// What a connection may be silent for while an answer is due, before a ping, and then before it is
/// given up. Over HTTP/2 all requests share a connection, so all that came later would be lost with
/// one that is dead.
const SILENCE: Duration = Duration::from_secs(5);

/// A client with connections of its own: no redirects, no proxies, no decompression, no retries but
/// of what an HTTP/2 server says that it has not looked at, and no connection to an address that
/// the provider's settings do not allow.
pub(crate) fn build(
    settings: &ProviderSettings,
    shared: &InferenceSettings,
) -> Result<Client, Error> {
    build_with(settings, shared, Arc::new(SystemResolver))
}

/// The same with names as `resolver` finds them.
fn build_with(
    settings: &ProviderSettings,
    shared: &InferenceSettings,
    resolver: Arc<impl Resolve + 'static>,
) -> Result<Client, Error> {
    // An error means that this process has a provider of cryptography already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(SILENCE)
        .http2_keep_alive_timeout(SILENCE)
        .connect_timeout(settings.timeouts.connect)
        .pool_max_idle_per_host(shared.idle_connections_max)
        .pool_idle_timeout(shared.idle_timeout);
    if settings.base_url.is_plain_http() {
        // Nothing is verified, so the system's certificate authorities need not be loaded.
        builder = builder.tls_certs_only([]);
    } else {
        builder = builder.https_only(true);
    }
    builder = match settings.network.allow_private_addresses {
        true => builder.dns_resolver(resolver),
        false => builder.dns_resolver(Arc::new(PublicResolver(resolver))),
    };
    builder
        .build()
        .map_err(|source| Error::Client { provider: settings.id.clone(), source: source.into() })
}

#[cfg(test)]
mod tests;
