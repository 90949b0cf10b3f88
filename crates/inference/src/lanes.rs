//! The HTTP clients of one provider, each with connections of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{Client, ConnectionSettings};
use crate::{Error, InferenceSettings, ProviderSettings};

/// Requests that are given to one client at once. Over HTTP/2 they share a connection, and what is
/// beyond the streams that the server allows there, 100 at many, would wait unsent without a word.
const REQUESTS_MAX: usize = 64;

/// As many clients as the most requests at once need.
pub(crate) struct Lanes {
    lanes: Vec<Arc<Lane>>,
    connections: ConnectionSettings,
}

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
        let connections = ConnectionSettings::new(settings, shared);
        let lane = || {
            let client = Client::new(&connections).map_err(|source| Error::Client {
                provider: settings.id.clone(),
                source: source.into(),
            })?;
            Ok(Arc::new(Lane { client, in_flight: AtomicUsize::new(0) }))
        };
        let lanes = (0..count(settings)).map(|_| lane()).collect::<Result<_, Error>>()?;
        Ok(Self { lanes, connections })
    }

    /// Whether those for these settings would be made as these are.
    pub(crate) fn suit(&self, settings: &ProviderSettings, shared: &InferenceSettings) -> bool {
        self.lanes.len() == count(settings)
            && self.connections == ConnectionSettings::new(settings, shared)
    }

    /// A seat at the first client that has one, so that few connections are open where few are
    /// needed.
    pub(crate) fn sit(&self) -> Seat {
        let is_free = |lane: &&Arc<Lane>| lane.in_flight.load(Ordering::Relaxed) < REQUESTS_MAX;
        let lane = self.lanes.iter().find(is_free).unwrap_or(&self.lanes[0]);
        lane.in_flight.fetch_add(1, Ordering::Relaxed);
        Seat(Arc::clone(lane))
    }
}

fn count(settings: &ProviderSettings) -> usize {
    // Without TLS nobody offers HTTP/2.
    let is_plain = settings.base_url.is_plain_http();
    if is_plain { 1 } else { settings.concurrency_max.div_ceil(REQUESTS_MAX).max(1) }
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
