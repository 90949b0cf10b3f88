//! Names to addresses, and only to those that are allowed.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::address;

/// Resolves names. What it returns is what is connected to, so a name that changes its address
/// between two look-ups gains nothing.
#[derive(Clone)]
pub(crate) struct Resolver {
    look_up: Arc<LookUp>,
    /// Drops every address that is not public.
    public_only: bool,
}

type LookUp = dyn Fn(Name) -> Resolving<Vec<SocketAddr>> + Send + Sync;
type Resolving<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Resolver {
    /// Resolves through the system.
    pub(crate) fn system(public_only: bool) -> Self {
        Self::new(public_only, |name| {
            Box::pin(
                async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) },
            )
        })
    }

    /// Resolves as `look_up` does.
    pub(crate) fn new(
        public_only: bool,
        look_up: impl Fn(Name) -> Resolving<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self { look_up: Arc::new(look_up), public_only }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Resolving<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let found = (self.look_up)(name);
        let public_only = self.public_only;
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|found| !public_only || address::is_public(found.ip()));
            if found.is_empty() {
                return Err(io::Error::other("the name has no address that is allowed"));
            }
            Ok(found.into_iter())
        })
    }
}
