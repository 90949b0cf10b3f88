//! What the logs must not hold.

use std::net::SocketAddr;

use serde_json::Value;
use simulator::{Authentication, Fault, Position, Simulator, SimulatorSettings};

use crate::client::{Ask, Exchange, Protocol};
use crate::place::{Place, within};
use crate::settings;

const PROVIDER_KEY: &str = "sk-provider-canary-5b1c";
const PROMPT: &str = "prompt-canary-77aa";
/// What every answer of the simulator begins with, and two of its words.
const ANSWERS: [&str; 3] = ["Simulated answer", "forebay räder", "川の流れ"];
/// A key that is none.
const WRONG_KEY: &str = "fb_aaaaaaaaaaaaaaaa_wrong-canary-31f0";

/// Requests of every kind and with every end, as clients send them.
async fn use_it(simulator: &Simulator, gateway: SocketAddr, key: &str) {
    let faults = [
        vec![],
        vec![Fault::Status { code: 500, retry_after: None, error: None }],
        vec![Fault::Status { code: 401, retry_after: None, error: None }],
        vec![Fault::ContextLength],
        vec![Fault::ErrorEvent { position: Position::Middle, code: None }],
        vec![Fault::Reset { after_bytes: 900 }],
        vec![Fault::NotJson],
        vec![Fault::NotHttp],
        vec![Fault::NoTerminal],
        vec![Fault::EchoHeaders],
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        for protocol in [Protocol::OpenAi, Protocol::Anthropic] {
            for stream in [false, true] {
                simulator.script(fault.clone());
                let text = format!("{PROMPT} {number}");
                let ask = Ask { protocol, stream, ..Ask::new(&text) }.with_key(key);
                // Some of them have a good answer and some have none.
                let _ = within("an end", ask.open(gateway).await.unwrap().finish()).await;
            }
        }
    }
    Ask::new(PROMPT).with_key(WRONG_KEY).send(gateway).await;
    let path = "/v1/chat/completions";
    let head = format!("authorization: Bearer {key}\r\n");
    for body in [format!("{{\"messages\": \"{PROMPT}\""), format!("{{\"{PROMPT}\": 1}}")] {
        let exchange = Exchange::open(gateway, "POST", path, &head, &body).await.unwrap();
        assert_eq!(within("a refusal", exchange.finish()).await.unwrap().status, 400);
    }
    let elsewhere = Exchange::open(gateway, "POST", "/v1/else", &head, PROMPT).await.unwrap();
    assert_eq!(within("a refusal", elsewhere.finish()).await.unwrap().status, 404);
}

/// What a gateway that logs all it can in `format` has logged, and a key that was used.
async fn logged(format: &str) -> (String, String) {
    let authentication = Authentication::Key(PROVIDER_KEY.to_owned());
    let simulator =
        Simulator::start(SimulatorSettings { authentication, ..SimulatorSettings::default() })
            .await
            .unwrap();
    let mut settings = settings::with_provider(simulator.address());
    settings::set(&mut settings, "log", "level", "trace");
    settings::set(&mut settings, "log", "format", format);
    settings::set(&mut settings, "resilience", "breaker_failures", 1_000);
    let place = Place::with(&settings);
    fs_err::write(place.home("provider-key"), PROVIDER_KEY).unwrap();
    let key_file = place.home("provider-key").to_str().unwrap().to_owned();
    let provider = settings["providers"]["local"].as_table_mut().unwrap();
    provider.insert("api_key_file".to_owned(), key_file.into());
    place.configure(&settings);
    let gateway = place.serve().await;
    let key = place.key(&["--developer", "ada"]).await;
    use_it(&simulator, gateway.address(), &key).await;
    assert!(simulator.counts().completed > 0, "{:?}", simulator.counts());
    gateway.stop().await;
    simulator.stop().await;
    (place.log(), key)
}

#[track_caller]
fn check_holds_no_secret(log: &str, key: &str) {
    let (_, secret) = key.rsplit_once('_').unwrap();
    let canaries = [PROVIDER_KEY, PROMPT, secret, "wrong-canary"];
    for canary in canaries.iter().chain(&ANSWERS) {
        let line = log.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary} is in the log");
    }
    // It was logged that much at all.
    assert!(log.contains("TRACE") && log.contains("DEBUG"), "{log}");
    assert!(log.contains("no answer"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_people_holds_no_prompt_answer_or_key() {
    let (log, key) = logged("text").await;
    check_holds_no_secret(&log, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_programs_holds_none_either_and_every_line_is_json() {
    let (log, key) = logged("json").await;
    check_holds_no_secret(&log, &key);
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
}
