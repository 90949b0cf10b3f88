use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use budget::{RateKind, RateLimit, RateLimiter, RateLimits};
use parking_lot::Mutex;
use types::{ManualClock, TenantId, Timestamp};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn tenant() -> TenantId {
    TenantId::new("a").unwrap()
}

fn group(requests: usize) -> Group<usize> {
    let mut group = Group::new(Instant::now() + 9 * MINUTE);
    (0..requests).for_each(|number| group.add(number, String::new(), number));
    group
}

fn refused(retry_after: Duration) -> Error {
    let kind = RateKind::Requests;
    budget::Error::RateLimited { tenant: tenant(), kind, limit: 1, retry_after }.into()
}

/// Checks that each has one answer, and returns how many of them are good.
fn good<A>(answers: &[(usize, Result<A, Error>)]) -> usize {
    let mut places: Vec<_> = answers.iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    assert_eq!(places, (0..answers.len()).collect::<Vec<_>>());
    answers.iter().filter(|(_, answer)| answer.is_ok()).count()
}

/// The limiter of a tenant, on a clock that goes with the runtime's.
struct Limited {
    limiter: RateLimiter,
    hand: ManualClock,
    last: Mutex<Instant>,
    asked: AtomicUsize,
}

impl Limited {
    fn to(requests: u64) -> Self {
        let hand = ManualClock::new(Timestamp::from_millis(0));
        let usual = RateLimit { requests: Some(requests), tokens: None };
        let limits = RateLimits { usual, ..RateLimits::default() };
        let limiter = RateLimiter::new(limits, hand.clock());
        Self { limiter, hand, last: Mutex::new(Instant::now()), asked: AtomicUsize::new(0) }
    }

    fn ask(&self) -> Result<(), Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        self.hand.advance(now - std::mem::replace(&mut *self.last.lock(), now));
        Ok(self.limiter.admit(&tenant())?)
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_minute_allows_is_waited_for() {
    let limited = Limited::to(60);
    let began = Instant::now();
    let ask = |_: &usize| std::future::ready(limited.ask());
    let answers = group(200).answer(ask, || false).await;
    assert_eq!(good(&answers), 200);
    // Sixty at once, then one each second.
    let took = began.elapsed().as_secs();
    assert!((140..150).contains(&took), "{took}");
    // Each second so many as are asked at once, and not all that wait.
    let asked = limited.asked.into_inner();
    assert!(asked < 200 + 150 * AT_ONCE, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn another_model_does_not_wait() {
    let mut group = Group::new(Instant::now() + 9 * MINUTE);
    for number in 0..100 {
        let model = if number % 10 == 0 { "limited" } else { "free" };
        group.add(number, model.to_owned(), number);
    }
    let began = Instant::now();
    let answered_after = Mutex::new(Vec::new());
    let ask = |number: &usize| {
        let is_limited = number.is_multiple_of(10) && began.elapsed() < 3 * MINUTE;
        if !number.is_multiple_of(10) {
            answered_after.lock().push(began.elapsed());
        }
        std::future::ready(if is_limited { Err(refused(MINUTE)) } else { Ok(()) })
    };
    let answers = group.answer(ask, || false).await;
    assert_eq!(good(&answers), 100);
    assert!(began.elapsed() >= 3 * MINUTE);
    let after = answered_after.into_inner();
    assert_eq!(after.len(), 90);
    assert!(after.iter().all(Duration::is_zero), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_takes_too_long() {
    let began = Instant::now();
    let ask = |_: &usize| std::future::ready(Err::<(), _>(refused(10 * MINUTE)));
    assert_eq!(good(&group(50).answer(ask, || false).await), 0);
    assert_eq!(began.elapsed(), Duration::ZERO);
    let ask = |_: &usize| std::future::ready(Err::<(), _>(refused(MINUTE)));
    assert_eq!(good(&group(50).answer(ask, || false).await), 0);
    assert_eq!(began.elapsed(), 8 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_an_answer() {
    let ask = |number: &usize| {
        let errors = [Error::NotStored, Error::GivenUp, Error::Uncountable];
        std::future::ready(Err::<(), _>(errors.into_iter().nth(*number % 3).unwrap()))
    };
    let began = Instant::now();
    assert_eq!(good(&group(50).answer(ask, || false).await), 0);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn one_that_panics_costs_its_own_answer_alone() {
    let ask = |number: &usize| {
        let number = *number;
        async move {
            assert!(number != 30, "on purpose");
            Ok(number)
        }
    };
    let answers = group(50).answer(ask, || false).await;
    assert_eq!(answers.len(), 49);
    assert!(answers.iter().all(|(place, answer)| matches!(answer, Ok(number) if number == place)));
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_every_wait() {
    let stops = Arc::new(AtomicBool::new(false));
    let later = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stops.store(true, Ordering::Relaxed);
    };
    let began = Instant::now();
    let ask = |_: &usize| std::future::ready(Err::<(), _>(refused(5 * MINUTE)));
    let answer = group(50).answer(ask, || stops.load(Ordering::Relaxed));
    let (answers, ()) = tokio::join!(answer, later);
    assert_eq!(good(&answers), 0);
    assert!(began.elapsed() <= Duration::from_secs(31), "{:?}", began.elapsed());
}
