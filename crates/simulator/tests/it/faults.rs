//! Every fault does what its documentation says, for both protocols, streamed and not.

mod bodies;
mod errors;
mod phases;
mod script;

use forebay_simulator::{Fault, Simulator};

use crate::client::{Ended, Response, anthropic, openai, parse, raw, start};

const BODIES: [(bool, &str); 4] = [
    (false, r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#),
    (
        true,
        r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#,
    ),
    (false, r#"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}]}"#),
    (
        true,
        r#"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],"stream":true}"#,
    ),
];

/// A request and what comes back without a fault.
struct Case {
    request: Vec<u8>,
    is_stream: bool,
    is_anthropic: bool,
    /// The response as it is on the wire.
    proper: Vec<u8>,
    response: Response,
}

impl Case {
    /// The lengths of the events; of a complete answer, its own.
    fn parts(&self) -> Vec<usize> {
        if self.is_stream {
            let frames = self.response.text().split_inclusive("\n\n");
            frames.map(str::len).collect()
        } else {
            vec![self.response.body.len()]
        }
    }
}

async fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (is_stream, body) in BODIES {
        let is_anthropic = body.contains("max_tokens");
        let request = if is_anthropic { anthropic(body) } else { openai(body) };
        let (proper, _) = play(Fault::None, &request).await;
        let response = parse(&proper);
        cases.push(Case { request, is_stream, is_anthropic, proper, response });
    }
    cases
}

/// What comes back from a simulator of its own, until it ends the connection.
async fn play(fault: Fault, request: &[u8]) -> (Vec<u8>, Ended) {
    let simulator = scripted(fault).await;
    let played = raw(simulator.address(), request).await;
    simulator.stop().await;
    played
}

async fn scripted(fault: Fault) -> Simulator {
    let simulator = start().await;
    simulator.script(vec![fault]);
    simulator
}

/// A well-formed response to a faulty attempt.
async fn respond(fault: Fault, request: &[u8]) -> Response {
    let (bytes, ended) = play(fault, request).await;
    assert_eq!(ended, Ended::Closed);
    parse(&bytes)
}

/// `limit` bytes of the body with the head before and the framing around them.
fn cut(case: &Case, limit: usize) -> Vec<u8> {
    let head = case.proper.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let mut bytes = case.proper[..head].to_vec();
    let mut left = limit;
    let mut body = &case.response.body[..];
    for part in case.parts() {
        let (event, others) = body.split_at(part);
        body = others;
        let event = &event[..part.min(left)];
        left -= event.len();
        if event.is_empty() {
            break;
        }
        if case.is_stream {
            bytes.extend(format!("{:x}\r\n", event.len()).into_bytes());
        }
        bytes.extend_from_slice(event);
        if case.is_stream {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
}
