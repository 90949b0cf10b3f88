//! How long to wait before asking the same provider again.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

/// Waits between attempts at one provider.
#[derive(Clone, Debug)]
pub struct BackoffSettings {
    /// The most that the first wait may be; it doubles with every attempt. Default: 200 ms.
    pub base: Duration,
    /// The most that any wait may be. Default: 2 s.
    pub cap: Duration,
}

impl Default for BackoffSettings {
    fn default() -> Self {
        Self { base: Duration::from_millis(200), cap: Duration::from_secs(2) }
    }
}

/// A wait before the attempt that follows `failed` failed ones, with full jitter: any span from
/// nothing to the bound is as likely as another.
///
/// From "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
pub(crate) fn wait(settings: &BackoffSettings, failed: u32, random: &mut StdRng) -> Duration {
    let doublings = failed.saturating_sub(1).min(31);
    let bound = settings.base.saturating_mul(1 << doublings).min(settings.cap);
    let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random.random_range(0..=micros))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn waits_fill_their_range_and_stay_in_it() {
        let settings = BackoffSettings::default();
        for (failed, bound) in [(1, 200), (2, 400), (3, 800), (5, 2_000), (u32::MAX, 2_000)] {
            let mut random = StdRng::seed_from_u64(7);
            let bound = Duration::from_millis(bound);
            let waits: Vec<_> = (0..1_000).map(|_| wait(&settings, failed, &mut random)).collect();
            assert!(waits.iter().all(|wait| *wait <= bound), "{failed}");
            assert!(waits.iter().any(|wait| *wait > bound * 9 / 10), "{failed}");
            assert!(waits.iter().any(|wait| *wait < bound / 10), "{failed}");
        }
    }
}
