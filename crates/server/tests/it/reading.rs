//! Answers and errors as a strict client reads them, with nothing of the product's code.

use serde_json::Value;
use wire::Protocol;

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The text, or names and arguments of the tool calls.
    pub(crate) text: String,
    pub(crate) finish: Option<String>,
    pub(crate) output_tokens: Option<u64>,
    /// Whether the protocol's own end was there.
    pub(crate) is_ended: bool,
    /// The error that the stream ends in.
    pub(crate) problem: Option<Problem>,
}

/// What an error says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

/// One event of a stream: its name, empty where it has none, and its data.
pub(crate) type Event = (String, String);

/// The events of a body that is nothing but whole frames of a name, where there is one, and data.
#[track_caller]
pub(crate) fn events(body: &[u8]) -> Vec<Event> {
    let text = str::from_utf8(body).unwrap();
    let Some(text) = text.strip_suffix("\n\n") else {
        panic!("no whole frames: {text:?}");
    };
    let event = |frame: &str| match frame.split_once('\n') {
        Some((name, data)) => (part(name, "event: "), part(data, "data: ")),
        None => (String::new(), part(frame, "data: ")),
    };
    text.split("\n\n").map(event).collect()
}

#[track_caller]
fn part(line: &str, name: &str) -> String {
    assert!(!line.contains('\n'), "{line:?}");
    line.strip_prefix(name).unwrap_or_else(|| panic!("no {name:?} in {line:?}")).to_owned()
}

impl Said {
    /// Reads a stream; whatever comes after its end or its error is a failure.
    #[track_caller]
    pub(crate) fn in_stream(protocol: Protocol, body: &[u8]) -> Self {
        let mut said = Self::default();
        for (number, (name, data)) in events(body).into_iter().enumerate() {
            assert!(!said.is_ended && said.problem.is_none(), "{name} {data} after the end");
            match protocol {
                Protocol::OpenAiChat => said.read_openai(&name, &data),
                Protocol::OpenAiResponses => said.read_responses(number, &name, &data),
                Protocol::AnthropicMessages => said.read_anthropic(&name, &data),
            }
        }
        said
    }

    #[track_caller]
    fn read_openai(&mut self, name: &str, data: &str) {
        assert_eq!(name, "");
        if data == "[DONE]" {
            self.is_ended = true;
            return;
        }
        let event: Value = serde_json::from_str(data).unwrap();
        if event.get("error").is_some() {
            self.problem = Some(Problem::read_openai(&event));
            return;
        }
        assert_eq!(event["object"], "chat.completion.chunk", "{data}");
        for choice in event["choices"].as_array().unwrap() {
            self.add(&choice["delta"]["content"]);
            for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
                self.add(&call["function"]["name"]);
                self.add(&call["function"]["arguments"]);
            }
            self.finish = text_of(&choice["finish_reason"]).or(self.finish.take());
        }
        self.output_tokens = event["usage"]["completion_tokens"].as_u64().or(self.output_tokens);
    }

    /// Text and arguments come in deltas, and the last event repeats all of it. Events are numbered
    /// without a gap.
    #[track_caller]
    fn read_responses(&mut self, number: usize, name: &str, data: &str) {
        let event: Value = serde_json::from_str(data).unwrap();
        assert_eq!(event["type"], name, "{data}");
        assert_eq!(event["sequence_number"], number, "{data}");
        let response = &event["response"];
        match name {
            "response.output_item.added" => self.add(&event["item"]["name"]),
            "response.output_text.delta" | "response.function_call_arguments.delta" => {
                self.add(&event["delta"]);
            }
            "response.completed" | "response.incomplete" => {
                let whole = Self::in_document(
                    Protocol::OpenAiResponses,
                    &response.to_string().into_bytes(),
                );
                assert_eq!(self.text, whole.text, "{data}");
                *self = whole;
            }
            "response.failed" => self.problem = Some(Problem::read_response(response)),
            other => assert!(other.starts_with("response."), "the event {other}: {data}"),
        }
    }

    #[track_caller]
    fn read_anthropic(&mut self, name: &str, data: &str) {
        let event: Value = serde_json::from_str(data).unwrap();
        assert_eq!(event["type"], name, "{data}");
        match name {
            "message_start" => {
                assert_eq!(event["message"]["type"], "message", "{data}");
                self.output_tokens = event["message"]["usage"]["output_tokens"].as_u64();
            }
            "content_block_start" => self.add(&event["content_block"]["name"]),
            "content_block_delta" => {
                self.add(&event["delta"]["text"]);
                self.add(&event["delta"]["partial_json"]);
            }
            "message_delta" => {
                self.finish = text_of(&event["delta"]["stop_reason"]);
                let output = event["usage"]["output_tokens"].as_u64();
                self.output_tokens = output.or(self.output_tokens);
            }
            "message_stop" => self.is_ended = true,
            "error" => self.problem = Some(Problem::read_anthropic(&event, false)),
            "ping" | "content_block_stop" => {}
            other => panic!("the event {other}: {data}"),
        }
    }

    #[track_caller]
    pub(crate) fn in_document(protocol: Protocol, body: &[u8]) -> Self {
        let answer: Value = serde_json::from_slice(body).unwrap();
        let mut said = Self { is_ended: true, ..Self::default() };
        match protocol {
            Protocol::OpenAiChat => {
                assert_eq!(answer["object"], "chat.completion", "{answer}");
                let choice = &answer["choices"][0];
                said.add(&choice["message"]["content"]);
                for call in choice["message"]["tool_calls"].as_array().into_iter().flatten() {
                    said.add(&call["function"]["name"]);
                    said.add(&call["function"]["arguments"]);
                }
                said.finish = text_of(&choice["finish_reason"]);
                said.output_tokens = answer["usage"]["completion_tokens"].as_u64();
            }
            Protocol::OpenAiResponses => {
                assert_eq!(answer["object"], "response", "{answer}");
                for item in answer["output"].as_array().unwrap() {
                    said.add(&item["name"]);
                    said.add(&item["arguments"]);
                    said.add(&item["content"][0]["text"]);
                }
                let why = text_of(&answer["incomplete_details"]["reason"]);
                said.finish = why.or_else(|| text_of(&answer["status"]));
                said.output_tokens = answer["usage"]["output_tokens"].as_u64();
            }
            Protocol::AnthropicMessages => {
                assert_eq!(answer["type"], "message", "{answer}");
                for block in answer["content"].as_array().unwrap() {
                    said.add(&block["text"]);
                    said.add(&block["name"]);
                    if block["input"].is_object() {
                        said.text.push_str(&block["input"].to_string());
                    }
                }
                said.finish = text_of(&answer["stop_reason"]);
                said.output_tokens = answer["usage"]["output_tokens"].as_u64();
            }
        }
        said
    }

    fn add(&mut self, text: &Value) {
        self.text.push_str(text.as_str().unwrap_or_default());
    }

    /// Whether it is a whole answer with nothing wrong about it.
    pub(crate) fn is_good(&self) -> bool {
        self.is_ended && self.problem.is_none() && !self.text.is_empty() && self.finish.is_some()
    }
}

