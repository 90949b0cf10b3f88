//! Who may ask, and for what.

use std::time::Duration;

use forebay_server::{Daemon, Error};
use orchestrator::operator::{AccountKind, Command, CreateKey, Outcome};
use types::KeyId;
use wire::Protocol;

use crate::client::{Answer, Client, streamed, with};
use crate::stand::{ANTHROPIC, MODEL, OPENAI, PROTOCOLS, Plan, Stand, new_key};

fn guarded() -> Plan {
    Plan::new(&PROTOCOLS).with("server.require_keys = true")
}

/// Every route that is not public, asked as each SDK does.
async fn ask_all(client: &Client) -> Vec<Answer> {
    let question = client.question("who?");
    let mut answers = vec![client.ask(&question).await, client.ask(&streamed(&question)).await];
    // A key is looked at before a body: what is wrong with this one is not for strangers.
    answers.push(client.post("{not json").await);
    for path in ["/v1/models", "/v1/models/sim", "/v1/models/nothing"] {
        answers.push(client.get(path).await);
    }
    answers
}

/// The body of an error without the name of its request, which differs each time.
fn anonymous(answer: &Answer) -> String {
    let mut document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    if let Some(members) = document.as_object_mut() {
        members.remove("request_id");
    }
    document.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_good_key_gets_one_and_the_same_answer_everywhere() {
    let stand = guarded().start().await;
    let good = stand.key("acme", "ada").await;
    let (_, secret) = good.strip_prefix("fb_").unwrap().split_once('_').unwrap();
    let other = stand.key("acme", "bob").await;
    let keys = [
        String::new(),
        "sk-of-some-provider".to_owned(),
        "fb_nosuchkey_0123456789".to_owned(),
        format!("fb_nosuchkey_{secret}"),
        format!("{}{secret}", other.trim_end_matches(|letter| letter != '_')),
        good[..good.len() - 1].to_owned(),
        format!("{good}a"),
        good.to_uppercase(),
        revoked(&stand).await,
        expired(&stand).await,
    ];
    for protocol in PROTOCOLS {
        let nobody = stand.client(protocol);
        let mut answers = ask_all(&nobody).await;
        for key in &keys {
            answers.extend(ask_all(&nobody.with_key(key)).await);
        }
        answers.extend(ask_all(&nobody.with_header("authorization", &good)).await);
        check_refused(protocol, &answers);
        let welcome = ask_all(&nobody.with_key(&good)).await;
        let statuses: Vec<_> = welcome.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 200, 400, 200, 200, 404]);
    }
    assert_eq!(stand.attempts(), [3, 0, 0], "a stranger's request went out");
    stand.stop().await;
}

#[track_caller]
fn check_refused(protocol: Protocol, answers: &[Answer]) {
    let expected = anonymous(&answers[0]);
    let (kind, code) = match protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => {
            ("invalid_request_error", Some("invalid_api_key"))
        }
        Protocol::AnthropicMessages => ("authentication_error", None),
    };
    for answer in answers {
        let problem = answer.problem();
        assert_eq!(answer.status, 401);
        assert_eq!((problem.kind.as_str(), problem.code.as_deref()), (kind, code));
        assert_eq!(anonymous(answer), expected);
        assert_eq!(answer.header("retry-after"), "");
    }
}

/// The id of a key is not secret.
fn id_of(key: &str) -> KeyId {
    key.split('_').nth(1).unwrap().parse().unwrap()
}

async fn revoked(stand: &Stand) -> String {
    let key = stand.key("acme", "eve").await;
    stand.execute(Command::RevokeKey { id: id_of(&key) }).await;
    key
}

