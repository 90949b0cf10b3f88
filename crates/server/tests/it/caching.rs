//! What is stored, in which form it comes back, and for whom.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Fault, Position};
use tokio::task::JoinSet;
use wire::Protocol;

use crate::client::{Answer, Client, streamed, with};
use crate::reading::events;
use crate::reference::Reference;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, Stand};

const MISS: &str = "forebay; fwd=miss";
const IN_MEMORY: &str = "forebay; hit; ttl=300; detail=memory";
const ON_DISK: &str = "forebay; hit; ttl=3600; detail=disk";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_answer_comes_back_in_the_form_that_is_asked_for() {
    let reference = Reference::start().await;
    for protocol in PROTOCOLS {
        for first_streams in [true, false] {
            check_forms(&reference, protocol, first_streams).await;
        }
    }
    reference.stop().await;
}

async fn check_forms(reference: &Reference, protocol: Protocol, first_streams: bool) {
    let stand = Plan::new(&[protocol]).start().await;
    let client = stand.client(protocol);
    let document = client.question("What is stored?");
    let stream = match protocol {
        Protocol::OpenAiChat => {
            with(&streamed(&document), "stream_options", json!({"include_usage": true}))
        }
        Protocol::OpenAiResponses | Protocol::AnthropicMessages => streamed(&document),
    };
    let first = client.ask(if first_streams { &stream } else { &document }).await;
    assert_eq!(first.cache(), MISS);
    let expected = reference.said(&stand.providers[0].requests()[0]).await;
    assert!(expected.is_good() && expected.output_tokens == Some(32), "{expected:?}");
    assert_eq!(first.said(), expected);
    for (question, is_stream) in [(&stream, true), (&document, false), (&stream, true)] {
        let hit = client.ask(question).await;
        assert_eq!((hit.cache(), hit.is_stream()), (IN_MEMORY, is_stream));
        assert_eq!(hit.said(), expected, "{protocol:?} {first_streams} {is_stream}");
        if is_stream == first_streams {
            assert_eq!(hit.body, first.body, "the same form is the same bytes");
        }
        check_origin(&hit, &first);
    }
    assert_eq!(stand.attempts(), [1]);
    let spent = stand.money("local").await;
    assert!(spent.0 >= 320 && spent.1 == 0, "{spent:?}");
    stand.stop().await;
}

