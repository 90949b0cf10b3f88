//! Embeddings: a provider's, through the steps of every request, and those of this machine.

use std::path::Path;

use data_encoding::BASE64;
use orchestrator::operator::{AccountId, Command};
use serde_json::{Value, json};
use simulator::{Fault, Position, Script};
use tokio::task::JoinSet;
use types::Microdollars;

use crate::client::{Answer, with};
use crate::stand::{ANTHROPIC, MODEL, OPENAI, Plan, Stand};

const MISS: &str = "forebay; fwd=miss";
const IN_MEMORY: &str = "forebay; hit; ttl=300; detail=memory";
const LOCAL_MODEL: &str = "all-MiniLM-L6-v2";

fn question(input: impl Into<Value>) -> Value {
    json!({"model": MODEL, "input": input.into()})
}

/// The vectors of a 200, whichever way they are written.
#[track_caller]
fn vectors(answer: &Answer) -> Vec<Vec<f32>> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let document = document(answer);
    assert_eq!(document["object"], "list");
    let items = document["data"].as_array().unwrap();
    for (index, item) in items.iter().enumerate() {
        assert_eq!((&item["object"], &item["index"]), (&json!("embedding"), &json!(index)));
    }
    items.iter().map(|item| vector(&item["embedding"])).collect()
}

