//! Conversations of agents stay where their beginning is cached.

use serde_json::{Value, json};
use simulator::{Authentication, Fault, Script, Simulator, SimulatorSettings};
use wire::Protocol;

use crate::client::{Answer, Client, with};
use crate::stand::{PROTOCOLS, Plan, Stand};

const TURNS: usize = 50;

/// What is said in a turn; each agent has its own words.
fn said(agent: usize, turn: usize, role: &str) -> Value {
    json!({"role": role, "content": format!("agent {agent}, turn {turn}: ").repeat(8)})
}

/// The request of a turn: the whole conversation so far.
fn question(client: &Client, agent: usize, turn: usize) -> Value {
    let mut messages = Vec::new();
    for before in 0..turn {
        messages.extend([said(agent, before, "user"), said(agent, before, "assistant")]);
    }
    messages.push(said(agent, turn, "user"));
    // Such a request is not answered from the gateway's own cache.
    let question = with(&client.question(""), "temperature", 1);
    with(&question, client.said_field(), messages)
}

/// Input tokens of an answer, and those of them that were cached, as its protocol tells them.
fn input(protocol: Protocol, answer: &Answer) -> (u64, u64) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let number = |path: &str| body["usage"].pointer(path).and_then(Value::as_u64).unwrap();
    match protocol {
        Protocol::OpenAiChat => {
            (number("/prompt_tokens"), number("/prompt_tokens_details/cached_tokens"))
        }
        Protocol::OpenAiResponses => {
            (number("/input_tokens"), number("/input_tokens_details/cached_tokens"))
        }
        Protocol::AnthropicMessages => {
            let cached = number("/cache_read_input_tokens");
            (number("/input_tokens") + cached, cached)
        }
    }
}

/// The share of the first agent's input that was cached, of `agents` that take turns.
async fn replay(client: &Client, agents: usize, mut before: impl FnMut(usize)) -> f64 {
    let (mut total, mut cached) = (0, 0);
    for turn in 0..TURNS {
        before(turn);
        for agent in 0..agents {
            let answer = client.ask(&question(client, agent, turn)).await;
            let (read, known) = input(client.protocol, &answer);
            if agent == 0 {
                total += read;
                cached += known;
            }
        }
    }
    f64::from(u32::try_from(cached).unwrap()) / f64::from(u32::try_from(total).unwrap())
}

/// The share that a provider caches when it is asked itself.
async fn without_gateway(protocol: Protocol) -> f64 {
    let settings = SimulatorSettings {
        authentication: Authentication::Open,
        caches_prefixes: true,
        ..SimulatorSettings::default()
    };
    let provider = Simulator::start(settings).await.unwrap();
    let client = Client::new(provider.address(), protocol);
    let share = replay(&client, 1, |_| ()).await;
    provider.stop().await;
    share
}

async fn two_providers(protocol: Protocol) -> Stand {
    Plan::new(&[protocol, protocol]).caching_prefixes().start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_finds_as_much_cached_as_without_the_gateway() {
    for protocol in PROTOCOLS {
        let direct = without_gateway(protocol).await;
        assert!(direct > 0.9, "{direct}");
        let stand = two_providers(protocol).await;
        let share = replay(&stand.client(protocol), 2, |_| ()).await;
        assert!(share >= 0.95 * direct, "{share} of {direct}");
        stand.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_fail_over_it_stays_where_it_is() {
    for protocol in PROTOCOLS {
        let direct = without_gateway(protocol).await;
        let stand = two_providers(protocol).await;
        let refuses = Fault::Status { code: 500, retry_after: None, error: None };
        let share = replay(&stand.client(protocol), 1, |turn| {
            let script = match turn {
                25 => Script { always: refuses.clone(), ..Script::default() },
                _ => Script::default(),
            };
            stand.providers[0].set_script(script);
        })
        .await;
        assert!(share >= 0.95 * direct, "{share} of {direct}");
        // The provider that failed once is well again, and is not asked any more.
        stand.seen(1, |counts| counts.completed == 25).await;
        stand.stop().await;
    }
}
