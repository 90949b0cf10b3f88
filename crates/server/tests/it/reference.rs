//! What a healthy provider says to a request, asked without the gateway.

use serde_json::Value;
use simulator::{RecordedRequest, Simulator, SimulatorSettings};
use wire::Protocol;

use crate::client::{Answer, plain_http};
use crate::reading::Said;

/// A provider of all protocols with nothing wrong.
pub(crate) struct Reference {
    simulator: Simulator,
    http: reqwest::Client,
}

impl Reference {
    pub(crate) async fn start() -> Self {
        let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
        Self { simulator, http: plain_http() }
    }

    /// The answer to what another provider was sent, as that one would give it.
    pub(crate) async fn answer(&self, asked: &RecordedRequest) -> Answer {
        let mut request =
            self.http.post(format!("http://{}{}", self.simulator.address(), asked.path));
        for name in ["authorization", "x-api-key", "anthropic-version", "content-type"] {
            if let Some(value) = asked.header(name) {
                request = request.header(name, value);
            }
        }
        let response = request.body(asked.body.clone()).send().await.unwrap();
        Answer::of(protocol_of(asked), response).await
    }

    pub(crate) async fn said(&self, asked: &RecordedRequest) -> Said {
        self.answer(asked).await.said()
    }

    /// The text of the answer, also where the provider speaks a protocol that no client does.
    pub(crate) async fn text(&self, asked: &RecordedRequest) -> String {
        if asked.path.contains(":generateContent") || asked.path.contains(":streamGenerateContent")
        {
            self.gemini(asked).await
        } else {
            self.said(asked).await.text
        }
    }

    /// A stream says the same in pieces, so the whole is asked for.
    async fn gemini(&self, asked: &RecordedRequest) -> String {
        let path = asked.path.replace(":streamGenerateContent", ":generateContent");
        let request = self.http.post(format!("http://{}{path}", self.simulator.address()));
        let key = asked.header("x-goog-api-key").unwrap();
        let request = request.header("x-goog-api-key", key).body(asked.body.clone());
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let parts = answer["candidates"][0]["content"]["parts"].as_array().unwrap();
        parts.iter().map(|part| part["text"].as_str().unwrap()).collect()
    }

    pub(crate) async fn stop(self) {
        self.simulator.stop().await;
    }
}

fn protocol_of(asked: &RecordedRequest) -> Protocol {
    if asked.path.ends_with("/messages") {
        Protocol::AnthropicMessages
    } else if asked.path.ends_with("/responses") {
        Protocol::OpenAiResponses
    } else {
        Protocol::OpenAiChat
    }
}
