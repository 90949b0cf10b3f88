//! What the ten simulated clients ask: the same each time, with the repeats that a team has.

use serde_json::{Value, json};

/// Simulated clients.
pub(super) const CLIENTS: usize = 10;
/// Requests that each of them sends.
pub(super) const REQUESTS_PER_CLIENT: usize = 24;
/// The model they ask for.
pub(super) const MODEL: &str = "sim-small";

/// Which endpoint a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    ChatCompletions,
    Messages,
}

/// One request of the workload.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) endpoint: Endpoint,
    pub(super) stream: bool,
    text: String,
}

/// What client number `client` asks, in order. Of every four questions two are asked by the whole
/// team, one is the client's own and one repeats the client's own of before.
pub(super) fn questions(client: usize) -> Vec<Question> {
    let question = |number: usize| {
        let text = match number % 4 {
            0 | 2 => format!("How do we release version {} of the service?", number / 2),
            1 => format!("Client {client}: explain module {} to me.", number / 4),
            _ => format!("Client {client}: explain module {} to me.", number / 8),
        };
        let endpoint =
            if client.is_multiple_of(2) { Endpoint::ChatCompletions } else { Endpoint::Messages };
        Question { endpoint, stream: (client + number).is_multiple_of(3), text }
    };
    (0..REQUESTS_PER_CLIENT).map(question).collect()
}

impl Question {
    /// Whether `body` is a whole answer to it, in the form that it asks for.
    pub(super) fn is_answered_by(&self, body: &str) -> bool {
        let end = match (self.endpoint, self.stream) {
            (Endpoint::ChatCompletions, true) => "data: [DONE]",
            (Endpoint::Messages, true) => "event: message_stop",
            (Endpoint::ChatCompletions, false) => "\"finish_reason\"",
            (Endpoint::Messages, false) => "\"stop_reason\"",
        };
        body.contains(end) && body.contains("imulated")
    }

    pub(super) fn path(&self) -> &'static str {
        match self.endpoint {
            Endpoint::ChatCompletions => "/v1/chat/completions",
            Endpoint::Messages => "/v1/messages",
        }
    }

    pub(super) fn body(&self) -> Value {
        json!({
            "model": MODEL,
            "max_tokens": 256,
            "stream": self.stream,
            "messages": [{"role": "user", "content": self.text}],
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_workload_repeats_itself_and_no_client_copies_another_but_for_shared_questions() {
        let all: Vec<_> = (0..CLIENTS).flat_map(questions).collect();
        let distinct: HashSet<_> =
            all.iter().map(|question| (question.path(), question.text.clone())).collect();
        assert_eq!(all.len(), CLIENTS * REQUESTS_PER_CLIENT);
        // Two protocols ask 12 shared questions each; every client has 6 of its own.
        assert_eq!(distinct.len(), 2 * 12 + CLIENTS * 6);
        assert!(all.iter().any(|question| question.stream));
    }
}
