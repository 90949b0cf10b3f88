//! Joining equal requests in flight.

use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Place;

use crate::Key;
use flight::{Flight, Home};

mod flight;
mod lead;
mod producer;
mod subscription;
#[cfg(test)]
mod tests;

pub use lead::Lead;
pub use producer::Producer;
pub use subscription::{Subscription, Turn};

/// The requests in flight, by key.
///
/// The first caller of a key is asked to lead: it takes off, which yields a [`Producer`] to be run
/// in a task of its own, and then listens like everyone else. So any caller may leave at any time,
/// the first one too. Whoever joins late is given every item from the start.
///
/// A caller may miss the cache just before a flight lands and join just after, and then leads a
/// flight of its own. So a leader looks in the cache once more before it takes off, and a producer
/// stores its answer before it lands; then equal requests make one call.
///
/// ```
/// # use forebay_cache::{Flights, KeyParts, Turn, key};
/// # use types::{ModelId, TenantId};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let tenant = TenantId::new("acme")?;
/// # let model = ModelId::new("gpt-5-mini")?;
/// # let fields = serde_json::Map::new();
/// # let key = key(&KeyParts { tenant: &tenant, endpoint: "/", model: &model, fields: &fields, excluded: &[] });
/// let flights = Flights::new();
/// let (mut first, mut second) = (flights.join(key), flights.join(key));
/// let Turn::Lead(lead) = first.next().await else { return Err("the first leads".into()) };
/// let producer = lead.take_off();
/// drop(first);
/// producer.push("hello");
/// producer.land();
/// assert!(matches!(second.next().await, Turn::Item("hello")));
/// assert!(matches!(second.next().await, Turn::Landed));
/// # Ok(()) })
/// # }
/// ```
pub struct Flights<I> {
    map: Arc<Map<I>>,
}

type Map<I> = DashMap<Key, Arc<Flight<I>>>;

impl<I: Clone> Flights<I> {
    /// Nothing in flight.
    pub fn new() -> Self {
        Self { map: Arc::new(DashMap::new()) }
    }

    /// Joins the flight of `key`, or is the first of a new one.
    pub fn join(&self, key: Key) -> Subscription<I> {
        // The map's lock is held while a flight's is taken, never the other way round.
        let flight = match self.map.entry(key) {
            Place::Occupied(mut place) => {
                if !place.get().board() {
                    place.insert(self.new_flight(key));
                }
                Arc::clone(place.get())
            }
            Place::Vacant(place) => Arc::clone(&place.insert(self.new_flight(key))),
        };
        Subscription::new(flight)
    }

    /// A flight of one, which nobody can join, for a request that the cache stays out of.
    pub fn solo() -> Subscription<I> {
        Subscription::new(Arc::new(Flight::boarded_by_one(None)))
    }

    /// How many flights can be joined.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no flight to join.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    fn new_flight(&self, key: Key) -> Arc<Flight<I>> {
        Arc::new(Flight::boarded_by_one(Some(Home::new(&self.map, key))))
    }
}

impl<I: Clone> Default for Flights<I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I> std::fmt::Debug for Flights<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Flights").field("len", &self.map.len()).finish()
    }
}