fn vector(written: &Value) -> Vec<f32> {
    let Some(text) = written.as_str() else {
        return serde_json::from_value(written.clone()).unwrap();
    };
    let bytes = BASE64.decode(text.as_bytes()).unwrap();
    let (numbers, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    numbers.iter().map(|number| f32::from_le_bytes(*number)).collect()
}

fn document(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[track_caller]
fn check_refused(answer: &Answer, status: u16, code: Option<&str>, named: &str) {
    let problem = answer.problem();
    assert_eq!((answer.status, problem.code.as_deref()), (status, code), "{problem:?}");
    assert!(problem.message.contains(named), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn float_and_base64_are_the_same_vectors() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let float = question(["the first", "the second", "the first"]);
    let answer = client.embed(&float).await;
    let made = vectors(&answer);
    assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [1_536; 3]);
    assert!(made[0] == made[2] && made[0] != made[1]);
    assert_eq!(document(&answer)["usage"], json!({"prompt_tokens": 7, "total_tokens": 7}));
    assert_eq!(stand.providers[0].requests()[0].body, float.to_string(), "the same bytes");
    let base64 = client.embed(&with(&float, "encoding_format", "base64")).await;
    assert_eq!(base64.cache(), MISS, "another form is another answer");
    assert_eq!(vectors(&base64), made);
    let short = client.embed(&with(&float, "dimensions", 256)).await;
    assert_eq!(short.cache(), MISS);
    assert_eq!(vectors(&short)[2].len(), 256);
    let tokens = question(json!([[1, 2, 3], [4]]));
    assert_eq!(vectors(&client.embed(&tokens).await).len(), 2);
    assert_eq!(stand.attempts(), [4]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_requests_are_one_call() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    stand.providers[0].script(vec![Fault::Hold { at: Position::First }]);
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        asking.spawn(async move { client.embed(&question("the same")).await });
    }
    stand.seen(0, |counts| counts.attempts() == 1).await;
    stand.providers[0].release(1);
    let answers = asking.join_all().await;
    assert!(answers.iter().all(|answer| answer.body == answers[0].body && answer.status == 200));
    let spent = stand.money("local").await;
    let again = client.embed(&question("the same")).await;
    assert_eq!((again.cache(), &again.body), (IN_MEMORY, &answers[0].body));
    assert_eq!(
        (again.header("x-forebay-provider"), again.header("x-forebay-model")),
        ("p0", MODEL)
    );
    assert_eq!(stand.attempts(), [1]);
    assert_eq!(stand.money("local").await, spent, "a hit costs nothing");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_the_tokens_of_the_input_are_charged() {
    let stand = Plan::new(&[OPENAI]).input_costs("3").with("server.require_keys = true");
    let stand = stand.start().await;
    let client = stand.client(OPENAI).with_key(&stand.key("acme", "ada").await);
    let account = AccountId::developer(&"acme".parse().unwrap(), &"ada".parse().unwrap());
    let limit = |micros| Command::SetBudget {
        account: account.clone(),
        limit: Some(Microdollars::new(micros)),
    };
    stand.execute(limit(3_000)).await;
    // 500 bytes are 125 of the simulator's tokens.
    let texts = ["x".repeat(200), "y".repeat(300)];
    assert_eq!(vectors(&client.embed(&question(texts)).await).len(), 2);
    stand.settled().await;
    assert_eq!(stand.money("ada").await, (375, 0), "tokens by price, and nothing for output");
    stand.execute(limit(400)).await;
    let refused = client.embed(&question("z".repeat(200))).await;
    check_refused(&refused, 429, Some("insufficient_quota"), "ada");
    assert_eq!(stand.attempts(), [1]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_provider_of_the_protocol_answers_for_one_that_fails() {
    let stand = Plan::new(&[OPENAI, ANTHROPIC, OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let failed = Fault::Status { code: 500, retry_after: None, error: None };
    stand.providers[0].script(vec![failed.clone(), failed]);
    let answer = client.embed(&question("one")).await;
    assert_eq!(vectors(&answer).len(), 1);
    assert_eq!(answer.header("x-forebay-provider"), "p2");
    assert_eq!(stand.attempts(), [2, 0, 1], "the other protocol has no embeddings");
    // Half a document, framed as if it were all.
    stand.providers[0].script(vec![Fault::NoTerminal]);
    let answer = client.embed(&question("two")).await;
    assert_eq!((vectors(&answer).len(), answer.header("x-forebay-provider")), (1, "p2"));
    assert_eq!(client.embed(&question("two")).await.body, answer.body);
    assert_eq!(stand.attempts(), [3, 0, 2]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_answer_is_an_error_and_not_stored() {
    let stand = Plan::new(&[OPENAI]).with("resilience.breaker_failures = 100").start().await;
    let client = stand.client(OPENAI);
    for fault in [Fault::NoTerminal, Fault::NotJson, Fault::EmptyBody] {
        let asked = question(format!("{fault:?}"));
        stand.providers[0].script(vec![fault]);
        check_refused(&client.embed(&asked).await, 502, Some("upstream_error"), "p0");
        let whole = client.embed(&asked).await;
        assert_eq!((whole.cache(), vectors(&whole).len()), (MISS, 1));
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_embedded_is_refused_before_any_call() {
    let stand = Plan::new(&[ANTHROPIC]).start().await;
    let client = stand.client(OPENAI);
    let only_anthropic = "cannot be translated to anthropic messages: it has no embeddings";
    check_refused(&client.embed(&question("one")).await, 400, None, only_anthropic);
    check_refused(&client.embed(&question(json!([]))).await, 400, None, "input must not be empty");
    let streamed = with(&question("one"), "stream", true);
    check_refused(&client.embed(&streamed).await, 400, None, "stream must be absent");
    let unknown = with(&question("one"), "model", "nobody-serves-this");
    check_refused(&client.embed(&unknown).await, 404, Some("model_not_found"), MODEL);
    assert_eq!((stand.attempts(), stand.money("local").await), (vec![0], (0, 0)));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_model_of_this_machine_the_answer_says_how_to_get_one() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let asked = with(&question("one"), "model", LOCAL_MODEL);
    let stranger = stand.client(OPENAI).embed(&asked).await;
    check_refused(&stranger, 401, Some("invalid_api_key"), "key");
    let client = stand.client(OPENAI).with_key(&stand.key("acme", "ada").await);
    let refused = client.embed(&asked).await;
    check_refused(&refused, 404, Some("model_not_found"), "run `forebay models pull`");
    assert!(!client.get("/v1/models").await.text().contains(LOCAL_MODEL));
    assert_eq!(stand.attempts(), [0]);
    stand.stop().await;
}

/// Puts a model in place; false, with a message, where there is none.
fn install(stand: &Stand) -> bool {
    let Some(model) = std::env::var_os("FOREBAY_TEST_MODEL") else {
        println!("skipped: FOREBAY_TEST_MODEL names no model");
        return false;
    };
    let models = stand.data().join("models");
    fs_err::create_dir(&models).unwrap();
    fs_err::os::unix::fs::symlink(Path::new(&model), models.join(LOCAL_MODEL)).unwrap();
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_model_of_this_machine_answers_whoever_is_known() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let client = stand.client(OPENAI).with_key(&stand.key("acme", "ada").await);
    let asked = with(&question(["a red fox", "money", "a red fox"]), "model", LOCAL_MODEL);
    assert_eq!(client.embed(&asked).await.status, 404);
    if !install(&stand) {
        return stand.stop().await;
    }
    // Found without a start, though it was looked for before.
    let answer = client.embed(&asked).await;
    let made = vectors(&answer);
    assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [384; 3]);
    assert!(made[0] == made[2] && made[0] != made[1]);
    assert_eq!(document(&answer)["model"], LOCAL_MODEL);
    // Five tokens and three, those at the ends included.
    assert_eq!(document(&answer)["usage"], json!({"prompt_tokens": 13, "total_tokens": 13}));
    assert_eq!(answer.header("x-forebay-provider"), "forebay");
    let base64 = with(&with(&asked, "encoding_format", "base64"), "model", "local");
    assert_eq!(vectors(&client.embed(&base64).await), made);
    let wrong = client.embed(&with(&asked, "dimensions", 256)).await;
    check_refused(&wrong, 400, None, "gives 384: leave dimensions out");
    assert_eq!(client.embed(&with(&asked, "dimensions", 384)).await.body, answer.body);
    let tokens = client.embed(&with(&asked, "input", json!([1, 2]))).await;
    check_refused(&tokens, 400, None, "input must be text");
    assert!(client.get("/v1/models").await.text().contains(LOCAL_MODEL));
    let stand = stand.restart().await;
    let again = stand.client(OPENAI).with_key(&stand.key("acme", "bo").await).embed(&asked).await;
    assert_eq!(again.body, answer.body);
    assert!(stand.data().join("embeddings.db").exists());
    assert_eq!((stand.attempts(), stand.money("ada").await), (vec![0], (0, 0)));
    stand.stop().await;
}

/// Long enough for whoever asks at the same time.
const GATHERED: &str = "resilience.embeddings_gather_ms = 300";

fn inputs() -> Vec<Value> {
    vec![
        json!("the first"),
        json!(["the second", "3"]),
        json!("a fourth that is longer"),
        json!(["5"]),
    ]
}

/// Asks for all at the same time.
async fn ask_at_once(stand: &Stand) -> Vec<Answer> {
    let client = stand.client(OPENAI);
    let mut asking = JoinSet::new();
    for (index, input) in inputs().into_iter().enumerate() {
        let client = client.clone();
        asking.spawn(async move { (index, client.embed(&question(input)).await) });
    }
    let mut answers = asking.join_all().await;
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

async fn asked_singly() -> Vec<Vec<Vec<f32>>> {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let mut single = Vec::new();
    for input in inputs() {
        single.push(vectors(&client.embed(&question(input)).await));
    }
    assert_eq!(stand.attempts(), [4], "whoever comes alone is not gathered");
    stand.stop().await;
    single
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_once_go_out_as_one_and_pay_together_what_it_costs() {
    let stand = Plan::new(&[OPENAI]).input_costs("0.3").with(GATHERED).start().await;
    let answers = ask_at_once(&stand).await;
    let singly = asked_singly().await;
    assert_eq!(answers.iter().map(vectors).collect::<Vec<_>>(), singly);
    assert_eq!(stand.attempts(), [1]);
    let sent: Value = serde_json::from_slice(&stand.providers[0].requests()[0].body).unwrap();
    assert_eq!(sent["input"].as_array().unwrap().len(), 5);
    let told = answers.iter().map(|answer| document(answer)["usage"]["total_tokens"].as_u64());
    let tokens: u64 = told.map(Option::unwrap).sum();
    // Four bytes of all inputs together are a token, as the simulator counts them.
    assert_eq!(tokens, 11);
    stand.settled().await;
    assert_eq!(stand.money("local").await.0, (tokens * 3).div_ceil(10));
    let again = stand.client(OPENAI).embed(&question("the first")).await;
    assert_eq!((again.cache(), vectors(&again)), (IN_MEMORY, singly[0].clone()));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_input_that_is_refused_fails_its_own_request_alone() {
    // Wrong everywhere, or only nothing for this one provider.
    for error in [None, Some("unsupported_value".to_owned())] {
        let stand = Plan::new(&[OPENAI]).with(GATHERED).start().await;
        let refused = Fault::Status { code: 400, retry_after: None, error };
        stand.providers[0].script(vec![refused.clone(), refused]);
        let answers = ask_at_once(&stand).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 400]);
        assert_eq!(stand.attempts(), [5]);
        stand.settled().await;
        stand.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_takes_nobody_along_and_the_last_ends_the_call() {
    let stand = Plan::new(&[OPENAI]).with(GATHERED).start().await;
    let held = Script { always: Fault::Hold { at: Position::First }, ..Script::default() };
    stand.providers[0].set_script(held);
    let client = stand.client(OPENAI);
    let (left, stays) = (question("leaves"), question("stays"));
    let mut leaving = Box::pin(client.embed(&left));
    let mut staying = Box::pin(client.embed(&stays));
    tokio::select! {
        _ = &mut leaving => panic!("answered before its time"),
        _ = &mut staying => panic!("answered before its time"),
        _ = stand.seen(0, |counts| counts.in_flight == 1) => {}
    }
    drop(leaving);
    stand.providers[0].release(1);
    assert_eq!(vectors(&staying.await).len(), 1);
    assert_eq!(stand.attempts(), [1]);
    let others = [question("one"), question("two")];
    tokio::select! {
        _ = async { tokio::join!(client.embed(&others[0]), client.embed(&others[1])) } => {
            panic!("answered before its time");
        }
        _ = stand.seen(0, |counts| counts.in_flight == 1) => {}
    }
    stand.settled().await;
    assert_eq!(stand.attempts(), [2]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_gathering_each_goes_by_itself() {
    let plan = Plan::new(&[OPENAI]).with("resilience.embeddings_gather_ms = 0");
    let stand = plan.start().await;
    assert_eq!(ask_at_once(&stand).await.len(), 4);
    assert_eq!(stand.attempts(), [4]);
    stand.stop().await;
}
