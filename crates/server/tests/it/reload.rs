//! The configuration changes while the gateway runs.

use orchestrator::config::Config;
use simulator::{Fault, Position, Script};

use crate::client::{streamed, with};
use crate::stand::{ANTHROPIC, MODEL, OPENAI, Plan, Stand};

/// Asks something that no cache has, and gives who answered.
async fn provider(stand: &Stand, text: &str) -> String {
    let client = stand.client(OPENAI);
    let answer = client.ask(&with(&client.question(text), "temperature", 1)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("x-forebay-provider").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_request_meets_the_new_configuration_and_no_earlier_one_does() {
    let plan = || Plan::new(&[OPENAI, ANTHROPIC]);
    let stand = plan().start().await;
    assert_eq!(provider(&stand, "before").await, "p0");
    stand.providers[0].script(vec![Fault::Hold { at: Position::Middle }]);
    let client = stand.client(OPENAI);
    let question = streamed(&client.question("open"));
    let open = client.ask(&question);
    let others = async {
        stand.seen(0, |counts| counts.attempts() == 2).await;
        let unchanged = stand.reload(&plan().with("chain = [\"p1\"]")).unwrap();
        assert!(unchanged.is_empty(), "{unchanged:?}");
        assert_eq!(provider(&stand, "after").await, "p1");
        stand.providers[0].release(1);
    };
    let (answer, ()) = tokio::join!(open, others);
    assert_eq!((answer.status, answer.is_whole), (200, true));
    assert_eq!(answer.header("x-forebay-provider"), "p0");
    let names: Vec<_> =
        stand.status().await.providers.iter().map(|status| status.provider.to_string()).collect();
    assert_eq!(names, ["p1"]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_changes_nothing() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let wrong = Plan::new(&[OPENAI]).with("limits.requests_per_minute = 1");
    let error = stand.reload_with(&wrong, |config| {
        config.inference.chain[0].network.allow_plain_http = false;
    });
    assert!(error.unwrap_err().to_string().contains("allow_plain_http"));
    for number in 0..3 {
        assert_eq!(provider(&stand, &format!("question {number}")).await, "p0");
    }
    stand.stop().await;
}

/// The providers as they are, all that is counted of them included.
async fn providers(stand: &Stand) -> Vec<String> {
    let providers = stand.status().await.providers;
    providers.iter().map(|status| format!("{status:?}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_of_the_providers_outlives_other_patience() {
    let plan = || Plan::new(&[OPENAI, OPENAI, OPENAI]);
    let stand = plan().start().await;
    let always = |fault| Script { always: fault, ..Script::default() };
    let failing = |code, retry_after: Option<&str>| Fault::Status {
        code,
        retry_after: retry_after.map(str::to_owned),
        error: None,
    };
    stand.providers[0].set_script(always(failing(500, None)));
    stand.providers[1].set_script(always(failing(429, Some("100"))));
    for number in 0..5 {
        assert_eq!(provider(&stand, &format!("question {number}")).await, "p2");
    }
    stand.providers[2].set_script(always(Fault::Hold { at: Position::Middle }));
    let client = stand.client(OPENAI);
    let question = streamed(&client.question("open"));
    let others = async {
        stand.seen(2, |counts| counts.in_flight == 1).await;
        let before = providers(&stand).await;
        let status = stand.status().await.providers;
        assert_eq!((status[0].breaker.as_str(), status[1].limited.len()), ("open", 1));
        assert_eq!(status[2].in_flight, 1);
        let plan = plan()
            .with("resilience.first_content_ms = 77000")
            .with("resilience.connect_ms = 7700")
            .with("resilience.breaker_failures = 3")
            .with("resilience.queue_max = 7");
        assert!(stand.reload(&plan).unwrap().is_empty());
        assert_eq!(providers(&stand).await, before);
        stand.providers[2].release(1);
    };
    let (answer, ()) = tokio::join!(client.ask(&question), others);
    assert!(answer.is_whole);
    assert_eq!(stand.status().await.providers[2].in_flight, 0);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_key_is_tried_at_once() {
    let plan = || Plan::new(&[OPENAI, OPENAI]);
    let keyed = |key: &str| {
        let key = key.to_owned();
        move |config: &mut Config| config.inference.chain[0].api_key = Some(key.into())
    };
    let stand = plan().start_with(keyed("sk-wrong-0123456789abcdefghij")).await;
    assert_eq!(provider(&stand, "with the wrong key").await, "p1");
    let breaker = async || stand.status().await.providers[0].breaker.clone();
    assert_eq!(breaker().await, "hard_down");
    let fewer = |config: &mut Config| {
        keyed("sk-wrong-0123456789abcdefghij")(config);
        config.inference.chain[0].concurrency_max = 7;
    };
    stand.reload_with(&plan(), fewer).unwrap();
    assert_eq!(breaker().await, "hard_down");
    assert_eq!(stand.status().await.providers[0].limit, 7);
    stand.reload(&plan()).unwrap();
    assert_eq!(breaker().await, "closed");
    assert_eq!(provider(&stand, "with the right one").await, "p0");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_gone_is_neither_available_nor_not() {
    let plan = || Plan::new(&[OPENAI, OPENAI]);
    // A name that no other test tells of.
    let named = |config: &mut Config| config.inference.chain[1].id = "gone".parse().unwrap();
    let stand = plan().start_with(named).await;
    let told = async || {
        let answer = stand.client(OPENAI).get("/metrics").await;
        let text = answer.text();
        let of = |metric: &str| {
            let name = format!("forebay_provider_{metric}{{provider=\"gone\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&name).map(str::to_owned)).unwrap()
        };
        [of("available"), of("concurrency_limit")]
    };
    assert_eq!(told().await, ["1", "256"]);
    stand.reload(&plan().with("chain = [\"p0\"]")).unwrap();
    assert_eq!(told().await, ["NaN", "0"]);
    stand.reload_with(&plan(), named).unwrap();
    assert_eq!(told().await, ["1", "256"]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_a_new_start_is_named() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let plan = Plan::new(&[OPENAI])
        .with("server.drain_seconds = 7")
        .with("cache.memory_entries = 9")
        .with("budget.developer_limit_usd = \"7\"")
        .with("budget.output_tokens_default = 77");
    assert_eq!(stand.reload(&plan).unwrap(), ["server", "cache", "budget"]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_from_the_moment_they_are_set() {
    let plan =
        |limit: u64| Plan::new(&[OPENAI]).with(&format!("limits.requests_per_minute = {limit}"));
    let stand = plan(5).start().await;
    for number in 0..3 {
        provider(&stand, &format!("question {number}")).await;
    }
    stand.reload(&plan(3)).unwrap();
    let client = stand.client(OPENAI);
    assert_eq!(client.ask(&client.question("one more")).await.status, 429);
    stand.reload(&plan(0)).unwrap();
    provider(&stand, "free").await;
    stand.stop().await;
}

/// Two hundred changes back and forth, good and bad, while four clients never pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_for_a_change() {
    let stand = Plan::new(&[OPENAI, ANTHROPIC]).start().await;
    let plans = [
        Plan::new(&[OPENAI, ANTHROPIC]).with("chain = [\"p1\", \"p0\"]"),
        Plan::new(&[OPENAI, ANTHROPIC]).with("resilience.attempts_per_provider = 1"),
        Plan::new(&[OPENAI, ANTHROPIC]).with("chain = [\"p0\"]"),
    ];
    let changed = std::sync::atomic::AtomicBool::new(false);
    let asking = async |client_number: usize| {
        let mut asked = 0;
        while !changed.load(std::sync::atomic::Ordering::Relaxed) {
            provider(&stand, &format!("{client_number} {asked} {MODEL}")).await;
            asked += 1;
        }
        asked
    };
    let changing = async {
        for round in 0..200 {
            let bad = |config: &mut Config| {
                if round % 4 == 3 {
                    config.inference.chain[0].concurrency_max = 0;
                }
            };
            let result = stand.reload_with(&plans[round % 3], bad);
            assert_eq!(result.is_err(), round % 4 == 3, "{round}");
            tokio::task::yield_now().await;
        }
        changed.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let (a, b, c, d, ()) = tokio::join!(asking(0), asking(1), asking(2), asking(3), changing);
    assert!(a + b + c + d >= 4, "nobody asked");
    stand.stop().await;
}