/// A hit names who answered first, and itself.
#[track_caller]
fn check_origin(hit: &Answer, first: &Answer) {
    let id = match first.header("x-request-id") {
        "" => "request-id",
        _ => "x-request-id",
    };
    assert_eq!(hit.header("x-forebay-origin"), first.header(id));
    assert_ne!(hit.header(id), first.header(id));
    assert_eq!(hit.header("x-forebay-provider"), "p0");
    assert_eq!(hit.header("cache-control"), "private, no-store");
    for answer in [hit, first] {
        let buffering = if answer.is_stream() { "no" } else { "" };
        assert_eq!(answer.header("x-accel-buffering"), buffering);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_asked_for_twice_alike_passes_the_cache_by() {
    let stand = Plan::new(&PROTOCOLS).start().await;
    let bypass = |reason: &str| format!("forebay; fwd=bypass; detail={reason}");
    for (protocol, field, value, reason) in [
        (OPENAI, "temperature", json!(0.7), "temperature"),
        (ANTHROPIC, "temperature", json!(0.7), "temperature"),
        (OPENAI, "n", json!(2), "choices"),
        (OPENAI, "store", json!(true), "stateful"),
    ] {
        let client = stand.client(protocol);
        let question = with(&client.question("bypass"), field, value);
        let before = stand.attempts()[0];
        for question in [&question, &question, &streamed(&question)] {
            assert_eq!(client.ask(question).await.cache(), bypass(reason));
        }
        assert_eq!(stand.attempts()[0], before + 3, "{field}");
    }
    let client = stand.client(OPENAI);
    let cold = with(&client.question("bypass"), "temperature", 0);
    assert_eq!(client.ask(&cold).await.cache(), MISS);
    assert_eq!(client.ask(&cold).await.cache(), IN_MEMORY);
    stand.stop().await;
}

/// Asks twice; what the first got must not be what the second gets without a call.
async fn check_not_stored(stand: &Stand, client: &Client, question: &Value, finish: &str) {
    for question in [question.clone(), streamed(question)] {
        let before = stand.attempts()[0];
        for _ in 0..2 {
            let answer = client.ask(&question).await;
            assert_eq!(answer.cache(), MISS);
            assert_eq!(answer.said().finish.as_deref(), Some(finish));
        }
        assert_eq!(stand.attempts()[0], before + 2, "{question}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_answers_and_tool_calls_are_not_stored() {
    let stand = Plan::new(&[OPENAI, ANTHROPIC]).start().await;
    let client = stand.client(OPENAI);
    let short = with(&client.question("short"), "max_tokens", 5);
    check_not_stored(&stand, &client, &short, "length").await;
    let tools = json!([{"type": "function", "function": {"name": "look", "parameters": {}}}]);
    let calling = with(&client.question("call:look"), "tools", tools);
    check_not_stored(&stand, &client, &calling, "tool_calls").await;
    let client = stand.client(ANTHROPIC);
    let short = with(&client.question("short"), "max_tokens", 5);
    check_not_stored(&stand, &client, &short, "max_tokens").await;
    let tools = json!([{"name": "look", "input_schema": {"type": "object"}}]);
    let calling = with(&client.question("call:look"), "tools", tools);
    check_not_stored(&stand, &client, &calling, "tool_use").await;
    stand.stop().await;
}

/// A stream with a tool call whose arguments are no JSON, which a complete answer of Anthropic's
/// protocol has no place for.
const MALFORMED: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"look","arguments":"{\"at\": "}}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}"#,
    "\n\ndata: [DONE]\n\n",
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_no_complete_answer_is_not_stored() {
    let stand = Plan::new(&[OPENAI]).with("cache.tool_calls = true").start().await;
    let client = stand.client(ANTHROPIC);
    let tools = json!([{"name": "look", "input_schema": {"type": "object"}}]);
    let question = with(&client.question("call:look"), "tools", tools);
    stand.providers[0].script(vec![Fault::Literal { body: MALFORMED.to_owned() }]);
    let stream = client.ask(&streamed(&question)).await;
    assert_eq!(stream.said().finish.as_deref(), Some("tool_use"), "{}", stream.text());
    let document = client.ask(&question).await;
    assert_eq!((document.status, document.cache()), (200, MISS), "{}", document.text());
    assert_eq!(client.ask(&streamed(&question)).await.cache(), IN_MEMORY);
    assert_eq!(stand.attempts(), [2]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_are_not_stored() {
    let stand = Plan::new(&[OPENAI]).with("resilience.attempts_per_provider = 1").start().await;
    let client = stand.client(OPENAI);
    let question = streamed(&client.question("error"));
    let status = Fault::Status { code: 500, retry_after: None, error: None };
    let event = Fault::ErrorEvent { position: Position::Last, code: None };
    stand.providers[0].script(vec![status, event]);
    assert_eq!(client.ask(&question).await.status, 502);
    let broken = client.ask(&question).await.said();
    assert!(broken.problem.is_some() && !broken.is_ended, "{broken:?}");
    let answer = client.ask(&question).await;
    assert_eq!(answer.cache(), MISS);
    assert!(answer.said().is_good());
    assert_eq!(client.ask(&question).await.cache(), IN_MEMORY);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_share_nothing_and_developers_of_one_share_all() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let hold = Fault::Hold { at: Position::Middle };
    stand.providers[0].script(vec![hold.clone(), hold]);
    let mut asking = JoinSet::new();
    for (tenant, developer) in [("acme", "ada"), ("acme", "bob"), ("evil", "ada"), ("evil", "bob")]
    {
        let client = stand.client(OPENAI).with_key(&stand.key(tenant, developer).await);
        asking.spawn(async move {
            let question = streamed(&client.question("secret"));
            let answer = Answer::of(OPENAI, client.open(question.to_string()).await).await;
            (tenant, answer, client.ask(&question).await)
        });
    }
    stand.seen(0, |counts| counts.attempts() == 2).await;
    stand.providers[0].release(2);
    let mut origins = Vec::new();
    for (tenant, answer, again) in asking.join_all().await {
        assert_eq!(again.cache(), IN_MEMORY);
        let origin = answer.header("x-forebay-origin").to_owned();
        assert_eq!(again.header("x-forebay-origin"), origin);
        origins.push((tenant, origin));
    }
    origins.sort_unstable();
    origins.dedup();
    assert_eq!(origins.len(), 2, "{origins:?}");
    assert_eq!(stand.attempts(), [2]);
    stand.stop().await;
}

/// What is passed on in a header can change the answer as a field can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_for_other_betas_are_other_requests() {
    let stand = Plan::new(&[ANTHROPIC]).start().await;
    let plain = stand.client(ANTHROPIC);
    let question = plain.question("beta?");
    for (betas, calls) in [("", 1), ("one", 2), ("one,two", 3), ("one", 3), ("", 3)] {
        let client = match betas {
            "" => plain.clone(),
            betas => plain.with_header("anthropic-beta", betas),
        };
        let answer = client.ask(&question).await;
        assert_eq!(stand.attempts(), [calls], "{betas}");
        if answer.cache() == MISS {
            let asked = stand.providers[0].requests().pop().unwrap();
            assert_eq!(asked.header("anthropic-beta").unwrap_or_default(), betas);
        }
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_survive_a_restart_on_disk_until_their_time_is_over() {
    let mut stand = Plan::new(&PROTOCOLS).start().await;
    let mut first = Vec::new();
    for protocol in PROTOCOLS {
        let client = stand.client(protocol);
        first.push(client.ask(&streamed(&client.question("kept"))).await);
    }
    stand = stand.restart().await;
    for (protocol, first) in PROTOCOLS.into_iter().zip(&first) {
        let client = stand.client(protocol);
        let question = streamed(&client.question("kept"));
        let hit = client.ask(&question).await;
        assert_eq!(hit.cache(), ON_DISK);
        assert_eq!(events(&hit.body), events(&first.body));
        // From disk it went to memory.
        assert_eq!(client.ask(&question).await.cache(), IN_MEMORY);
    }
    let client = stand.client(OPENAI);
    let question = client.question("kept");
    stand.hand.advance(Duration::from_secs(301));
    assert_eq!(client.ask(&question).await.cache(), "forebay; hit; ttl=3299; detail=disk");
    stand.hand.advance(Duration::from_secs(3_300));
    assert_eq!(stand.attempts()[0], 3);
    assert_eq!(client.ask(&question).await.cache(), MISS);
    assert_eq!(stand.attempts()[0], 4);
    stand.stop().await;
}
