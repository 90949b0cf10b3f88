//! What is counted of requests and of money, against what was asked and what the ledger says.

use std::collections::BTreeMap;
use std::time::Duration;

use orchestrator::operator::{AccountId, Command, GroupBy, Outcome, Usage};
use serde_json::json;
use simulator::{Fault, Position, Script};
use types::Microdollars;

use crate::batch::while_time_passes;
use crate::client::{Answer, Client, streamed, with};
use crate::secrets::runs_alone;
use crate::stand::{ANTHROPIC, PATIENCE, Plan, Stand};

const HELD: Fault = Fault::Hold { at: Position::Middle };

/// The metrics are those of a process, so this test has one of its own.
#[test]
fn every_caller_is_counted_once_and_the_money_is_the_ledger_s() {
    if runs_alone("counting::every_caller_is_counted_once_and_the_money_is_the_ledger_s") {
        count();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn count() {
    let mut bench = Bench::start().await;
    check_fetched(&mut bench).await;
    check_failed(&mut bench).await;
    check_left(&mut bench).await;
    check_refused(&mut bench).await;
    check_batch(&mut bench).await;
    // Free answers have tokens that nobody pays for, so they come last.
    let question = bench.client.question("answered");
    assert!(bench.client.ask(&question).await.cache().starts_with("forebay; hit"));
    assert!(bench.client.ask(&streamed(&question)).await.said().is_good());
    bench.expect(&[("hit", 2)]).await;
    bench.stand.stop().await;
}

/// Answers that were paid for, with and without an earlier attempt that may be billed.
async fn check_fetched(bench: &mut Bench) {
    let client = bench.client.clone();
    assert!(client.ask(&client.question("answered")).await.said().is_good());
    assert!(client.ask(&streamed(&client.question("streamed"))).await.said().is_good());
    bench.expect(&[("answered", 2)]).await;
    bench.stand.providers[0].script(vec![Fault::CloseBeforeHeaders]);
    assert!(client.ask(&client.question("at the second try")).await.said().is_good());
    bench.expect(&[("answered", 1)]).await;

    bench.stand.providers[0].script(vec![HELD]);
    let shared = streamed(&client.question("shared"));
    let callers = bench.crowd(&shared, 5).await;
    bench.stand.providers[0].release(1);
    for caller in callers {
        assert!(Answer::of(ANTHROPIC, caller).await.said().is_good());
    }
    bench.expect(&[("answered", 1), ("joined", 4)]).await;
}

async fn check_failed(bench: &mut Bench) {
    let client = bench.client.clone();
    let status = Fault::Status { code: 500, retry_after: None, error: None };
    bench.stand.providers[0].script(vec![status.clone(), status]);
    assert_eq!(client.ask(&client.question("unbilled")).await.status, 502);
    let broken = Fault::CloseBeforeHeaders;
    bench.stand.providers[0].script(vec![broken.clone(), broken]);
    assert_eq!(client.ask(&client.question("maybe billed")).await.status, 502);
    bench.expect(&[("failed", 2)]).await;

    bench.stand.providers[0].script(vec![Fault::HangBeforeTerminal]);
    let before = bench.tokens().await;
    let callers = bench.crowd(&streamed(&client.question("breaks for all")), 5).await;
    for caller in callers {
        assert!(Answer::of(ANTHROPIC, caller).await.said().problem.is_some());
    }
    bench.expect(&[("failed", 5)]).await;
    assert!(bench.tokens().await > before, "what was metered is not counted");
}

/// Callers who leave: one of several, then all.
async fn check_left(bench: &mut Bench) {
    let client = bench.client.clone();
    bench.stand.providers[0].script(vec![HELD]);
    let mut callers = bench.crowd(&streamed(&client.question("left by one")), 3).await;
    drop(callers.pop());
    bench.expect(&[("cancelled", 1)]).await;
    bench.stand.providers[0].release(1);
    for caller in callers {
        assert!(Answer::of(ANTHROPIC, caller).await.said().is_good());
    }
    bench.expect(&[("answered", 1), ("joined", 1)]).await;

    bench.stand.providers[0].script(vec![HELD]);
    let before = bench.tokens().await;
    drop(bench.crowd(&streamed(&client.question("left by all")), 3).await);
    bench.expect(&[("cancelled", 3)]).await;
    assert!(bench.tokens().await > before, "what was metered is not counted");
}

async fn check_refused(bench: &mut Bench) {
    let client = bench.client.clone();
    let question = client.question("refused");
    for (body, status) in [
        (with(&question, "max_tokens", -1), 400),
        (with(&question, "model", "nothing"), 404),
        (with(&question, "max_tokens", 1_000_000_000), 402),
    ] {
        assert_eq!(client.ask(&body).await.status, status, "{body}");
    }
    assert_eq!(client.post("{").await.status, 400);
    bench.expect(&[("refused", 4)]).await;

    let stranger = client.with_key("fb_stranger_nobody");
    assert_eq!(stranger.ask(&question).await.status, 401);
    let only_stored = client.with_header("cache-control", "only-if-cached");
    assert_eq!(only_stored.ask(&question).await.status, 504);
    let odd = client.with_header("x-forebay-priority", "highest");
    assert_eq!(odd.ask(&question).await.status, 400);
    let slow = client.with_key(&bench.stand.key("slow", "eve").await);
    assert!(slow.ask(&question).await.said().is_good());
    assert_eq!(slow.ask(&question).await.status, 429);
    bench.expect(&[("refused", 4), ("answered", 1)]).await;
}

/// Each request of a batch counts once, however often it is asked and whether or not it is.
async fn check_batch(bench: &mut Bench) {
    let client = bench.client.clone();
    let batch = |texts: &[&str]| {
        let item = |text: &&str| json!({"url": "/v1/messages", "body": client.question(text)});
        json!({"requests": texts.iter().map(item).collect::<Vec<_>>()})
    };
    let numbers: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let many = batch(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let hold = Fault::Hold { at: Position::First };
    bench.stand.providers[0].set_script(Script { always: hold, ..Script::default() });
    tokio::select! {
        _ = client.post_to("/v1/batch", &many) => panic!("answered"),
        _ = bench.stand.seen(0, |counts| counts.in_flight == 16) => {}
    }
    bench.expect(&[("cancelled", 20)]).await;
    bench.stand.providers[0].set_script(Script::default());

    let limited = Fault::Status { code: 429, retry_after: Some("1".to_owned()), error: None };
    bench.stand.providers[0].script(vec![limited; 2]);
    let mut mixed = batch(&["at the first try", "later", "as a stream"]);
    mixed["requests"][2]["body"]["stream"] = true.into();
    let answer = while_time_passes(&bench.stand, client.post_to("/v1/batch", &mixed)).await;
    assert_eq!(answer.status, 200);
    bench.expect(&[("answered", 2), ("refused", 1)]).await;
}

/// A gateway, and what it must have counted.
struct Bench {
    stand: Stand,
    client: Client,
    expected: BTreeMap<String, u64>,
}

impl Bench {
    async fn start() -> Self {
        let stand = Plan::new(&[ANTHROPIC])
            .with("server.require_keys = true")
            .with("limits.tenants.slow.requests_per_minute = 1")
            .with("resilience.breaker_failures = 1000")
            .with("resilience.retry_percent = 1000")
            .with("resilience.between_chunks_ms = 5000")
            .start()
            .await;
        let account = AccountId::developer(&"acme".parse().unwrap(), &"ada".parse().unwrap());
        let limit = Some(Microdollars::new(1_000_000_000));
        stand.execute(Command::SetBudget { account, limit }).await;
        let client = stand.client(ANTHROPIC).with_key(&stand.key("acme", "ada").await);
        Self { stand, client, expected: BTreeMap::new() }
    }

    /// So many callers of one stream, of which each has seen the beginning.
    async fn crowd(&self, question: &serde_json::Value, callers: usize) -> Vec<reqwest::Response> {
        let mut begun = Vec::new();
        for _ in 0..callers {
            begun.push(self.client.open(question.to_string()).await);
        }
        begun
    }

    /// Checks that so many more have ended so, and that what was spent is what the ledger charged.
    async fn expect(&mut self, more: &[(&str, u64)]) {
        for (outcome, more) in more {
            *self.expected.entry((*outcome).to_owned()).or_default() += more;
        }
        let total: u64 = self.expected.values().sum();
        let counted = async {
            loop {
                let counted = self.outcomes().await;
                if counted.values().sum::<u64>() >= total {
                    return counted;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let counted = tokio::time::timeout(PATIENCE, counted).await;
        assert_eq!(counted.expect("a caller is not counted"), self.expected);
        self.check_money().await;
    }

    async fn check_money(&self) {
        let by_model = Command::Usage { by: GroupBy::Model, month: None };
        let Outcome::Usage { lines, .. } = self.stand.execute(by_model).await else { panic!() };
        let cost: u64 = lines.iter().map(|line: &Usage| line.cost.get()).sum();
        let accounts = [self.stand.money("acme").await, self.stand.money("slow").await];
        let spent: u64 = accounts.iter().map(|(spent, _)| spent).sum();
        let counted = self.client.counted("forebay_spend_microdollars_total", &[]).await;
        assert_eq!((counted, spent), (cost, cost));
        if !self.expected.contains_key("hit") {
            let tokens: u64 = lines.iter().map(|line| line.tokens.total().get()).sum();
            assert_eq!(self.tokens().await, tokens);
        }
    }

    async fn tokens(&self) -> u64 {
        self.client.counted("forebay_tokens_total", &[]).await
    }

    async fn outcomes(&self) -> BTreeMap<String, u64> {
        let mut outcomes = BTreeMap::new();
        for (labels, value) in self.series("forebay_requests_total").await {
            assert!(labels.contains("protocol=\"anthropic-messages\""), "{labels}");
            let (_, outcome) = labels.split_once("outcome=\"").unwrap();
            outcomes.insert(outcome.split_once('"').unwrap().0.to_owned(), value);
        }
        outcomes
    }

    /// The labels and values of a metric.
    async fn series(&self, metric: &str) -> Vec<(String, u64)> {
        let metrics = self.client.get("/metrics").await;
        let text = metrics.text();
        let of_metric = |line: &str| {
            let (labels, value) = line.strip_prefix(metric)?.rsplit_once(' ')?;
            Some((labels.to_owned(), value.parse().unwrap()))
        };
        text.lines().filter_map(of_metric).collect()
    }
}
