//! One simulated client, which speaks HTTP like any other.

use std::net::SocketAddr;
use std::time::Duration;

use types::Clock;

use super::workload::Question;

/// The longest that a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with a key of its own.
#[derive(Clone, Debug)]
pub(super) struct Client {
    number: usize,
    gateway: SocketAddr,
    key: String,
    http: reqwest::Client,
    clock: Clock,
}

/// What became of one request.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) took: Duration,
    /// Which part of the gateway answered; an error where none did.
    pub(super) by: Result<AnsweredBy, String>,
}

/// Which part of the gateway answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnsweredBy {
    Memory,
    Disk,
    /// Somebody else's call, joined while it was made.
    SharedCall,
    Provider,
}

impl Client {
    pub(super) fn new(number: usize, gateway: SocketAddr, key: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { number, gateway, key, http, clock: Clock::system() })
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Sends one question and reads the whole answer.
    pub(super) async fn ask(&self, question: &Question) -> Answered {
        let began = self.clock.monotonic();
        let by = self.try_ask(question).await.map_err(|error| format!("{error:#}"));
        Answered { took: self.clock.monotonic().saturating_sub(began), by }
    }

    async fn try_ask(&self, question: &Question) -> anyhow::Result<AnsweredBy> {
        let response = self
            .http
            .post(format!("http://{}{}", self.gateway, question.path()))
            .header("authorization", format!("Bearer {}", self.key))
            .header("anthropic-version", "2023-06-01")
            .header("content-type", "application/json")
            .body(question.body().to_string())
            .send()
            .await?;
        let status = response.status();
        let cache_status = response
            .headers()
            .get("cache-status")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = response.text().await?;
        anyhow::ensure!(status.is_success(), "{status}: {body}");
        anyhow::ensure!(question.is_answered_by(&body), "not a whole answer: {body}");
        Ok(answered_by(&cache_status))
    }
}

/// Reads the gateway's `Cache-Status`.
fn answered_by(cache_status: &str) -> AnsweredBy {
    if cache_status.contains("detail=memory") {
        AnsweredBy::Memory
    } else if cache_status.contains("detail=disk") {
        AnsweredBy::Disk
    } else if cache_status.contains("collapsed") {
        AnsweredBy::SharedCall
    } else {
        AnsweredBy::Provider
    }
}
