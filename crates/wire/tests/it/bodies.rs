//! Generated request bodies: any order of fields, any white space, escapes, unknown fields.

use std::fmt;

use forebay_wire::{Edits, Protocol};

/// A body and the edits to make in it.
pub(crate) struct Case {
    pub(crate) protocol: Protocol,
    pub(crate) body: String,
    pub(crate) edits: Edits,
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} with {:?}:\n{}", self.protocol, self.edits, self.body)
    }
}

/// The `seed`th case of a protocol, the same one each time.
pub(crate) fn case(protocol: Protocol, seed: u64) -> Case {
    let mut make = Maker(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    Case { protocol, body: make.body(protocol), edits: make.edits() }
}

const MESSAGES: [&str; 6] = [
    r#"[{"role":"user","content":"hi"}]"#,
    r#"[ {"content" : [{"type":"text","text":"\"model\":\"x\"}"}], "role":"user"} ]"#,
    r#"[{"role":"system","content":"{\"max_tokens\":1}"},{"role":"user","content":null,"max_tokens":9}]"#,
    r#"[{"role":"user","content":"a","reasoning_content":"u"},{"reasoning_content":"hm","role":"assistant","content":"b"},{"role":"user","content":"c"}]"#,
    r#"[{"role":"assistant","content":"{\"reasoning_content\":1}", "reasoning_content" : [{"reasoning_content":"x"},","] } , {"role":"assistant" , "reasoning_content":null , "tool_calls":[{"id":"c","reasoning_content":"}"}]}]"#,
    r#"[{"role":"assistant","reasoning":"kept","content":"b","\u0072easoning_content":"hm"  },{"role":"user","content":"c"}]"#,
];

const INPUTS: [&str; 3] = [
    r#""\u0061, \"model\": \"x\"""#,
    r#"[ {"role":"user" , "content":"hi","max_output_tokens":9} ]"#,
    r#"[{"type":"reasoning","id":"rs_1","summary":[ ],"encrypted_content":"gAAA=="},{"type":"message","role":"user","content":[{"type":"input_text","text":"{\"max_output_tokens\":1}"}]}]"#,
];

/// Items of a conversation; the first seven are reasoning that was made here.
const ITEMS: [&str; 17] = [
    r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":null}"#,
    r#"{"id":"","summary":[],"type":"reasoning"}"#,
    r#"{"id":"rs_resp_a_3","type":"reasoning","summary":[],"encrypted_content":"","content":null}"#,
    r#"{"id":"rs_resp_msg_01_0","type":"reasoning","summary":[{"type":"summary_text","text":"], {"}]}"#,
    r#"{ "type":"reasoning" , "encrypted_content":null,"id":"rs_resp_0a1-b_12","summary":[] }"#,
    r#"{"\u0069d":"rs_\u0072esp__0","type":"reasoning"}"#,
    r#"{"id":"rs_resp_0","status":"completed","type":"reasoning","summary":[]}"#,
    r#"{"id":"rs_resp_msg_01_0","type":"reasoning","summary":[],"encrypted_content":"gAAA=="}"#,
    r#"{"id":"rs_08dea5a0","type":"reasoning","summary":[]}"#,
    r#"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#,
    r#"{"id":"rs_resp_msg_01_x","type":"reasoning","summary":[]}"#,
    r#"{"id":"msg_resp_msg_01_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"{\"id\":\"rs_resp_a_0\",\"type\":\"reasoning\"}"}]}"#,
    r#"{"id":"fc_resp_msg_01_2","type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#,
    r#"{"type":"function_call" ,"call_id":"c","namespace":"mcp__\u0061","name":"f","arguments":"{}"}"#,
    r#"{"id":"ctc_resp_msg_01_3","type":"custom_tool_call","call_id":"c","name":"f","input":"*** ]} \"input\":\n"}"#,
    r#"{"type":"custom_tool_call_output","call_id":"c" , "output":"{\"model\":\"x\"}"}"#,
    r#"{"role":"user","content":"hi"}"#,
];

const TOOLS: [&str; 3] = [
    "[ ]",
    r#"[ {"type":"namespace","name":"mcp__a","tools":[{"type":"function","name":"f"} ]} ]"#,
    r#"[{"type":"custom","name":"f","format":{"type":"grammar","syntax":"lark","definition":"m: \"]\"" } }]"#,
];

const STREAM_OPTIONS: [&str; 7] = [
    "{}",
    "{ }",
    "null",
    r#"{"include_usage":true}"#,
    r#"{ "include_usage" : false }"#,
    r#"{"include_usage":null,"a":{"include_usage":1}}"#,
    r#"{"include_obfuscation":false , "x":["}"]  }"#,
];

const CHARACTERS: [&str; 14] = [
    "a",
    "B",
    "7",
    " ",
    ",",
    ":",
    "{",
    "]",
    "\\\"",
    "\\\\",
    "\\u00e9",
    "\\ud83d\\ude00",
    "é👩‍👧",
    "\\n",
];

const LEAVES: [&str; 12] = [
    "null",
    "true",
    "false",
    "{}",
    "[ ]",
    "0",
    "-17",
    "0.10",
    "1E+2",
    "-0.0",
    "1234567890123456789012",
    "9007199254740993",
];

/// A sequence of choices (xorshift).
struct Maker(u64);

impl Maker {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % bound as u64).unwrap()
    }

    fn pick(&mut self, choices: &[&str]) -> String {
        choices[self.below(choices.len())].to_owned()
    }

    fn space(&mut self) -> String {
        self.pick(&["", "", "", "", " ", "\n  ", "\t", "\r\n"])
    }

    fn text(&mut self) -> String {
        let length = self.below(10);
        let text: String = (0..length).map(|_| self.pick(&CHARACTERS)).collect();
        format!("\"{text}\"")
    }

    fn value(&mut self, depth: usize) -> String {
        let gap = self.space();
        let count = self.below(4);
        match self.below(if depth == 0 { 4 } else { 8 }) {
            0 | 1 => self.pick(&LEAVES),
            2 | 3 => self.text(),
            4 | 5 => {
                let items: Vec<String> = (0..count).map(|_| self.value(depth - 1)).collect();
                format!("[{gap}{}{gap}]", items.join(&format!("{gap},")))
            }
            _ => {
                let keys = ["model", "max_tokens", "stream", "a\\\"b"];
                let members =
                    (0..count).map(|at| format!("\"{}\"{gap}:{}", keys[at], self.value(depth - 1)));
                let members: Vec<String> = members.collect();
                format!("{{{gap}{}}}", members.join(&format!(",{gap}")))
            }
        }
    }

    fn field(&mut self, key: &str, value: &str) -> String {
        // A key may be written with escapes too.
        let key = match self.below(10) {
            0 => format!("\\u{:04x}{}", u32::from(key.as_bytes()[0]), &key[1..]),
            _ => key.to_owned(),
        };
        format!("\"{key}\"{}:{}{value}", self.space(), self.space())
    }

    fn fields(&mut self, protocol: Protocol) -> Vec<String> {
        let is_openai = protocol == Protocol::OpenAiChat;
        let is_anthropic = protocol == Protocol::AnthropicMessages;
        let limits =
            ["1", "51", "100", "399", "4294967295", if is_anthropic { "0" } else { "null" }];
        let model = self.pick(&["\"gpt-5\"", "\"cl\\u0061ude\"", "\"m/1:2\""]);
        let said = match protocol {
            Protocol::OpenAiResponses => ("input", self.input()),
            Protocol::OpenAiChat | Protocol::AnthropicMessages => {
                ("messages", self.pick(&MESSAGES))
            }
        };
        let mut fields = vec![("model", model), said];
        if is_anthropic {
            fields.push(("max_tokens", self.pick(&limits)));
        }
        let mut optional = vec![
            ("stream", self.pick(&["true", "true", "false", "null"])),
            ("temperature", self.pick(&["0", "1", "0.7", "1e-8", "null"])),
            ("x_unknown", self.value(3)),
            ("metadata", self.value(2)),
            ("zz", self.value(1)),
        ];
        if !is_anthropic {
            optional.push(("prompt_cache_key", self.pick(&["\"mine\"", "\"\"", "null"])));
        }
        if protocol == Protocol::OpenAiResponses {
            optional.extend([
                ("max_output_tokens", self.pick(&limits)),
                ("max_tokens", self.value(1)),
                ("store", self.pick(&["true", "false"])),
                ("tools", self.pick(&TOOLS)),
                ("include", self.pick(&[r#"["reasoning.encrypted_content"]"#, "[ ]"])),
            ]);
        }
        if is_openai {
            optional.extend([
                ("max_tokens", self.pick(&limits)),
                ("max_completion_tokens", self.pick(&limits)),
                ("stream_options", self.pick(&STREAM_OPTIONS)),
                ("n", self.pick(&["1", "3", "null"])),
            ]);
        }
        fields.extend(optional.into_iter().filter(|_| self.below(2) == 0));
        for last in (1..fields.len()).rev() {
            fields.swap(last, self.below(last + 1));
        }
        fields.iter().map(|(key, value)| self.field(key, value)).collect()
    }

    fn input(&mut self) -> String {
        let count = self.below(7);
        if count == 0 {
            return self.pick(&INPUTS);
        }
        let items: Vec<String> = (0..count)
            .map(|_| format!("{}{}{}", self.space(), self.pick(&ITEMS), self.space()))
            .collect();
        format!("[{}]", items.join(","))
    }

    fn body(&mut self, protocol: Protocol) -> String {
        let fields = self.fields(protocol);
        let comma = format!("{},{}", self.space(), self.space());
        let (outer, inner) = (self.space(), self.space());
        format!("{outer}{{{inner}{}{}}}{outer}", fields.join(&comma), self.space())
    }

    fn edits(&mut self) -> Edits {
        let model = self.pick(&["", "gpt-5", "claude", "a\"b\\ü"]);
        let bound = [0, 1, 50, 100, 399][self.below(5)];
        Edits {
            model: (!model.is_empty()).then_some(model),
            max_output_tokens: (bound > 0).then_some(bound),
            include_usage: self.below(2) == 0,
            prompt_cache_key: (self.below(2) == 0).then(|| "team \"a\"".to_owned()),
            ..Edits::default()
        }
    }
}