async fn expired(stand: &Stand) -> String {
    let short = CreateKey { lifetime_seconds: Some(60), ..new_key("acme", "eve") };
    let key = stand.key_for(short).await;
    stand.hand.advance(Duration::from_secs(60));
    key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_ends_with_the_next_request() {
    let stand = guarded().start().await;
    let key = stand.key("acme", "ada").await;
    let client = stand.client(OPENAI).with_key(&key);
    let question = client.question("still good?");
    assert_eq!(client.ask(&question).await.status, 200);
    let rotate = Command::RotateKey { id: id_of(&key), grace_seconds: 60 };
    let Outcome::KeyCreated { key: newer, .. } = stand.execute(rotate).await else { panic!() };
    stand.hand.advance(Duration::from_secs(59));
    assert_eq!(client.ask(&question).await.status, 200);
    stand.hand.advance(Duration::from_secs(1));
    assert_eq!(client.ask(&question).await.status, 401);
    let client = stand.client(OPENAI).with_key(&newer);
    assert_eq!(client.ask(&question).await.status, 200);
    stand.execute(Command::RevokeKey { id: id_of(&newer) }).await;
    // Not even for an answer that is stored, on a connection that is open.
    assert_eq!(client.ask(&question).await.status, 401);
    let stand = stand.restart().await;
    let client = stand.client(OPENAI).with_key(&newer);
    assert_eq!(client.ask(&question).await.status, 401);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_limited_to_models_sees_and_gets_no_others() {
    let serves = r#"serves = ["sim", "other"]
models = { fast = "sim", smart = "other" }"#;
    let stand =
        Plan::empty().and_provider(OPENAI, serves).with("server.require_keys = true").start().await;
    for (models, permitted) in [
        (&["sim"][..], &["fast", "sim"][..]),
        (&["fast"], &["fast"]),
        (&["sim", "smart"], &["fast", "sim", "smart"]),
        (&[], &["fast", "other", "sim", "smart"]),
        (&["else"], &[]),
    ] {
        let models = models.iter().map(|model| model.parse().unwrap()).collect();
        let key = stand.key_for(CreateKey { models, ..new_key("acme", "ada") }).await;
        for protocol in PROTOCOLS {
            check_models(&stand.client(protocol).with_key(&key), permitted).await;
        }
    }
    stand.stop().await;
}

async fn check_models(client: &Client, permitted: &[&str]) {
    assert_eq!(listed(client).await, permitted);
    for model in ["fast", "other", "sim", "smart"] {
        let is_permitted = permitted.contains(&model);
        let shown = client.get(&format!("/v1/models/{model}")).await.status;
        assert_eq!(shown, if is_permitted { 200 } else { 404 }, "{model}");
        if is_permitted && matches!(model, "other" | "smart") {
            // It has no price, which is another matter.
            continue;
        }
        let answer = client.ask(&with(&client.question("may I?"), "model", model)).await;
        if is_permitted {
            assert!(answer.said().is_good());
            continue;
        }
        let problem = answer.problem();
        let seen = (answer.status, problem.kind.as_str(), problem.code.as_deref());
        assert_eq!(
            seen,
            match client.protocol {
                Protocol::OpenAiChat | Protocol::OpenAiResponses =>
                    (403, "invalid_request_error", Some("permission_denied")),
                Protocol::AnthropicMessages => (403, "permission_error", None),
            }
        );
    }
}

/// The ids of the list, in the shape that the protocol's SDK reads.
async fn listed(client: &Client) -> Vec<String> {
    let answer = client.get("/v1/models").await;
    assert_eq!(answer.status, 200);
    let list: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let models = list["data"].as_array().unwrap();
    let ids: Vec<_> = models.iter().map(|model| model["id"].as_str().unwrap()).collect();
    match client.protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => {
            assert_eq!(list["object"], "list");
            let is_model = |model: &serde_json::Value| {
                model["object"] == "model" && model["created"].is_u64() && model["owned_by"] == "p0"
            };
            assert!(models.iter().all(is_model), "{list}");
        }
        Protocol::AnthropicMessages => {
            assert_eq!(list["has_more"], false);
            assert_eq!(list["first_id"].as_str(), ids.first().copied());
            assert_eq!(list["last_id"].as_str(), ids.last().copied());
            let is_model = |model: &serde_json::Value| {
                model["type"] == "model"
                    && model["display_name"].is_string()
                    && model["created_at"].as_str().unwrap().ends_with('Z')
            };
            assert!(models.iter().all(is_model), "{list}");
        }
    }
    ids.into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_metrics_need_no_key() {
    let stand = guarded().start().await;
    let nobody = stand.client(OPENAI);
    assert_eq!(nobody.get("/healthz").await.text(), "ok\n");
    assert_eq!(nobody.get("/readyz").await.text(), "ready\n");
    let metrics = nobody.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    // Whether it is available is another gateway's word as well: all in this process share gauges.
    assert!(metrics.text().contains("forebay_provider_available{provider=\"p0\"} "));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_loopback_a_request_without_a_key_is_that_of_the_developer_local() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let nobody = stand.client(OPENAI);
    // SDKs send something even where nothing is needed.
    for client in [nobody.clone(), nobody.with_key("sk-whatever")] {
        assert!(client.ask(&client.question("who am I?")).await.said().is_good());
    }
    let accounts = stand.accounts().await;
    let spending: Vec<_> = accounts
        .iter()
        .filter(|status| status.spent.get() > 0)
        .map(|status| (status.account.kind(), status.account.name()))
        .collect();
    let expected = [(AccountKind::Developer, "local"), (AccountKind::Tenant, "default")];
    assert_eq!(spending, expected);
    // But what looks like a key of ours must be good.
    let client = nobody.with_key("fb_nosuchkey_0123456789");
    assert_eq!(client.ask(&client.question("who am I?")).await.status, 401);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_loopback_nobody_listens_without_keys_and_nobody_is_served_without_one() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let mut config = stand.config().clone();
    let clock = stand.hand.clock();
    config.server.listen = ([0, 0, 0, 0], 0).into();
    let elsewhere = tempfile::tempdir().unwrap();
    config.data_directory = elsewhere.path().join("data");
    let error = Daemon::start(&config, clock.clone(), 1).await.unwrap_err();
    assert!(matches!(error, Error::Unprotected { .. }), "{error}");
    // With a key in the directory it listens, and asks for it.
    config.server.listen = ([127, 0, 0, 1], 0).into();
    let daemon = Daemon::start(&config, clock.clone(), 1).await.unwrap();
    let create = Command::CreateKey(new_key("acme", "ada"));
    let Outcome::KeyCreated { key, .. } = daemon.operator().execute(create).await.unwrap() else {
        panic!()
    };
    daemon.stop().await.unwrap();
    config.server.listen = ([0, 0, 0, 0], 0).into();
    let daemon = Daemon::start(&config, clock, 1).await.unwrap();
    let reachable = ([127, 0, 0, 1], daemon.address().port()).into();
    for protocol in [OPENAI, ANTHROPIC] {
        let nobody = Client::new(reachable, protocol);
        assert_eq!(nobody.ask(&nobody.question("who?")).await.status, 401);
        let ada = nobody.with_key(&key);
        assert!(ada.ask(&with(&ada.question("who?"), "model", MODEL)).await.said().is_good());
    }
    assert_eq!(daemon.stop().await.unwrap(), 0);
    stand.stop().await;
}
