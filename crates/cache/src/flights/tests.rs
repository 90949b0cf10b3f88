use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::*;
mod model;

fn key_of(number: u64) -> Key {
    crate::testing::key_of("acme", number)
}

async fn lead(subscription: &mut Subscription<u32>) -> Lead<u32> {
    match subscription.next().await {
        Turn::Lead(lead) => lead,
        turn @ (Turn::Item(_) | Turn::Landed | Turn::Lost) => panic!("no lead but {turn:?}"),
    }
}

/// All items until the end, and whether the flight landed.
async fn hear_out(mut subscription: Subscription<u32>) -> (Vec<u32>, bool) {
    let mut items = Vec::new();
    loop {
        match subscription.next().await {
            Turn::Item(item) => items.push(item),
            Turn::Landed => return (items, true),
            Turn::Lost => return (items, false),
            Turn::Lead(lead) => drop(lead),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_joins_late_hears_everything_and_who_joins_after_landing_leads() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let producer = lead(&mut first).await.take_off();
    producer.push(1);
    let second = flights.join(key_of(1));
    producer.push(2);
    assert_eq!(flights.len(), 1);
    producer.land();
    assert!(flights.is_empty());
    let mut third = flights.join(key_of(1));
    assert_eq!(hear_out(second).await, (vec![1, 2], true));
    assert_eq!(hear_out(first).await, (vec![1, 2], true));
    drop(lead(&mut third).await);
}

#[tokio::test(start_paused = true)]
async fn other_keys_and_solo_requests_join_nobody() {
    let flights = Flights::new();
    let (mut one, mut two) = (flights.join(key_of(1)), flights.join(key_of(2)));
    let (mut three, mut four) = (Flights::<u32>::solo(), Flights::<u32>::solo());
    let leads = [&mut one, &mut two, &mut three, &mut four].map(lead);
    for lead in leads {
        lead.await.take_off().land();
    }
    assert!(flights.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_declines_and_has_nobody_behind_it_is_lost_and_not_stuck() {
    let flights = Flights::new();
    let mut only = flights.join(key_of(1));
    drop(lead(&mut only).await);
    assert!(flights.is_empty());
    assert!(matches!(only.next().await, Turn::Lost));
    assert!(matches!(only.next().await, Turn::Lost));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_declined_follows_the_next_leader() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let mut second = flights.join(key_of(1));
    drop(lead(&mut first).await);
    let producer = lead(&mut second).await.take_off();
    producer.push(5);
    producer.land();
    assert_eq!(hear_out(first).await, (vec![5], true));
}

#[tokio::test(start_paused = true)]
async fn the_last_candidate_that_leaves_ends_it_for_those_who_declined() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let second = flights.join(key_of(1));
    drop(lead(&mut first).await);
    drop(second);
    assert!(flights.is_empty());
    assert_eq!(hear_out(first).await, (vec![], false));
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_panics_is_a_loss() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let second = flights.join(key_of(1));
    let producer = lead(&mut first).await.take_off();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        producer.push(1);
        panic!("on purpose");
    });
    assert_eq!(hear_out(second).await, (vec![1], false));
    assert_eq!(hear_out(first).await, (vec![1], false));
    assert!(flights.is_empty());
    assert!(tasks.join_next().await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_producer_is_told_and_nobody_joins_it_any_more() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let producer = lead(&mut first).await.take_off();
    let second = flights.join(key_of(1));
    drop(first);
    let still = tokio::time::timeout(Duration::from_secs(3600), producer.abandoned()).await;
    assert!(still.is_err(), "one subscriber is left");
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { producer.abandoned().await });
    tokio::task::yield_now().await;
    drop(second);
    tasks.join_next().await.unwrap().unwrap();
    drop(lead(&mut flights.join(key_of(1))).await);
}

/// 1,000 callers meet; the first few leaders decline, as where a budget refuses them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_make_one_call_and_all_hear_all_of_it() {
    const CALLERS: usize = 1_000;
    const DECLINING: usize = 7;
    let flights = Arc::new(Flights::new());
    let barrier = Arc::new(Barrier::new(CALLERS));
    let offered = Arc::new(AtomicUsize::new(0));
    let leading = Arc::new(AtomicUsize::new(0));
    let producing = Arc::new(Mutex::new(JoinSet::new()));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (flights, barrier) = (Arc::clone(&flights), Arc::clone(&barrier));
        let (offered, leading) = (Arc::clone(&offered), Arc::clone(&leading));
        let producing = Arc::clone(&producing);
        callers.spawn(async move {
            let mut subscription = flights.join(key_of(1));
            barrier.wait().await;
            let mut items = Vec::new();
            loop {
                match subscription.next().await {
                    Turn::Lead(lead) => {
                        assert_eq!(leading.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
                        let declines = offered.fetch_add(1, Ordering::SeqCst) < DECLINING;
                        tokio::task::yield_now().await;
                        leading.fetch_sub(1, Ordering::SeqCst);
                        if declines {
                            drop(lead);
                            return None;
                        }
                        let producer = lead.take_off();
                        producing.lock().spawn(async move {
                            for item in 0..100 {
                                producer.push(item);
                                tokio::task::yield_now().await;
                            }
                            producer.land();
                        });
                    }
                    Turn::Item(item) => items.push(item),
                    Turn::Landed => return Some(items),
                    Turn::Lost => panic!("lost"),
                }
            }
        });
    }
    let answers = callers.join_all().await;
    assert_eq!(offered.load(Ordering::SeqCst), DECLINING + 1);
    assert_eq!(producing.lock().len(), 1);
    let all: Vec<u32> = (0..100).collect();
    assert_eq!(answers.iter().filter(|answer| answer.as_ref() == Some(&all)).count(), 993);
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), DECLINING);
    assert!(flights.is_empty());
}

