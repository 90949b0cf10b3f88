use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use types::{ManualClock, Timestamp};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn places(most: usize) -> (Arc<Places>, ManualClock) {
    places_with(most, QueueSettings { waiting_max: 100, ..Default::default() })
}

fn places_with(most: usize, queue: QueueSettings) -> (Arc<Places>, ManualClock) {
    let hand = ManualClock::new(Timestamp::from_millis(0));
    (Arc::new(Places::new(most, queue, hand.clock())), hand)
}

fn occupied(places: &Places) -> (usize, usize) {
    let Occupancy { in_flight, waiting, .. } = places.occupancy();
    (in_flight, waiting)
}

/// Waits until so many wait.
async fn waiting(places: &Places, count: usize) {
    while places.occupancy().waiting != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_goes_to_whoever_waits_and_nobody_overtakes() {
    let (places, _hand) = places(1);
    let first = places.try_take().unwrap();
    let waiter = places.wait(Priority::Normal, SECOND);
    let others = async {
        waiting(&places, 1).await;
        drop(first);
        // The place is on its way already.
        assert!(places.try_take().is_none());
    };
    let (place, ()) = tokio::join!(waiter, others);
    assert_eq!(occupied(&places), (1, 0));
    drop(place);
    assert_eq!(occupied(&places), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn more_places_go_to_those_who_wait_and_fewer_take_none_away() {
    let (places, _hand) = places(1);
    let queue = || QueueSettings { waiting_max: 100, ..Default::default() };
    let first = places.try_take().unwrap();
    let others = async {
        waiting(&places, 2).await;
        places.follow(3, queue());
        assert_eq!(occupied(&places), (3, 0));
        places.follow(1, queue());
        assert_eq!(occupied(&places), (3, 0));
    };
    let wait = || places.wait(Priority::Normal, SECOND);
    let (second, third, ()) = tokio::join!(wait(), wait(), others);
    drop((first, second));
    assert!(places.try_take().is_none(), "the third has the only one");
    drop(third);
    assert!(places.try_take().is_some());
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_patience() {
    let (places, _hand) = places(1);
    let _first = places.try_take().unwrap();
    let start = tokio::time::Instant::now();
    places.wait(Priority::Normal, 3 * SECOND).await.unwrap_err();
    assert_eq!(start.elapsed(), 3 * SECOND);
    places.wait(Priority::Normal, 60 * SECOND).await.unwrap_err();
    assert_eq!(start.elapsed(), 13 * SECOND, "no longer than the queue allows");
    assert_eq!(occupied(&places), (1, 0));
}

/// A conversation asks in turn even where the place is free.
#[tokio::test(start_paused = true)]
async fn a_free_place_is_taken_whether_or_not_anybody_may_wait() {
    for queue in [
        QueueSettings { waiting_max: 0, ..Default::default() },
        QueueSettings { wait_max: Duration::ZERO, ..Default::default() },
    ] {
        let (places, _hand) = places_with(1, queue);
        let wait = || places.wait(Priority::Normal, SECOND);
        let place = wait().await.unwrap();
        let start = tokio::time::Instant::now();
        wait().await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(place);
        wait().await.unwrap();
        assert_eq!(occupied(&places), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_spell_ends() {
    let (places, hand) = places(1);
    let wait = || places.wait(Priority::Normal, 60 * SECOND);
    let busy = |seconds: u32| {
        let (places, hand) = (Arc::clone(&places), &hand);
        async move {
            let first = places.try_take().unwrap();
            let others = async {
                waiting(&places, 1).await;
                hand.advance(seconds * SECOND);
                drop(first);
            };
            tokio::join!(places.wait(Priority::Normal, 60 * SECOND), others).0
        }
    };
    drop(busy(9).await.unwrap());
    drop(wait().await.expect("nobody is there"));
    // Whoever waits alone measures the pace anew.
    for _ in 0..20 {
        drop(busy(0).await.unwrap());
    }
    drop(busy(9).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn who_leaves_takes_no_place() {
    let (places, _hand) = places(1);
    let first = places.try_take().unwrap();
    tokio::select! {
        biased;
        _ = places.wait(Priority::Normal, SECOND) => panic!("got a place"),
        () = waiting(&places, 1) => {}
    }
    assert_eq!(occupied(&places), (1, 0));
    // Who leaves when the place has been handed to it, but before it looked, gives it back.
    let mut waiter = Box::pin(places.wait(Priority::Normal, SECOND));
    tokio::select! {
        biased;
        _ = &mut waiter => panic!("got a place"),
        () = waiting(&places, 1) => {}
    }
    drop(first);
    assert_eq!(occupied(&places), (1, 0));
    drop(waiter);
    assert_eq!(occupied(&places), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_grows_lets_those_in_who_wait() {
    let (places, _hand) = places(4);
    let held: Vec<_> = (0..4).filter_map(|_| places.try_take()).collect();
    held[0].refused();
    assert_eq!(places.occupancy().limit, 3);
    let waiter = places.wait(Priority::Normal, SECOND);
    let others = async {
        waiting(&places, 1).await;
        drop(held);
    };
    tokio::join!(waiter, others).0.unwrap();
}

/// Tasks that come, wait, hold, leave early or are dropped, on two threads: at no moment more
/// places are taken than the limit allows, and at the end none is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_place_is_lost_or_given_twice_whatever_callers_do() {
    let clock = Clock::system();
    let queue = QueueSettings { waiting_max: 100, ..Default::default() };
    let places = Arc::new(Places::new(7, queue, clock));
    let mut running = JoinSet::new();
    for seed in 0..2_000 {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let mut random = StdRng::seed_from_u64(seed);
            let patience = Duration::from_micros(random.random_range(1..3_000));
            let leaves = Duration::from_micros(random.random_range(1..3_000));
            let wait = places.wait(Priority::Normal, patience);
            if let Ok(Ok(place)) = tokio::time::timeout(leaves, wait).await {
                assert!(places.occupancy().in_flight <= 7);
                for _ in 0..random.random_range(0..5) {
                    tokio::task::yield_now().await;
                }
                drop(place);
            }
        });
    }
    running.join_all().await;
    assert_eq!(occupied(&places), (0, 0));
}
