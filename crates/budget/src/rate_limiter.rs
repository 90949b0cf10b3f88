//! Requests and tokens a minute, for each tenant.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use types::{Clock, TenantId, TokenCount};

use crate::token_bucket::TokenBucket;
use crate::{Error, RateKind, RateLimits};

/// Holds tenants to their requests and tokens a minute. Cheap to clone; all clones count together.
///
/// Each limit is a bucket that holds a minute's worth and is filled evenly, so a tenant that was
/// idle may use a minute's worth at once and then goes on at the rate. Nothing is written down: a
/// start begins with full buckets.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

#[derive(Debug)]
struct State {
    limits: RateLimits,
    tenants: HashMap<TenantId, Buckets>,
}

#[derive(Clone, Debug)]
struct Buckets {
    requests: Option<TokenBucket>,
    tokens: Option<TokenBucket>,
}

/// How far a tenant is from one of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateStanding {
    /// Which limit.
    pub kind: RateKind,
    /// What it allows a minute.
    pub limit: u64,
    /// What is left of it now.
    pub remaining: u64,
    /// How long until all of it is there again.
    pub reset: Duration,
}

impl RateLimiter {
    /// A limiter whose tenants have used nothing.
    pub fn new(limits: RateLimits, clock: Clock) -> Self {
        let state = State { limits, tenants: HashMap::new() };
        Self { state: Arc::new(Mutex::new(state)), clock }
    }

    /// Counts a request of a tenant.
    ///
    /// # Errors
    /// [`Error::RateLimited`]; then nothing was counted.
    pub fn admit(&self, tenant: &TenantId) -> Result<(), Error> {
        self.take(tenant, RateKind::Requests, 1)
    }

    /// Counts the tokens that a request may use at most.
    ///
    /// # Errors
    /// [`Error::RateLimited`]; then nothing was counted.
    pub fn reserve(&self, tenant: &TenantId, tokens: TokenCount) -> Result<TokensReserved, Error> {
        self.take(tenant, RateKind::Tokens, tokens.get())?;
        let (limiter, tenant) = (self.clone(), tenant.clone());
        Ok(TokensReserved { limiter, tenant, tokens, used: TokenCount::ZERO })
    }

    /// Where a tenant stands, requests first; only what is limited.
    pub fn standing(&self, tenant: &TenantId) -> Vec<RateStanding> {
        let now = self.clock.monotonic();
        let mut state = self.state.lock();
        let buckets = state.buckets(tenant, now);
        let standing = |kind, bucket: &mut TokenBucket| RateStanding {
            kind,
            limit: bucket.per_minute(),
            remaining: bucket.remaining(now),
            reset: bucket.full_after(now),
        };
        let requests = buckets.requests.as_mut().map(|bucket| standing(RateKind::Requests, bucket));
        let tokens = buckets.tokens.as_mut().map(|bucket| standing(RateKind::Tokens, bucket));
        requests.into_iter().chain(tokens).collect()
    }

    /// Other limits from now on. What was used stays used.
    pub fn set_limits(&self, limits: RateLimits) {
        let now = self.clock.monotonic();
        let mut state = self.state.lock();
        let State { limits: current, tenants } = &mut *state;
        *current = limits;
        for (tenant, buckets) in tenants {
            let limit = current.of(tenant);
            set(&mut buckets.requests, limit.requests, now);
            set(&mut buckets.tokens, limit.tokens, now);
        }
    }

    fn take(&self, tenant: &TenantId, kind: RateKind, amount: u64) -> Result<(), Error> {
        let now = self.clock.monotonic();
        let mut state = self.state.lock();
        let Some(bucket) = state.buckets(tenant, now).of(kind) else { return Ok(()) };
        bucket.take(amount, now).map_err(|retry_after| Error::RateLimited {
            tenant: tenant.clone(),
            kind,
            limit: bucket.per_minute(),
            retry_after,
        })
    }
}

fn set(bucket: &mut Option<TokenBucket>, limit: Option<u64>, now: Duration) {
    match (bucket.as_mut(), limit) {
        (Some(bucket), Some(limit)) => bucket.set_per_minute(limit, now),
        (None, Some(limit)) => *bucket = Some(TokenBucket::new(limit, now)),
        (_, None) => *bucket = None,
    }
}

impl State {
    fn buckets(&mut self, tenant: &TenantId, now: Duration) -> &mut Buckets {
        let limit = self.limits.of(tenant);
        self.tenants.entry(tenant.clone()).or_insert_with(|| Buckets {
            requests: limit.requests.map(|limit| TokenBucket::new(limit, now)),
            tokens: limit.tokens.map(|limit| TokenBucket::new(limit, now)),
        })
    }
}

impl Buckets {
    fn of(&mut self, kind: RateKind) -> Option<&mut TokenBucket> {
        match kind {
            RateKind::Requests => self.requests.as_mut(),
            RateKind::Tokens => self.tokens.as_mut(),
        }
    }
}

/// Tokens that a request may use at most. Dropped, what was noted last counts instead: nothing,
/// where nothing was.
#[derive(Debug)]
#[must_use = "dropped, the tokens come back"]
pub struct TokensReserved {
    limiter: RateLimiter,
    tenant: TenantId,
    tokens: TokenCount,
    used: TokenCount,
}