/// Half of the followers join before the first caller leaves and half after.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_a_hundred_rounds_the_first_caller_leaves_mid_stream_and_nobody_hangs() {
    let flights = Flights::new();
    for round in 0..100 {
        let mut first = flights.join(key_of(round));
        let producer = lead(&mut first).await.take_off();
        let (go, may_go) = tokio::sync::oneshot::channel();
        let mut producing = JoinSet::new();
        producing.spawn(async move {
            (0..10).for_each(|item| producer.push(item));
            may_go.await.unwrap();
            for item in 10..20 {
                producer.push(item);
                tokio::task::yield_now().await;
            }
            producer.land();
        });
        let mut followers = JoinSet::new();
        for _ in 0..10 {
            followers.spawn(hear_out(flights.join(key_of(round))));
        }
        for _ in 0..round % 11 {
            assert!(matches!(first.next().await, Turn::Item(_)));
        }
        drop(first);
        for _ in 0..10 {
            followers.spawn(hear_out(flights.join(key_of(round))));
        }
        go.send(()).unwrap();
        let answers = tokio::time::timeout(Duration::from_secs(60), followers.join_all());
        for answer in answers.await.unwrap() {
            assert_eq!(answer, ((0..20).collect(), true));
        }
        producing.join_next().await.unwrap().unwrap();
    }
    assert!(flights.is_empty());
}

/// What a thread does that closes a flight and is held up before it clears the map.
#[tokio::test(start_paused = true)]
async fn a_flight_that_leaves_late_does_not_take_its_successor_with_it() {
    let flights = Flights::new();
    let mut first = flights.join(key_of(1));
    let closed = Arc::clone(flights.map.get(&key_of(1)).unwrap().value());
    lead(&mut first).await.take_off().land();
    let mut second = flights.join(key_of(1));
    closed.leave_home();
    assert_eq!(flights.len(), 1);
    let producer = lead(&mut second).await.take_off();
    let third = flights.join(key_of(1));
    producer.land();
    assert_eq!(hear_out(third).await, (vec![], true));
}

/// Flights that close while others join. Where every leader either declines or lands, nobody is
/// ever lost, and never do two lead.
#[test]
fn a_flight_that_closes_while_others_join_loses_nobody() {
    const THREADS: u32 = 4;
    let rounds = crate::testing::cases(8_000, 500_000);
    let flights = Flights::new();
    let leading = AtomicUsize::new(0);
    let lead_or_follow = async |seed: u32| {
        let mut subscription = flights.join(key_of(1));
        if seed.is_multiple_of(5) {
            return;
        }
        loop {
            match subscription.next().await {
                Turn::Lead(lead) => {
                    assert_eq!(leading.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
                    if seed.is_multiple_of(3) {
                        let producer = lead.take_off();
                        leading.fetch_sub(1, Ordering::SeqCst);
                        producer.land();
                    } else {
                        leading.fetch_sub(1, Ordering::SeqCst);
                        drop(lead);
                        return;
                    }
                }
                Turn::Item(()) => panic!("nobody pushes"),
                Turn::Landed => return,
                Turn::Lost => panic!("lost in round {seed}"),
            }
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let lead_or_follow = &lead_or_follow;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for round in 0..rounds {
                    runtime.block_on(lead_or_follow(round.wrapping_mul(7) + thread));
                }
            });
        }
    });
    assert!(flights.is_empty());
}