impl Problem {
    /// Reads the body of an error status.
    #[track_caller]
    pub(crate) fn in_document(protocol: Protocol, body: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(body).unwrap();
        match protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => Self::read_openai(&document),
            Protocol::AnthropicMessages => Self::read_anthropic(&document, true),
        }
    }

    #[track_caller]
    fn read_openai(document: &Value) -> Self {
        assert_eq!(members(document), ["error"], "{document}");
        let error = &document["error"];
        assert_eq!(members(error), ["code", "message", "param", "type"], "{document}");
        assert!(error["param"].is_null() || error["param"].is_string(), "{document}");
        assert!(error["code"].is_null() || error["code"].is_string(), "{document}");
        Self::read(error, text_of(&error["code"]))
    }

    /// The error of a response that failed has a code and a message.
    #[track_caller]
    fn read_response(response: &Value) -> Self {
        assert_eq!(response["status"], "failed", "{response}");
        let error = &response["error"];
        assert_eq!(members(error), ["code", "message"], "{response}");
        let code = text_of(&error["code"]);
        Self::read(&serde_json::json!({"type": code, "message": error["message"]}), code)
    }

    /// Anthropic's bodies name the request, its events do not.
    #[track_caller]
    fn read_anthropic(document: &Value, names_request: bool) -> Self {
        let expected: &[_] =
            if names_request { &["error", "request_id", "type"] } else { &["error", "type"] };
        assert_eq!(members(document), expected, "{document}");
        assert_eq!(document["type"], "error", "{document}");
        assert_eq!(members(&document["error"]), ["message", "type"], "{document}");
        Self::read(&document["error"], None)
    }

    #[track_caller]
    fn read(error: &Value, code: Option<String>) -> Self {
        let text = |name: &str| text_of(&error[name]).filter(|text| !text.is_empty());
        let (Some(kind), Some(message)) = (text("type"), text("message")) else {
            panic!("an error without words: {error}");
        };
        Self { kind, code, message }
    }
}

#[track_caller]
fn members(object: &Value) -> Vec<&str> {
    let Some(object) = object.as_object() else { panic!("no object: {object}") };
    let mut names: Vec<_> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
