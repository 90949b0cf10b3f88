//! Names to addresses, and only to those that are allowed.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address;

/// Resolves through the system.
#[derive(Debug)]
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Drops every address that is not public from what another resolver finds. What it returns is what
/// is connected to, so a name that changes its address between two look-ups gains nothing.
#[derive(Debug)]
pub(crate) struct PublicResolver<R>(pub(crate) Arc<R>);

impl<R: Resolve + 'static> Resolve for PublicResolver<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let found = resolver.resolve(name).await?;
            let public: Vec<SocketAddr> =
                found.filter(|found| address::is_public(found.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// A name has no public address.
#[derive(Debug)]
pub(crate) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name has no public address and private ones are not allowed")
    }
}

impl std::error::Error for NotPublic {}
