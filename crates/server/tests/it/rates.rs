//! Requests and tokens a minute, as a tenant's clients meet them.

use std::time::Duration;

use simulator::{Fault, Position};

use crate::client::{Client, streamed, with};
use crate::overload::waiting;
use crate::stand::{MODEL, OPENAI, PROTOCOLS, Plan, Stand};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_held_to_its_requests_a_minute() {
    let plan = Plan::new(&[OPENAI])
        .with("limits.requests_per_minute = 3")
        .with("limits.tenants.big.requests_per_minute = 0");
    let stand = plan.start().await;
    let (small, other) = (stand.key("small", "ada").await, stand.key("other", "eve").await);
    let big = stand.key("big", "bob").await;
    for protocol in PROTOCOLS {
        let client = stand.client(protocol).with_key(&small);
        // Clients of both protocols are one tenant; answers from the cache count as well.
        for left in [2, 1, 0] {
            let answer = client.ask(&client.question("hi")).await;
            let header = |name: &str| answer.header(&format!("x-ratelimit-{name}-requests"));
            assert_eq!((answer.status, header("limit")), (200, "3"));
            assert_eq!(header("remaining"), left.to_string());
            assert_eq!(header("reset"), ["20s", "40s", "1m0s"][2 - left]);
            assert_eq!(answer.header("x-ratelimit-limit-tokens"), "");
        }
        let refused = client.ask(&client.question("hi")).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "20"));
        assert_eq!(refused.header("x-ratelimit-remaining-requests"), "0");
        let problem = refused.problem();
        assert!(problem.message.contains("3 requests a minute"), "{problem:?}");
        assert!(problem.kind.contains("rate_limit") || problem.kind == "requests", "{problem:?}");
        stand.hand.advance(Duration::from_secs(60));
    }
    let answer = stand.client(OPENAI).with_key(&other);
    assert_eq!(answer.ask(&answer.question("hi")).await.status, 200);
    let free = stand.client(OPENAI).with_key(&big);
    for _ in 0..10 {
        let answer = free.ask(&free.question("hi")).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit-requests")), (200, ""));
    }
    let metrics = stand.client(OPENAI).get("/metrics").await;
    assert!(metrics.text().contains("forebay_rate_limited_total"));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_count_with_their_most_and_then_with_what_was_used() {
    let plan = Plan::new(&[OPENAI]).with("limits.tokens_per_minute = 10000");
    let stand = plan.start().await;
    let client = stand.client(OPENAI);
    let ask = async |most: u64| {
        let question = with(&client.question("hi"), "max_tokens", most);
        client.ask(&with(&question, "temperature", 1)).await
    };
    let first = ask(9_000).await;
    assert_eq!(first.status, 200, "{}", first.text());
    stand.settled().await;
    // What an answer of a few words used is all that is missing, so the next fits as well.
    let second = ask(9_000).await;
    assert_eq!(second.status, 200, "{}", second.text());
    stand.settled().await;
    let left: u64 = second.header("x-ratelimit-remaining-tokens").parse().unwrap();
    assert!((9_000..10_000).contains(&left), "{left}");
    // Nothing is left of what a request does not get that is refused.
    let refused = ask(9_999).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(refused.problem().message.contains("10000 tokens a minute"), "{}", refused.text());
    assert_eq!(stand.money("local").await.1, 0);
    assert_eq!(ask(1_000).await.status, 200);
    stand.stop().await;
}

/// What is left of a tenant's tokens, once nothing is in flight; a stored answer uses none.
async fn tokens_left(stand: &Stand, client: &Client, stored: &str) -> u64 {
    stand.settled().await;
    let hit = client.ask(&client.question(stored)).await;
    assert!(hit.cache().starts_with("forebay; hit"), "{}", hit.text());
    hit.header("x-ratelimit-remaining-tokens").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_before_anything_is_sent_has_used_no_tokens() {
    let serves = format!("serves = [\"{MODEL}\"]\nconcurrency_max = 1");
    let plan = Plan::empty().and_provider(OPENAI, &serves);
    let stand = plan.with("limits.tokens_per_minute = 10000").start().await;
    let client = stand.client(OPENAI);
    assert_eq!(client.ask(&client.question("stored")).await.status, 200);
    let before = tokens_left(&stand, &client, "stored").await;
    stand.providers[0].script(vec![Fault::Hold { at: Position::First }]);
    let held = client.question("stored at the end");
    let leaves = async {
        stand.seen(0, |counts| counts.in_flight == 1).await;
        let question = with(&client.question("leaves"), client.limit_field(), 9_000);
        tokio::select! {
            answer = client.ask(&question) => panic!("answered {}", answer.text()),
            () = waiting(&stand, 1) => {}
        }
        waiting(&stand, 0).await;
        stand.providers[0].release(1);
    };
    let (answer, ()) = tokio::join!(client.ask(&held), leaves);
    assert_eq!(answer.status, 200);
    let after = tokens_left(&stand, &client, "stored").await;
    assert!((1..100).contains(&(before - after)), "{before} and {after} after one more answer");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_an_answer_has_used_what_came_of_it() {
    for protocol in PROTOCOLS {
        let plan = Plan::new(&[protocol]).with("limits.tokens_per_minute = 10000");
        let stand = plan.start().await;
        let client = stand.client(protocol);
        assert_eq!(client.ask(&client.question("stored")).await.status, 200);
        let before = tokens_left(&stand, &client, "stored").await;
        stand.providers[0].script(vec![Fault::Hold { at: Position::Middle }]);
        let question = with(&client.question("left"), client.limit_field(), 9_000);
        drop(client.open(streamed(&question).to_string()).await);
        let after = tokens_left(&stand, &client, "stored").await;
        assert!((1..200).contains(&(before - after)), "{protocol}: {before}, then {after}");
        stand.stop().await;
    }
}
