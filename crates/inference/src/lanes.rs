//! The HTTP clients of one provider, each with connections of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::Client;
use crate::{Error, InferenceSettings, ProviderSettings};

/// Requests that are given to one client at once. Over HTTP/2 they share a connection, and what is
/// beyond the streams that the server allows there, 100 at many, would wait unsent without a word.
const REQUESTS_MAX: usize = 64;

/// As many clients as the most requests at once need.
pub(crate) struct Lanes(Vec<Arc<Lane>>);

struct Lane {
    client: Client,
    in_flight: AtomicUsize,
}

/// A place of one request at a client, until it is dropped.
pub(crate) struct Seat(Arc<Lane>);

impl Lanes {
    pub(crate) fn new(
        settings: &ProviderSettings,
        shared: &InferenceSettings,
    ) -> Result<Self, Error> {
        // Without TLS nobody offers HTTP/2.
        let is_plain = settings.base_url.is_plain_http();
        let count = if is_plain { 1 } else { settings.concurrency_max.div_ceil(REQUESTS_MAX) };
        let lane = || {
            let client = Client::new(settings, shared)?;
            Ok(Arc::new(Lane { client, in_flight: AtomicUsize::new(0) }))
        };
        Ok(Self((0..count.max(1)).map(|_| lane()).collect::<Result<_, Error>>()?))
    }

    /// A seat at the first client that has one, so that few connections are open where few are
    /// needed.
    pub(crate) fn sit(&self) -> Seat {
        let is_free = |lane: &&Arc<Lane>| lane.in_flight.load(Ordering::Relaxed) < REQUESTS_MAX;
        let lane = self.0.iter().find(is_free).unwrap_or(&self.0[0]);
        lane.in_flight.fetch_add(1, Ordering::Relaxed);
        Seat(Arc::clone(lane))
    }
}

impl Seat {
    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
