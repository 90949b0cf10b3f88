//! What is learned about a provider while it is asked.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use types::Clock;

use crate::breaker::Breaker;
use crate::places::Places;
use crate::rests::Rests;
use crate::{InferenceSettings, ProviderSettings};

/// What is learned about a provider while it is asked: true of the provider whatever the settings
/// say of how to ask it, so it outlives a change of them.
pub(crate) struct Learned {
    pub(crate) breaker: Mutex<Breaker>,
    pub(crate) rests: Mutex<Rests>,
    pub(crate) places: Arc<Places>,
    pub(crate) succeeded: AtomicU64,
    pub(crate) failed: AtomicU64,
}

impl Learned {
    /// Nothing yet.
    pub(crate) fn new(
        settings: &ProviderSettings,
        shared: &InferenceSettings,
        clock: Clock,
    ) -> Self {
        let queue = shared.queue.clone();
        Self {
            breaker: Mutex::new(Breaker::new(shared.breaker.clone())),
            rests: Mutex::new(Rests::new(shared.breaker.clone())),
            places: Arc::new(Places::new(settings.concurrency_max, queue, clock)),
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Goes on under other settings: those who rest or wait already do so as they were told.
    pub(crate) fn follow(&self, settings: &ProviderSettings, shared: &InferenceSettings) {
        self.breaker.lock().follow(shared.breaker.clone());
        self.rests.lock().follow(shared.breaker.clone());
        self.places.follow(settings.concurrency_max, shared.queue.clone());
    }
}
