//! What a client may say about the cache, and what it is told.

use std::time::Duration;

use crate::client::{Client, streamed};
use crate::stand::{OPENAI, PROTOCOLS, Plan, Stand};

const MISS: &str = "forebay; fwd=miss";
const IN_MEMORY: &str = "forebay; hit; ttl=300; detail=memory";

/// Asks `text` with a directive, as a document and as a stream, of which only the first can be
/// news; expects this status of the cache and so many calls.
async fn check(stand: &Stand, text: &str, directive: &str, expected: &str, calls: u64) {
    let before = stand.attempts()[0];
    let client = asking(stand, directive);
    let answer = client.ask(&client.question(text)).await;
    assert_eq!(answer.cache(), expected, "{text} {directive}");
    assert!(answer.said().is_good());
    assert_eq!(stand.attempts()[0] - before, calls, "{text} {directive}");
}

fn asking(stand: &Stand, directive: &str) -> Client {
    stand.client(OPENAI).with_header("cache-control", directive)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_says_whether_it_may_be_stored_or_answered_from_the_store() {
    let stand = Plan::new(&[OPENAI]).start().await;
    check(&stand, "a", "no-store", "forebay; fwd=miss; detail=no-store", 1).await;
    check(&stand, "a", "", MISS, 1).await;
    // What is stored already may be shown to whoever wants nothing stored.
    check(&stand, "a", "no-store", IN_MEMORY, 0).await;
    for directive in ["no-cache", "NO-CACHE", "max-age=0", "max-age=soon", "x, no-cache=\"y\""] {
        check(&stand, "a", directive, "forebay; fwd=request", 1).await;
        check(&stand, "a", "", IN_MEMORY, 0).await;
    }
    check(&stand, "b", "no-cache, no-store", "forebay; fwd=request; detail=no-store", 1).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_says_how_old_its_answer_may_be() {
    let stand = Plan::new(&[OPENAI]).start().await;
    check(&stand, "a", "", MISS, 1).await;
    stand.hand.advance(Duration::from_secs(100));
    check(&stand, "a", "max-age=100", "forebay; hit; ttl=200; detail=memory", 0).await;
    check(&stand, "a", "max-age=99", MISS, 1).await;
    // The newer answer took the place of the older one.
    check(&stand, "a", "max-age=1", IN_MEMORY, 0).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_answered_from_the_store_or_not_at_all_costs_no_call() {
    for protocol in PROTOCOLS {
        let stand = Plan::new(&[protocol]).start().await;
        let client = stand.client(protocol);
        let sparing = client.with_header("cache-control", "only-if-cached");
        let question = client.question("spare");
        for question in [question.clone(), streamed(&question)] {
            let refused = sparing.ask(&question).await;
            assert_eq!(refused.status, 504);
            assert_eq!(refused.header("x-should-retry"), "false");
            assert_eq!(refused.cache(), "forebay; detail=only-if-cached");
            assert!(refused.problem().message.contains("only-if-cached"));
        }
        assert_eq!(stand.attempts(), [0]);
        assert_eq!(client.ask(&question).await.cache(), MISS);
        assert_eq!(sparing.ask(&streamed(&question)).await.cache(), IN_MEMORY);
        assert_eq!(stand.attempts(), [1]);
        stand.stop().await;
    }
}
