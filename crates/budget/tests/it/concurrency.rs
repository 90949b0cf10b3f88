use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use forebay_budget::Error;
use tokio::task::JoinSet;
use types::TokenUsage;

use crate::rig::{Rig, call, developer, micro, path, request, settings, settlement};

#[test]
fn ten_thousand_attempts_admit_exactly_what_fits() {
    const COST: u64 = 731;
    const FITTING: u64 = 1_000;
    let rig = Arc::new(Rig::new(settings(Some(FITTING * COST + COST - 1))));
    let path = path("ada/core/apollo");
    let done = Arc::new(AtomicBool::new(false));
    let observer = {
        let (rig, path, done) = (Arc::clone(&rig), path.clone(), Arc::clone(&done));
        std::thread::spawn(move || observe(&rig, &path, &done))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(64).build().unwrap();
    let (admitted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for number in 0..10_000 {
            let (rig, path) = (Arc::clone(&rig), path.clone());
            let (admitted, refused) = (Arc::clone(&admitted), Arc::clone(&refused));
            tasks.spawn(async move {
                match rig.ledger.reserve(&path, &request(number), micro(COST)).await {
                    Ok(hold) => {
                        admitted.fetch_add(1, Ordering::Relaxed);
                        let sent = hold.dispatched(call(0)).unwrap();
                        sent.settle(settlement(COST)).await.unwrap();
                    }
                    Err(Error::Exhausted { .. } | Error::Reserved { .. }) => {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(other) => panic!("{other}"),
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    });
    done.store(true, Ordering::Relaxed);
    assert!(observer.join().unwrap() > 0, "the observer saw nothing");
    assert_eq!(admitted.load(Ordering::Relaxed), FITTING);
    assert_eq!(refused.load(Ordering::Relaxed), 10_000 - FITTING);
    assert_eq!(rig.spent(developer(&path)), FITTING * COST);
    rig.check_nothing_reserved();
    rig.check_sums();
}

/// Looks until `done`; returns how often.
fn observe(rig: &Rig, path: &forebay_budget::AccountPath, done: &AtomicBool) -> u64 {
    let mut looks = 0;
    while !done.load(Ordering::Relaxed) {
        let status = rig.ledger.account(developer(path));
        let used = status.spent.checked_add(status.reserved).unwrap();
        assert!(used <= status.limit.unwrap(), "{status:?}");
        looks += 1;
    }
    looks
}

#[test]
fn random_ends_of_many_requests_leave_nothing_reserved_and_sums_right() {
    let rig = Arc::new(Rig::new(settings(Some(400_000))));
    let team = path("ada/core").accounts()[1].clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(16).build().unwrap();
    runtime.block_on(async {
        rig.ledger.set_limit(&team, Some(micro(700_000))).await.unwrap();
        let mut tasks = JoinSet::new();
        for number in 0..3_000_u64 {
            let rig = Arc::clone(&rig);
            tasks.spawn(async move {
                let path = path(["ada/core", "bob/core", "cy/core/apollo"][random(number, 3)]);
                let amount = 50 + number * 7919 % 900;
                let hold = rig.ledger.reserve(&path, &request(number), micro(amount)).await;
                let Ok(hold) = hold else { return };
                if random(number, 5) == 0 {
                    return drop(hold);
                }
                let mut sent = hold.dispatched(call(amount / 4)).unwrap();
                sent.meter(micro(amount / 3), TokenUsage::default());
                match random(number, 4) {
                    0 => drop(sent),
                    1 => drop(sent.settle(settlement(amount))),
                    _ => sent.settle(settlement(amount / 2)).await.unwrap(),
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    });
    rig.check_nothing_reserved();
    rig.check_sums();
    assert!(rig.ledger.account(&team).spent <= micro(700_000));
    assert!(rig.ledger.statistics().estimated > 0);
}

fn random(seed: u64, below: u64) -> usize {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33;
    usize::try_from(mixed % below).unwrap()
}
