//! The permitted edits, made in the client's own bytes.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::Request;
use crate::json::{Outline, item_places, members};
use crate::{Edits, Operation, Protocol, ProviderProtocol, groq, responses};

/// The fields that a splice may touch.
pub(super) const FIELDS: [&str; 8] = [
    "model",
    "messages",
    "input",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "stream_options",
    "prompt_cache_key",
];

/// Bytes that take the place of `at`, which is empty where something is inserted.
pub(super) struct Splice {
    at: Range<usize>,
    text: String,
}

/// The splices that `edits` ask of `request` on its way to `target`, in no order.
pub(super) fn plan(request: &Request, target: ProviderProtocol, edits: &Edits) -> Vec<Splice> {
    let mut plan = Plan { request, splices: Vec::new() };
    plan.model(edits);
    if request.operation() == Operation::Embeddings {
        return plan.splices;
    }
    plan.output_limit(edits);
    if request.protocol == Protocol::OpenAiChat {
        plan.include_usage(edits);
    }
    if request.protocol == Protocol::OpenAiResponses {
        plan.made_up_items();
    }
    if target == ProviderProtocol::Groq {
        plan.reasoning();
    }
    // Groq refuses fields that it does not know.
    if matches!(target, ProviderProtocol::OpenAiChat | ProviderProtocol::OpenAiResponses) {
        plan.prompt_cache_key(edits);
    }
    plan.splices
}

/// `body` with the splices made; without any the very same bytes.
pub(super) fn apply(body: &Bytes, splices: &[Splice]) -> Bytes {
    if splices.is_empty() {
        return body.clone();
    }
    let mut ordered: Vec<&Splice> = splices.iter().collect();
    ordered.sort_by_key(|splice| splice.at.start);
    let grown: usize = splices.iter().map(|splice| splice.text.len()).sum();
    let mut edited = BytesMut::with_capacity(body.len().saturating_add(grown));
    let mut copied = 0;
    for splice in ordered {
        edited.extend_from_slice(&body[copied..splice.at.start]);
        edited.extend_from_slice(splice.text.as_bytes());
        copied = splice.at.end;
    }
    edited.extend_from_slice(&body[copied..]);
    edited.freeze()
}

struct Plan<'r> {
    request: &'r Request,
    splices: Vec<Splice>,
}

impl Plan<'_> {
    /// Sets a top-level field, in place of its value or after the last one.
    fn set(&mut self, name: &str, value: &str) {
        let splice = match self.request.outline.value(name) {
            Some(at) => Splice { at, text: value.to_owned() },
            None => insertion(self.request.outline.end(), name, value, true),
        };
        self.splices.push(splice);
    }

    fn model(&mut self, edits: &Edits) {
        if let Some(model) = edits.model.as_ref().filter(|name| *name != self.request.model()) {
            self.set("model", &Value::from(model.as_str()).to_string());
        }
    }

    fn output_limit(&mut self, edits: &Edits) {
        let Some(bound) = edits.max_output_tokens else { return };
        let (names, usual): (&[&str], _) = match self.request.protocol {
            Protocol::OpenAiChat => {
                (&["max_tokens", "max_completion_tokens"], edits.output_limit.name())
            }
            Protocol::OpenAiResponses => (&["max_output_tokens"], "max_output_tokens"),
            Protocol::AnthropicMessages => (&["max_tokens"], "max_tokens"),
        };
        let fields = &self.request.fields;
        let mut is_bounded = false;
        for name in names {
            let Some(limit) = fields.get(*name).and_then(Value::as_u64) else { continue };
            is_bounded = true;
            if limit > bound {
                self.set(name, &bound.to_string());
            }
        }
        if !is_bounded {
            let named = names.iter().find(|name| fields.contains_key(**name));
            self.set(named.copied().unwrap_or(usual), &bound.to_string());
        }
    }

    fn include_usage(&mut self, edits: &Edits) {
        let request = self.request;
        if !edits.include_usage || !request.is_stream() || request.wants_usage() {
            return;
        }
        let place = request.outline.value("stream_options");
        let options = place.filter(|at| request.body.get(at.start) == Some(&b'{'));
        match options.and_then(|at| Outline::of(&request.body, at, &["include_usage"])) {
            None => self.set("stream_options", r#"{"include_usage":true}"#),
            Some(inner) => {
                let is_first = is_empty_object(request.fields.get("stream_options"));
                self.splices.push(match inner.value("include_usage") {
                    Some(at) => Splice { at, text: "true".to_owned() },
                    None => insertion(inner.end(), "include_usage", "true", !is_first),
                });
            }
        }
    }

    /// Takes out of a conversation the reasoning that was made here of another provider's: OpenAI
    /// looks for it among what it has stored and refuses the request. A conversation of nothing
    /// else stays.
    fn made_up_items(&mut self) {
        let request = self.request;
        let items = request.fields.get("input").and_then(Value::as_array);
        let goes: Vec<bool> = items.into_iter().flatten().map(responses::is_made_up).collect();
        if !goes.contains(&true) {
            return;
        }
        let input = request.outline.value("input");
        let Some(places) = input.and_then(|at| item_places(&request.body, at)) else { return };
        self.cut(&goes, &places);
    }

    /// Takes the reasoning that Groq refuses out of what the model said before.
    fn reasoning(&mut self) {
        let request = self.request;
        let messages = request.fields.get("messages").and_then(Value::as_array);
        let messages = messages.map(Vec::as_slice).unwrap_or_default();
        let has_reasoning = |message: &Value| {
            message.get("role").and_then(Value::as_str) == Some("assistant")
                && message.get(groq::REASONING).is_some()
        };
        if !messages.iter().any(has_reasoning) {
            return;
        }
        let list = request.outline.value("messages");
        let Some(places) = list.and_then(|at| item_places(&request.body, at)) else { return };
        for (message, place) in messages.iter().zip(places) {
            if !has_reasoning(message) {
                continue;
            }
            let Some(members) = members(&request.body, place) else { continue };
            let goes: Vec<bool> =
                members.iter().map(|member| member.name == groq::REASONING).collect();
            let places: Vec<Range<usize>> =
                members.into_iter().map(|member| member.place).collect();
            self.cut(&goes, &places);
        }
    }

    /// Takes what goes out of the items or members at `places`, with a comma each; nothing where
    /// all of it goes.
    fn cut(&mut self, goes: &[bool], places: &[Range<usize>]) {
        let Some(last) = goes.iter().rposition(|goes| !goes) else { return };
        let pairs = goes.iter().zip(places.windows(2)).take(last);
        let mut cuts: Vec<Range<usize>> =
            pairs.filter_map(|(goes, pair)| goes.then_some(pair[0].start..pair[1].start)).collect();
        // Of what follows the last one that stays, the comma before it goes too.
        if let [stays, .., end] = places.get(last..).unwrap_or_default() {
            cuts.push(stays.end..end.end);
        }
        self.splices.extend(cuts.into_iter().map(|at| Splice { at, text: String::new() }));
    }

    fn prompt_cache_key(&mut self, edits: &Edits) {
        let Some(key) = &edits.prompt_cache_key else { return };
        if !self.request.fields.contains_key("prompt_cache_key") {
            self.set("prompt_cache_key", &Value::from(key.as_str()).to_string());
        }
    }
}

fn insertion(at: usize, name: &str, value: &str, has_neighbour: bool) -> Splice {
    let comma = if has_neighbour { "," } else { "" };
    Splice { at: at..at, text: format!("{comma}\"{name}\":{value}") }
}

fn is_empty_object(value: Option<&Value>) -> bool {
    value.and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
}
