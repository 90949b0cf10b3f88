use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use forebay_budget::AccountPath;
use types::TokenUsage;

use crate::rig::{
    Rig, call, count, developer, micro, path, request, run, send, settings, settlement,
};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls at most `polls` times, waiting in between for whatever the future waits for, then drops
/// it. Tells whether it ended.
fn poll_at_most(polls: u32, future: impl Future<Output = ()>) -> bool {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    for poll in 1..=polls {
        if let Poll::Ready(()) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return true;
        }
        if poll < polls {
            thread::park();
        }
    }
    false
}

/// The life of a request with a fail-over, every wait of the ledger in it.
async fn life(rig: &Rig, path: &AccountPath) {
    let hold = rig.ledger.reserve(path, &request(1), micro(5_000)).await.unwrap();
    let mut sent = hold.dispatched(call(100)).unwrap();
    sent.meter(micro(300), TokenUsage::default());
    sent.extend(micro(20_000)).await.unwrap();
    sent.meter(micro(400), TokenUsage::default());
    sent.settle(settlement(2_000)).await.unwrap();
}

#[test]
fn cancelled_at_any_wait_nothing_stays_reserved_and_what_was_sent_is_charged_once() {
    let mut ends = Vec::new();
    for polls in 0..40 {
        let rig = Rig::new(settings(Some(1_000_000)));
        let path = path("ada/core");
        let ended = poll_at_most(polls, life(&rig, &path));
        rig.check_nothing_reserved();
        rig.check_sums();
        let spent = rig.spent(developer(&path));
        assert_eq!(count(&rig.database, "charges"), u64::from(spent > 0), "after {polls} polls");
        ends.push(spent);
        if ended {
            break;
        }
    }
    // Nothing sent; the first attempt metered; charged whole, whether or not one waits for it.
    ends.dedup();
    assert_eq!(ends, [0, 300, 2_300]);
}

#[test]
fn a_panic_charges_like_a_cancel() {
    let rig = Rig::new(settings(Some(10_000)));
    let path = path("ada");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run(async {
            let mut sent = send(&rig.ledger, &path, 5_000, 700).await.unwrap();
            sent.meter(micro(20), TokenUsage::default());
            panic!("on purpose");
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(rig.spent(developer(&path)), 700);
    rig.check_nothing_reserved();
    rig.check_sums();
}

#[test]
fn attempts_that_may_be_billed_add_up() {
    let rig = Rig::new(settings(Some(10_000)));
    let path = path("ada");
    run(async {
        let mut sent = send(&rig.ledger, &path, 1_000, 100).await.unwrap();
        sent.meter(micro(250), TokenUsage::default());
        sent.meter(micro(200), TokenUsage::default());
        sent.extend(micro(1_000)).await.unwrap();
        assert_eq!(sent.amount(), micro(2_000));
        // The second attempt is given up unmetered: its floor counts.
        drop(sent);
        assert_eq!(rig.spent(developer(&path)), 250 + 100);
        let mut sent = send(&rig.ledger, &path, 1_000, 100).await.unwrap();
        sent.extend(micro(1_000)).await.unwrap();
        sent.settle(settlement(30)).await.unwrap();
        assert_eq!(rig.spent(developer(&path)), 350 + 130);
    });
    rig.check_sums();
}

#[test]
fn an_extension_that_does_not_fit_changes_nothing() {
    let rig = Rig::new(settings(Some(1_500)));
    let path = path("ada");
    run(async {
        let mut sent = send(&rig.ledger, &path, 1_000, 100).await.unwrap();
        assert!(matches!(
            sent.extend(micro(501)).await,
            Err(forebay_budget::Error::Reserved { .. })
        ));
        assert!(matches!(
            sent.extend(micro(1_501)).await,
            Err(forebay_budget::Error::Exhausted { .. })
        ));
        assert_eq!(sent.amount(), micro(1_000));
        sent.settle(settlement(40)).await.unwrap();
    });
    assert_eq!(rig.spent(developer(&path)), 40);
    rig.check_nothing_reserved();
}
