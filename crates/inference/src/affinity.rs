//! Which provider a conversation stays with.

use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;
use types::ProviderId;

use crate::Session;

/// Conversations that are remembered; of more, the one that was quiet for longest is forgotten.
const SESSIONS_MAX: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Who answered a conversation last, for as long as that provider may have its beginning cached.
#[derive(Debug)]
pub(crate) struct Affinity {
    lasts: Duration,
    pins: LruCache<Session, Pin>,
}

#[derive(Debug)]
struct Pin {
    provider: ProviderId,
    at: Duration,
}

impl Affinity {
    /// Conversations stay for `lasts` after their last answer; zero remembers none.
    pub(crate) fn new(lasts: Duration) -> Self {
        Self { lasts, pins: LruCache::new(SESSIONS_MAX) }
    }

    /// Who answered a conversation last, where that is not too long ago.
    pub(crate) fn provider(&mut self, session: Session, now: Duration) -> Option<&ProviderId> {
        let pin = self.pins.get(&session)?;
        (now.saturating_sub(pin.at) < self.lasts).then_some(&pin.provider)
    }

    /// Notes who answers a conversation now.
    pub(crate) fn note(&mut self, session: Session, provider: &ProviderId, now: Duration) {
        if !self.lasts.is_zero() {
            self.pins.put(session, Pin { provider: provider.clone(), at: now });
        }
    }

    /// Another time to stay.
    pub(crate) fn set_lasts(&mut self, lasts: Duration) {
        self.lasts = lasts;
    }
}
