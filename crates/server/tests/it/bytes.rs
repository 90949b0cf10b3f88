//! Between a client and a provider of the same protocol: the same bytes but for the splices.

use serde_json::Value;
use types::Clock;
use wire::Protocol;

use crate::client::Answer;
use crate::reading::events;
use crate::reference::Reference;
use crate::stand::{ANTHROPIC, OPENAI, Plan, Stand};

const LIMIT: &str = r#","max_tokens":8192"#;
const USAGE: &str = r#","stream_options":{"include_usage":true}"#;

/// What a body must become on its way out.
#[derive(Clone, Copy, Debug)]
enum Spliced {
    /// Nothing is changed.
    Not,
    /// These members are added.
    Added(&'static [&'static str]),
    /// The one text stands in the place of the other.
    Replaced(&'static str, &'static str),
}

use Spliced::{Added, Not, Replaced};

const OPENAI_BODIES: &[(&str, Spliced)] = &[
    (r#"{"model":"sim","max_tokens":50,"messages":[{"role":"user","content":"plain"}]}"#, Not),
    (r#"{"messages":[{"content":"no limit","role":"user"}],"model":"sim"}"#, Added(&[LIMIT])),
    (
        "\r\n { \"model\"\t:\n\"sim\" , \"max_completion_tokens\" : 50 ,\n\"messages\" : [ { \"role\" : \"user\" ,\
         \"content\" : \"odd\\tspace\" } ] }\n\t ",
        Not,
    ),
    (
        r#"{"\u006dodel":"s\u0069m","max_tokens":50,"messages":[{"role":"user","content":"\u00e9\ud83d\ude00\/\"é😀"}]}"#,
        Not,
    ),
    (
        r#"{"x_unknown":{"b":[1.0,-0.0,1e-7,12345678901234567890],"a":null},"max_tokens":50,"messages":[{"role":"user","content":"more","x":[[]]}],"model":"sim","seed":-1}"#,
        Not,
    ),
    (
        r#"{"model":"alias","max_tokens":50,"messages":[{"role":"user","content":"alias \"alias\""}],"user":"alias"}"#,
        Replaced(r#""model":"alias""#, r#""model":"sim""#),
    ),
    (
        r#"{"model":"sim","stream":true,"messages":[{"role":"user","content":"streamed"}]}"#,
        Added(&[LIMIT, USAGE]),
    ),
    (
        r#"{"model":"sim","stream":true,"max_tokens":50,"stream_options":{ "include_usage" : false },"messages":[{"role":"user","content":"said no"}]}"#,
        Replaced(r#""include_usage" : false"#, r#""include_usage" : true"#),
    ),
    (
        r#"{"model":"sim","stream":true,"max_tokens":50,"stream_options":null,"messages":[{"role":"user","content":"null"}]}"#,
        Replaced(r#""stream_options":null"#, r#""stream_options":{"include_usage":true}"#),
    ),
    (
        r#"{"model":"sim","stream":true,"max_tokens":50,"stream_options":{"x":1},"messages":[{"role":"user","content":"other"}]}"#,
        Added(&[r#","include_usage":true"#]),
    ),
    (
        r#"{"model":"sim","stream":true,"max_tokens":50,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"said yes"}]}"#,
        Not,
    ),
];

const ANTHROPIC_BODIES: &[(&str, Spliced)] = &[
    (
        r#"{"model":"sim","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"plain"}]}"#,
        Not,
    ),
    (
        "{ \"messages\":[{\"content\":[{\"text\":\"caf\\u00e9\\n\",\"type\":\"text\",\"cache_control\":{\"type\":\"ephemeral\"}}],\
         \"role\":\"user\"}],\n\n\"max_tokens\" :50,\"system\":[{\"type\":\"text\",\"text\":\"s\"}],\"model\":\"sim\",\"x_new\":[ ] }",
        Not,
    ),
    (
        r#"{"model":"alias","max_tokens":50,"messages":[{"role":"user","content":"alias"}]}"#,
        Replaced(r#""model":"alias""#, r#""model":"sim""#),
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_of_the_same_protocol_gets_the_bytes_that_were_sent() {
    let reference = Reference::start().await;
    for (protocol, bodies) in [(OPENAI, OPENAI_BODIES), (ANTHROPIC, ANTHROPIC_BODIES)] {
        let serves = r#"serves = ["sim"]
models = { alias = "sim" }"#;
        let stand = Plan::empty().and_provider(protocol, serves).start().await;
        for (body, spliced) in bodies {
            check(&stand, &reference, protocol, body, *spliced).await;
        }
        stand.stop().await;
    }
    reference.stop().await;
}

async fn check(
    stand: &Stand,
    reference: &Reference,
    protocol: Protocol,
    body: &str,
    spliced: Spliced,
) {
    let live = stand.client(protocol).post(body.to_owned()).await;
    let asked = stand.providers[0].requests().pop().unwrap();
    let sent = str::from_utf8(&asked.body).unwrap();
    match spliced {
        Not => assert_eq!(sent, body),
        Replaced(from, to) => assert_eq!(sent, body.replacen(from, to, 1)),
        Added(members) => {
            let without = members.iter().fold(sent.to_owned(), |sent, member| {
                assert_eq!(sent.matches(member).count(), 1, "{sent} without {member}");
                sent.replacen(member, "", 1)
            });
            assert_eq!(without, body);
        }
    }
    let answered = reference.answer(&asked).await;
    check_answer(&live, &answered, body);
    let again = stand.client(protocol).post(body.to_owned()).await;
    assert!(again.cache().starts_with("forebay; hit"), "{body} {}", again.cache());
    assert_eq!(again.body, live.body, "{body}");
}

/// The client gets the provider's bytes, without the chunk of usage that it did not ask for.
#[track_caller]
fn check_answer(got: &Answer, answered: &Answer, body: &str) {
    assert!(got.said().is_good(), "{body}");
    let question: Value = serde_json::from_str(body).unwrap();
    let is_openai_stream = got.is_stream() && events(&got.body)[0].0.is_empty();
    let wants_usage = question["stream_options"]["include_usage"] == true;
    if !is_openai_stream || wants_usage {
        assert_eq!(got.body, answered.body, "{body}");
        return;
    }
    let mut expected = events(&answered.body);
    let usage = expected.remove(expected.len() - 2);
    assert!(usage.1.contains(r#""choices":[],"usage":{"#), "{usage:?}");
    assert_eq!(events(&got.body), expected, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn usage_is_shown_to_who_asks_for_it_live_and_stored() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let body = |text: &str, usage: bool| {
        format!(
            r#"{{"model":"sim","stream":true,"stream_options":{{"include_usage":{usage}}},"messages":[{{"role":"user","content":"{text}"}}]}}"#
        )
    };
    for (text, first) in [("shown first", true), ("hidden first", false)] {
        for usage in [first, !first, first] {
            let answer = client.post(body(text, usage)).await;
            let tokens = answer.said().output_tokens;
            assert_eq!(tokens, usage.then_some(32), "{text} {usage} {}", answer.cache());
            let last = &events(&answer.body)[events(&answer.body).len() - 2].1;
            assert_eq!(last.contains(r#""choices":[]"#), usage, "{last}");
        }
    }
    assert_eq!(stand.attempts(), [2]);
    stand.stop().await;
}

/// Bodies with whitespace and escapes anywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_bodies_go_out_as_they_came() {
    let stand = Plan::new(&[OPENAI, ANTHROPIC]).start().await;
    let seed = Clock::system().now().as_millis();
    for round in 0..60 {
        let mut random = Random(seed.wrapping_add(round));
        let text = format!("round {round} – naïve 😀 \" \\ / \u{7f}");
        let question = stand.client(OPENAI).question(&text);
        let mut body = String::new();
        random.write(&question, &mut body);
        random.space(&mut body);
        let answer = stand.client(OPENAI).post(body.clone()).await;
        assert_eq!(answer.status, 200, "seed {seed} {round} {body}: {}", answer.text());
        let asked = stand.providers[0].requests().pop().unwrap();
        assert_eq!(str::from_utf8(&asked.body).unwrap(), body, "seed {seed} {round}");
    }
    assert_eq!(stand.attempts(), [60, 0]);
    stand.stop().await;
}

/// Writes JSON in one of the many ways that mean the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
        (self.0 >> 33) % bound
    }

    fn space(&mut self, out: &mut String) {
        for _ in 0..self.below(3) {
            out.push([' ', '\n', '\t', '\r'][usize::try_from(self.below(4)).unwrap()]);
        }
    }

    fn write(&mut self, value: &Value, out: &mut String) {
        self.space(out);
        match value {
            Value::String(text) => self.write_text(text, out),
            Value::Array(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    self.write(item, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (position, (name, member)) in members.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    self.space(out);
                    self.write_text(name, out);
                    self.space(out);
                    out.push(':');
                    self.write(member, out);
                }
                self.space(out);
                out.push('}');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        }
        self.space(out);
    }

    fn write_text(&mut self, text: &str, out: &mut String) {
        out.push('"');
        for character in text.chars() {
            let must = matches!(character, '"' | '\\') || character.is_control();
            if must || self.below(4) == 0 {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                out.push(character);
            }
        }
        out.push('"');
    }
}
