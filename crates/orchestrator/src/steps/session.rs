//! Which conversation a request belongs to.

use std::hash::{DefaultHasher, Hash, Hasher};

use inference::Session;
use serde_json::{Map, Value};
use types::TenantId;
use wire::{Operation, Request, without_billing};

/// Bytes of a conversation's head that tell it from others; the rest would only take time.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// Where a provider is asked to keep what comes before: clients move it from turn to turn.
const BREAKPOINT: &str = "cache_control";

/// The conversation of a request: what the client calls it (`prompt_cache_key`,
/// `metadata.user_id`, then the header `x-session-id`), else its head, which is the same in each of
/// its requests: the system's words and the first of the user's. None for what is no conversation.
pub(super) fn session(
    tenant: &TenantId,
    request: &Request,
    header: Option<&str>,
) -> Option<Session> {
    if request.operation() != Operation::Chat {
        return None;
    }
    let fields = request.fields();
    let named = fields
        .get("prompt_cache_key")
        .or_else(|| fields.get("metadata")?.get("user_id"))
        .and_then(Value::as_str)
        .or(header)
        .filter(|name| !name.is_empty());
    let mut head = Head { hasher: DefaultHasher::new(), left: HEAD_BYTES_MAX };
    tenant.hash(&mut head.hasher);
    request.model().hash(&mut head.hasher);
    named.is_some().hash(&mut head.hasher);
    match named {
        Some(name) => name.hash(&mut head.hasher),
        None => head.add_conversation(fields),
    }
    Some(Session::new(head.hasher.finish()))
}

/// The head of a conversation, as far as it is looked at.
struct Head {
    hasher: DefaultHasher,
    left: usize,
}

impl Head {
    fn add_conversation(&mut self, fields: &Map<String, Value>) {
        for name in ["system", "instructions"] {
            self.add(fields.get(name));
        }
        // The words of the Responses protocol may be one text.
        let messages = fields.get("messages").or_else(|| fields.get("input"));
        let Some(list) = messages.and_then(Value::as_array) else { return self.add(messages) };
        for message in list {
            self.add(Some(message));
            if message.get("role").and_then(Value::as_str) == Some("user") {
                return;
            }
        }
    }

    fn add(&mut self, value: Option<&Value>) {
        match value {
            None | Some(Value::Null) => self.part(b'n', b""),
            Some(Value::Bool(value)) => self.part(b'b', &[u8::from(*value)]),
            Some(Value::Number(number)) => self.part(b'd', number.to_string().as_bytes()),
            // What differs from request to request is no mark of a conversation.
            Some(Value::String(text)) => self.part(b's', without_billing(text).as_bytes()),
            // Clients write the same words as text or as a list of one block.
            Some(Value::Array(values)) if values.len() == 1 => self.add(values.first()),
            Some(Value::Array(values)) => {
                self.part(b'a', &values.len().to_le_bytes());
                for value in values {
                    self.add(Some(value));
                    if self.left == 0 {
                        return;
                    }
                }
            }
            Some(Value::Object(fields)) if is_text(fields) => self.add(fields.get("text")),
            Some(Value::Object(fields)) => {
                let told = || fields.iter().filter(|(name, _)| *name != BREAKPOINT);
                self.part(b'o', &told().count().to_le_bytes());
                for (name, value) in told() {
                    self.part(b's', name.as_bytes());
                    self.add(Some(value));
                    if self.left == 0 {
                        return;
                    }
                }
            }
        }
    }

    /// Looks at a kind and what it holds, as far as it is looked at.
    fn part(&mut self, kind: u8, bytes: &[u8]) {
        if self.left > 0 {
            let counted = bytes.len().min(self.left);
            self.hasher.write_u8(kind);
            self.hasher.write_usize(bytes.len());
            self.hasher.write(&bytes[..counted]);
            self.left = self.left.saturating_sub(counted + 1);
        }
    }
}