impl TokensReserved {
    /// Notes what is used as far as is known.
    pub fn meter(&mut self, used: TokenCount) {
        self.used = used;
    }

    /// Counts what was used instead.
    pub fn settle(mut self, used: TokenCount) {
        self.meter(used);
    }
}

impl Drop for TokensReserved {
    fn drop(&mut self) {
        let now = self.limiter.clock.monotonic();
        let mut state = self.limiter.state.lock();
        if let Some(bucket) = state.buckets(&self.tenant, now).of(RateKind::Tokens) {
            bucket.correct(self.tokens.get(), self.used.get(), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use types::{ManualClock, Timestamp};

    use super::*;
    use crate::RateLimit;

    fn tenant(name: &str) -> TenantId {
        name.parse().unwrap()
    }

    fn limiter(requests: Option<u64>, tokens: Option<u64>) -> (RateLimiter, ManualClock) {
        let hand = ManualClock::new(Timestamp::from_millis(0));
        let limits = RateLimits {
            usual: RateLimit { requests, tokens },
            named: [(tenant("big"), RateLimit { requests: Some(1_000), tokens: None })].into(),
        };
        (RateLimiter::new(limits, hand.clock()), hand)
    }

    #[test]
    fn tenants_have_limits_of_their_own() {
        let (limiter, hand) = limiter(Some(2), None);
        for name in ["a", "b"] {
            limiter.admit(&tenant(name)).unwrap();
            limiter.admit(&tenant(name)).unwrap();
            let Err(Error::RateLimited { limit, retry_after, .. }) = limiter.admit(&tenant(name))
            else {
                panic!("admitted");
            };
            assert_eq!((limit, retry_after), (2, Duration::from_secs(30)));
        }
        (0..1_000).for_each(|_| limiter.admit(&tenant("big")).unwrap());
        limiter.admit(&tenant("big")).unwrap_err();
        hand.advance(Duration::from_secs(30));
        limiter.admit(&tenant("a")).unwrap();
        let standing = RateStanding {
            kind: RateKind::Requests,
            limit: 2,
            remaining: 0,
            reset: Duration::from_secs(60),
        };
        assert_eq!(limiter.standing(&tenant("a")), [standing]);
    }

    #[test]
    fn tokens_count_as_used_once_that_is_known() {
        let (limiter, _hand) = limiter(None, Some(1_000));
        let a = tenant("a");
        let first = limiter.reserve(&a, TokenCount::new(700)).unwrap();
        limiter.reserve(&a, TokenCount::new(700)).unwrap_err();
        first.settle(TokenCount::new(200));
        let second = limiter.reserve(&a, TokenCount::new(700)).unwrap();
        assert_eq!(limiter.standing(&a)[0].remaining, 100);
        drop(second);
        assert_eq!(limiter.standing(&a)[0].remaining, 800, "it used nothing");
        let mut third = limiter.reserve(&a, TokenCount::new(700)).unwrap();
        third.meter(TokenCount::new(20));
        third.meter(TokenCount::new(50));
        drop(third);
        assert_eq!(limiter.standing(&a)[0].remaining, 750);
    }

    #[test]
    fn new_limits_hold_at_once_and_forget_nothing() {
        let (limiter, _hand) = limiter(Some(10), None);
        (0..8).for_each(|_| limiter.admit(&tenant("a")).unwrap());
        let limit = |requests| RateLimits {
            usual: RateLimit { requests, tokens: None },
            ..RateLimits::default()
        };
        limiter.set_limits(limit(Some(9)));
        limiter.admit(&tenant("a")).unwrap();
        limiter.admit(&tenant("a")).unwrap_err();
        limiter.set_limits(limit(None));
        (0..100).for_each(|_| limiter.admit(&tenant("a")).unwrap());
    }

    /// Eight threads that ask for tokens as fast as they can while time passes: what is granted is
    /// never more than the bucket held and was brought, and at the end nothing of it is missing.
    #[test]
    fn however_many_ask_at_once_no_more_is_granted() {
        for round in 0..20_u64 {
            let (limiter, hand) = limiter(None, Some(6_000));
            let granted = AtomicU64::new(0);
            thread::scope(|scope| {
                for number in 1..=8_u64 {
                    let (limiter, granted) = (&limiter, &granted);
                    scope.spawn(move || {
                        for step in 0..400_u64 {
                            let amount = (step * 7 + number + round) % 13 + 1;
                            if let Ok(held) = limiter.reserve(&tenant("a"), TokenCount::new(amount))
                            {
                                granted.fetch_add(amount, Ordering::Relaxed);
                                held.settle(TokenCount::new(amount));
                            }
                        }
                    });
                }
                (0..100).for_each(|_| hand.advance(Duration::from_millis(100)));
            });
            // Ten seconds bring a thousand to the six thousand.
            let granted = granted.load(Ordering::Relaxed);
            let left = limiter.standing(&tenant("a"))[0].remaining;
            assert!(granted + left <= 7_000, "{granted} and {left} left");
            assert!(granted >= 6_000, "{granted}");
        }
    }
}
