//! Budgets under load: never more than they afford, and refusals that SDKs understand.

use std::sync::Arc;

use orchestrator::operator::{AccountId, Command};
use simulator::{Fault, Position, Script};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use types::Microdollars;
use wire::Protocol;

use crate::client::{Answer, Client, streamed, with};
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, Stand};

const REQUESTS: usize = 1_000;
const CONNECTIONS: usize = 8;
/// What a request of [`free_input`] may cost: 100 tokens of output.
const WORST_CASE: u64 = 1_000;
/// What it does cost: the 32 tokens that a simulator writes.
const COST: u64 = 320;

/// A provider whose input costs nothing, so that equal limits of output cost the same.
fn free_input(protocol: Protocol) -> Plan {
    Plan::new(&[protocol]).input_costs("0").with("server.require_keys = true")
}

async fn limit(stand: &Stand, developer: &str, limit: u64) {
    let account = AccountId::developer(&"acme".parse().unwrap(), &developer.parse().unwrap());
    let limit = Some(Microdollars::new(limit));
    stand.execute(Command::SetBudget { account, limit }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_requests_exactly_as_many_go_out_as_the_budget_affords() {
    check_affordable(OPENAI, 37).await;
    check_affordable(ANTHROPIC, 61).await;
}

async fn check_affordable(protocol: Protocol, affordable: usize) {
    let stand = free_input(protocol).start().await;
    let hold = Fault::Hold { at: Position::First };
    stand.providers[0].set_script(Script { always: hold, ..Script::default() });
    let key = stand.key("acme", "ada").await;
    let most = affordable as u64 * WORST_CASE + WORST_CASE - 1;
    limit(&stand, "ada", most).await;
    let (send, receive) = tokio::sync::oneshot::channel();
    let work = async {
        let answers = check_crowd(&stand, protocol, &key, affordable).await;
        send.send(()).unwrap();
        answers
    };
    let (answers, looks) = tokio::join!(work, watch(&stand, most, receive));
    assert!(looks > 10, "the accounts were looked at {looks} times only");
    check_answers(&answers, protocol, affordable);
    assert_eq!(stand.attempts(), [affordable as u64]);
    assert_eq!(stand.money("ada").await, (affordable as u64 * COST, 0));
    stand.stop().await;
}

/// Looks at all accounts until told to stop; at no look may more be in use than the limit.
async fn watch(stand: &Stand, limit: u64, mut stop: tokio::sync::oneshot::Receiver<()>) -> usize {
    let mut looks = 0;
    while stop.try_recv().is_err() {
        for status in stand.accounts().await {
            let used = status.spent.get() + status.reserved.get();
            assert!(used <= limit, "{status:?}");
        }
        looks += 1;
        tokio::task::yield_now().await;
    }
    looks
}

/// Sends all at once; those that go out are held until all others are refused.
async fn check_crowd(stand: &Stand, protocol: Protocol, key: &str, out: usize) -> Vec<Answer> {
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| Client::multiplexed(stand.address(), protocol).with_key(key))
        .collect();
    let start = Arc::new(Barrier::new(REQUESTS));
    let mut running = JoinSet::new();
    for number in 0..REQUESTS {
        let (client, start) = (clients[number % CONNECTIONS].clone(), Arc::clone(&start));
        let question = client.question(&format!("number {number}"));
        let body = if number % 2 == 0 { question } else { streamed(&question) };
        running.spawn(async move {
            start.wait().await;
            client.ask(&body).await
        });
    }
    let mut answers = Vec::new();
    while answers.len() < REQUESTS - out {
        answers.push(running.join_next().await.unwrap().unwrap());
    }
    stand.seen(0, |counts| counts.attempts() == out as u64).await;
    assert_eq!(stand.money("ada").await, (0, out as u64 * WORST_CASE));
    stand.providers[0].release(u16::try_from(out).unwrap());
    answers.extend(running.join_all().await);
    answers
}

#[track_caller]
fn check_answers(answers: &[Answer], protocol: Protocol, affordable: usize) {
    let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((good.len(), refused.len()), (affordable, REQUESTS - affordable));
    for answer in good {
        assert!(answer.said().is_good());
    }
    for answer in refused {
        check_reserved(answer, protocol);
    }
}

/// What makes an SDK try again.
#[track_caller]
fn check_reserved(answer: &Answer, protocol: Protocol) {
    let problem = answer.problem();
    let expected = match protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => {
            ("rate_limit_exceeded", Some("rate_limit_exceeded"))
        }
        Protocol::AnthropicMessages => ("rate_limit_error", None),
    };
    assert_eq!(answer.status, 429);
    assert_eq!((problem.kind.as_str(), problem.code.as_deref()), expected);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.header("x-should-retry"), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_spent_is_a_final_refusal() {
    for protocol in PROTOCOLS {
        let stand = free_input(protocol).start().await;
        let client = stand.client(protocol).with_key(&stand.key("acme", "ada").await);
        limit(&stand, "ada", WORST_CASE + COST).await;
        for text in ["one", "two"] {
            assert!(client.ask(&client.question(text)).await.said().is_good());
        }
        for question in [client.question("three"), streamed(&client.question("three"))] {
            let refused = client.ask(&question).await;
            let problem = refused.problem();
            let seen = (refused.status, problem.kind.as_str(), problem.code.as_deref());
            assert_eq!(
                seen,
                match protocol {
                    Protocol::OpenAiChat | Protocol::OpenAiResponses =>
                        (429, "insufficient_quota", Some("insufficient_quota")),
                    Protocol::AnthropicMessages => (402, "billing_error", None),
                }
            );
            assert_eq!(refused.header("x-should-retry"), "false");
            assert_eq!(refused.header("retry-after"), "");
        }
        assert_eq!(stand.attempts(), [2]);
        assert_eq!(stand.money("ada").await, (2 * COST, 0));
        // What is stored costs nothing, and another developer has money of their own.
        assert!(client.ask(&client.question("one")).await.said().is_good());
        let other = stand.client(protocol).with_key(&stand.key("acme", "bob").await);
        assert!(other.ask(&other.question("three")).await.said().is_good());
        stand.stop().await;
    }
}

/// Each time, for what is asked for is the provider's cache and not this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_fills_a_provider_s_cache_costs_its_input() {
    let plan = Plan::new(&[ANTHROPIC]).input_costs("1000").with("server.require_keys = true");
    let stand = plan.start().await;
    let client = stand.client(ANTHROPIC).with_key(&stand.key("acme", "ada").await);
    let question = with(&client.question("long"), "max_tokens", 0);
    let mut cost = 0;
    for _ in 0..2 {
        let answer = client.ask(&question).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let message: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(message["content"], serde_json::json!([]));
        assert_eq!(message["usage"]["output_tokens"], 0);
        cost += message["usage"]["input_tokens"].as_u64().unwrap() * 1_000;
    }
    assert!(cost > 0);
    assert_eq!(stand.money("ada").await, (cost, 0));
    assert_eq!(stand.attempts(), [2]);
    stand.stop().await;
}

/// Equal requests of developers with and without money: one who cannot pay is refused alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_pay_keeps_nobody_from_the_answer() {
    let stand = free_input(OPENAI).start().await;
    let mut asking = JoinSet::new();
    let hold = Fault::Hold { at: Position::First };
    stand.providers[0].script(vec![hold]);
    for number in 0..20 {
        let developer = format!("developer-{number}");
        let key = stand.key("acme", &developer).await;
        let has_money = number % 2 == 1;
        limit(&stand, &developer, if has_money { WORST_CASE } else { WORST_CASE - 1 }).await;
        let client = stand.client(OPENAI).with_key(&key);
        asking.spawn(async move { (has_money, client.ask(&client.question("equal")).await) });
    }
    stand.seen(0, |counts| counts.attempts() == 1).await;
    stand.providers[0].release(1);
    for (has_money, answer) in asking.join_all().await {
        // Who joins a call that somebody else pays for needs no money.
        assert!(answer.status == 200 || !has_money && answer.status == 429, "{}", answer.text());
    }
    assert_eq!(stand.attempts(), [1]);
    assert_eq!(stand.money("acme").await, (COST, 0));
    stand.stop().await;
}
