//! Where prompts, answers and keys must not be found.

use std::process::Command as Process;
use std::sync::Arc;

use orchestrator::operator::{AccountId, Command};
use parking_lot::Mutex;
use serde_json::Value;
use simulator::{Fault, Position, Script};
use types::Microdollars;

use crate::client::{Client, streamed, with};
use crate::reference::Reference;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, Stand, provider_key};

const PROMPT: &str = "canary-in-a-prompt-4f1b9";
const STRANGER: &str = "fb_canarystranger_4f1b9canaryofastranger4f1b9";
const ALONE: &str = "FOREBAY_TEST_ALONE";

/// The logs of a process go to one place, so this test has a process of its own.
#[test]
fn nothing_confidential_is_logged_counted_written_down_or_told_to_others() {
    let name = "secrets::nothing_confidential_is_logged_counted_written_down_or_told_to_others";
    if runs_alone(name) {
        sweep();
    }
}

/// Whether this process runs one test alone; if not, another one has run it.
#[track_caller]
pub(crate) fn runs_alone(name: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let test = std::env::current_exe().unwrap();
    let run = Process::new(test).args(["--exact", name]).env(ALONE, "1").output().unwrap();
    let shown = [run.stdout, run.stderr].concat();
    let shown = String::from_utf8_lossy(&shown);
    // A name that nothing has is no failure to whoever runs tests.
    assert!(run.status.success() && shown.contains(" 1 passed"), "{shown}");
    false
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn sweep() {
    let logs = Logs::default();
    let writer = logs.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let reference = Reference::start().await;
    let stand = Plan::new(&PROTOCOLS)
        .with("server.require_keys = true")
        .with("resilience.breaker_failures = 1000")
        .with("resilience.retry_percent = 1000")
        .start()
        .await;
    let key = stand.key("acme", "ada").await;
    let mut told = Vec::new();
    for protocol in PROTOCOLS {
        ask_everything(&stand, &stand.client(protocol).with_key(&key), &mut told).await;
    }
    ask_everything(&stand, &Client::multiplexed(stand.address(), OPENAI).with_key(&key), &mut told)
        .await;
    let metrics = stand.client(OPENAI).get("/metrics").await.text().into_owned();
    let mut answers = Vec::new();
    for asked in stand.providers.iter().flat_map(|provider| provider.requests()) {
        // Some of what was sent is wrong on purpose.
        let answer = reference.answer(&asked).await;
        answers.extend((answer.status == 200).then(|| answer.said().text));
    }
    let keys = [
        provider_key(0),
        provider_key(1),
        provider_key(2),
        key,
        PROMPT.to_owned(),
        STRANGER.to_owned(),
    ];
    let data = stand.data().to_owned();
    check_files(&data, &keys, &answers);
    for (place, text) in [("errors", told.join("\n")), ("metrics", metrics)] {
        check_text(place, &text, &keys, &answers);
    }
    stand.stop().await;
    reference.stop().await;
    let logs = logs.text();
    assert!(logs.contains("TRACE") && logs.contains("attempt failed"), "nothing was logged");
    check_text("logs", &logs, &keys, &answers);
}

/// Requests that end in each way; keeps what errors said.
async fn ask_everything(stand: &Stand, client: &Client, told: &mut Vec<String>) {
    let round = told.len();
    let question = |text: &str| client.question(&format!("{PROMPT} {text} {round}"));
    let mut ask = async |client: &Client, question: &Value, status: u16| {
        let answer = client.ask(question).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        if status != 200 {
            told.push(format!("{:?} {}", answer.headers, answer.text()));
        } else if let Some(problem) = answer.said().problem {
            told.push(format!("{:?} {problem:?}", answer.headers));
        }
    };
    limit(stand, None).await;
    for form in [question("fine"), streamed(&question("fine too"))] {
        ask(client, &form, 200).await;
        ask(client, &form, 200).await;
    }
    for form in [question("refused"), streamed(&question("refused"))] {
        ask(&client.with_key(STRANGER), &form, 401).await;
        ask(client, &with(&form, client.limit_field(), -1), 400).await;
        ask(client, &with(&form, "model", "nothing"), 404).await;
        let status = |code| Fault::Status { code, retry_after: None, error: None };
        for (fault, document, stream) in [
            (Fault::EchoHeaders, 502, 200),
            (Fault::NoTerminal, 502, 200),
            (Fault::NotJson, 502, 502),
            (status(400), 400, 400),
            (status(500), 502, 502),
        ] {
            set_fault(stand, &fault);
            ask(client, &form, if form["stream"] == true { stream } else { document }).await;
        }
        set_fault(stand, &Fault::None);
    }
    limit(stand, Some(1)).await;
    let is_anthropic = client.protocol == ANTHROPIC;
    ask(client, &question("no money"), if is_anthropic { 402 } else { 429 }).await;
    check_reserved(stand, client, &question("held"), &question("too much"), told).await;
}

/// One request holds what the other would need.
async fn check_reserved(
    stand: &Stand,
    client: &Client,
    held: &Value,
    refused: &Value,
    told: &mut Vec<String>,
) {
    let before = stand.attempts()[0];
    let (spent, _) = stand.money("ada").await;
    let dear = |question: &Value| with(question, client.limit_field(), 100_000);
    limit(stand, Some(spent + 1_500_000)).await;
    set_fault(stand, &Fault::Hold { at: Position::First });
    let holding = async {
        let answer = client.ask(&dear(held)).await;
        assert!(answer.said().is_good());
    };
    let refusing = async {
        stand.seen(0, |counts| counts.attempts() == before + 1).await;
        let answer = client.ask(&dear(refused)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
        told.push(answer.text().into_owned());
        stand.providers[0].release(1);
    };
    tokio::join!(holding, refusing);
    set_fault(stand, &Fault::None);
}

fn set_fault(stand: &Stand, always: &Fault) {
    for provider in &stand.providers {
        provider.set_script(Script { always: always.clone(), ..Script::default() });
    }
}

async fn limit(stand: &Stand, limit: Option<u64>) {
    let account = AccountId::developer(&"acme".parse().unwrap(), &"ada".parse().unwrap());
    stand.execute(Command::SetBudget { account, limit: limit.map(Microdollars::new) }).await;
}

/// The cache may hold answers; nothing else may hold anything.
fn check_files(data: &std::path::Path, keys: &[String], answers: &[String]) {
    let mut seen = Vec::new();
    for entry in fs_err::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(bytes) = fs_err::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let answers = if name.starts_with("cache.db") { &[] } else { answers };
        check_text(&name, &text, keys, answers);
        seen.push(name);
    }
    for name in ["ledger.db", "ledger.db-wal", "cache.db", "pepper"] {
        assert!(seen.iter().any(|seen| seen == name), "{seen:?}");
    }
}

#[track_caller]
fn check_text(place: &str, text: &str, keys: &[String], answers: &[String]) {
    for key in keys {
        assert!(!text.contains(key.as_str()), "{key} in {place}: {}", around(text, key));
    }
    for answer in answers {
        // A stream cuts its text into pieces of this size or more.
        let pieces = answer.as_bytes().chunks(12).filter_map(|piece| str::from_utf8(piece).ok());
        for piece in pieces.filter(|piece| piece.len() == 12) {
            assert!(!text.contains(piece), "{piece:?} in {place}: {}", around(text, piece));
        }
    }
}

fn around(text: &str, found: &str) -> String {
    let line = text.lines().find(|line| line.contains(found)).unwrap_or_default();
    line.chars().take(2_000).collect()
}

/// All that was logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl std::io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