/// A block of plain text.
fn is_text(fields: &Map<String, Value>) -> bool {
    let is_known = |name: &String| ["type", "text", BREAKPOINT].contains(&name.as_str());
    let kind = fields.get("type").and_then(Value::as_str);
    matches!(kind, Some("text" | "input_text")) && fields.keys().all(is_known)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wire::Protocol;

    use super::*;

    fn of(tenant: &str, body: &str, header: Option<&str>) -> Option<Session> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let request = Request::decode(Protocol::OpenAiChat, body).unwrap();
        session(&tenant.parse().unwrap(), &request, header)
    }

    fn chat(messages: &str, more: &str) -> String {
        format!(r#"{{"model":"m"{more},"messages":[{messages}]}}"#)
    }

    const SYSTEM: &str = r#"{"role":"system","content":"be brief"}"#;
    const FIRST: &str = r#"{"role":"user","content":"hi"}"#;
    const SECOND: &str = r#"{"role":"assistant","content":"ho"},{"role":"user","content":"more"}"#;

    #[test]
    fn a_conversation_is_known_by_its_head() {
        let first = of("t", &chat(&format!("{SYSTEM},{FIRST}"), ""), None);
        let later = of("t", &chat(&format!("{SYSTEM},{FIRST},{SECOND}"), ""), None);
        assert!(first.is_some());
        assert_eq!(first, later);
        let another = FIRST.replace("hi", "hello");
        assert_ne!(first, of("t", &chat(&format!("{SYSTEM},{another}"), ""), None));
        assert_ne!(first, of("u", &chat(&format!("{SYSTEM},{FIRST}"), ""), None));
    }

    #[test]
    fn what_the_client_calls_it_goes_before_its_head() {
        let key = r#","prompt_cache_key":"k""#;
        let keyed = of("t", &chat(FIRST, key), None);
        assert_eq!(keyed, of("t", &chat(SYSTEM, key), Some("s")));
        let user = r#","metadata":{"user_id":"u"}"#;
        assert_eq!(of("t", &chat(FIRST, user), None), of("t", &chat(SYSTEM, user), Some("s")));
        assert_eq!(of("t", &chat(FIRST, ""), Some("s")), of("t", &chat(SYSTEM, ""), Some("s")));
        assert_ne!(of("t", &chat(FIRST, ""), Some("s")), of("t", &chat(FIRST, ""), Some("r")));
        assert_eq!(of("t", &chat(FIRST, ""), Some("")), of("t", &chat(FIRST, ""), None));
    }

    #[test]
    fn a_long_head_is_looked_at_so_far() {
        let long = |end: &str| chat(&FIRST.replace("hi", &("x".repeat(1 << 20) + end)), "");
        assert_eq!(of("t", &long("a"), None), of("t", &long("b"), None));
        let system = SYSTEM.replace("be brief", &"x".repeat(1 << 20));
        let (once, twice) = (format!("{system},{SYSTEM}"), format!("{system},{SYSTEM},{SYSTEM}"));
        assert_eq!(of("t", &chat(&once, ""), None), of("t", &chat(&twice, ""), None));
    }

    #[test]
    fn moving_breakpoints_do_not_make_another_conversation() {
        let block = |more: &str| {
            let content = format!(r#"[{{"type":"text","text":"hi"{more}}}]"#);
            FIRST.replace(r#""hi""#, &content)
        };
        let marked = block(r#","cache_control":{"type":"ephemeral"}"#);
        let expected = of("t", &chat(FIRST, ""), None);
        for first in [&marked, &block("")] {
            assert_eq!(of("t", &chat(first, ""), None), expected, "{first}");
        }
        let cited = block(r#","citations":[]"#);
        let (cited, other) = (of("t", &chat(&cited, ""), None), block("").replace("hi", "ho"));
        assert_ne!(cited, expected);
        assert_ne!(of("t", &chat(&other, ""), None), expected);
        let image = r#"{"role":"user","content":[{"type":"image","source":"a"},{"type":"text","text":"hi"}]}"#;
        let marked = image.replace(r#""source":"a""#, r#""source":"a","cache_control":{}"#);
        assert_eq!(of("t", &chat(image, ""), None), of("t", &chat(&marked, ""), None));
    }

    #[test]
    fn what_claude_code_says_of_each_request_does_not_make_another_conversation() {
        let with = |hash: &str, rule: &str| {
            let line = format!("x-anthropic-billing-header: cc_version=2.1.0; cch={hash};");
            let system = format!(
                r#","system":[{{"type":"text","text":"{line}"}},{{"type":"text","text":"{rule}"}}]"#
            );
            of("t", &chat(FIRST, &system), None)
        };
        assert_eq!(with("36ee5", "be brief"), with("0aaa9", "be brief"));
        assert_ne!(with("36ee5", "be brief"), with("36ee5", "be kind"));
    }

    #[test]
    fn where_one_part_ends_tells_heads_apart() {
        let named = |content, name| {
            let message = format!(r#"{{"role":"user","content":"{content}","name":"{name}"}}"#);
            of("t", &chat(&message, ""), None)
        };
        assert_ne!(named("hi", "xsnamesy"), named("hisnamesx", "y"));
    }
}
