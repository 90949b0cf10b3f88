//! Requests of one size that differ in a number.

use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const KIBIBYTE: usize = 1024;
const DIGITS: usize = 16;
const MODEL: &str = super::stand::MODEL;

/// The first of so many numbers of requests that were never sent before.
pub(super) fn fresh(count: u64) -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(count, Ordering::Relaxed)
}

/// What a request asks for.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Bytes of the body.
    pub(super) body_bytes: usize,
    pub(super) is_streamed: bool,
}

/// The bytes of a request, changed in place from one to the next.
pub(super) struct Request {
    bytes: Vec<u8>,
    number_at: usize,
}

impl Request {
    /// A request of one kibibyte for a whole answer.
    pub(super) fn new(key: &str) -> Self {
        Self::shaped(key, Shape { body_bytes: KIBIBYTE, is_streamed: false })
    }

    pub(super) fn shaped(key: &str, shape: Shape) -> Self {
        let Shape { body_bytes, is_streamed } = shape;
        let stream = if is_streamed { r#""stream":true,"# } else { "" };
        let before = format!(
            r#"{{"model":"{MODEL}","max_tokens":64,{stream}"messages":[{{"role":"user","content":"Question "#
        );
        let after = r#""}]}"#;
        let filler = body_bytes - before.len() - DIGITS - after.len();
        let text: String = " What does a forebay do?".chars().cycle().take(filler).collect();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             authorization: Bearer {key}\r\ncontent-type: application/json\r\n\
             content-length: {body_bytes}\r\n\r\n"
        );
        let number_at = head.len() + before.len();
        let zeros = "0".repeat(DIGITS);
        Self { bytes: format!("{head}{before}{zeros}{text}{after}").into_bytes(), number_at }
    }

    /// The request with this number.
    pub(super) fn numbered(&mut self, number: u64) -> &[u8] {
        let digits = format!("{number:0DIGITS$}");
        self.bytes[self.number_at..self.number_at + DIGITS].copy_from_slice(digits.as_bytes());
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_kept() {
        let shape = Shape { body_bytes: 64 * KIBIBYTE, is_streamed: true };
        let text = String::from_utf8(Request::shaped("k", shape).numbered(1).to_vec()).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 65_536);
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(json["stream"], true);
    }

    #[test]
    fn bodies_are_one_kibibyte_of_json_that_differ_in_the_number() {
        let mut request = Request::new("fb_key");
        let bodies: Vec<Vec<u8>> = [7, 9_999_999_999_999_999]
            .map(|number| {
                let text = String::from_utf8(request.numbered(number).to_vec()).unwrap();
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                assert!(head.contains("authorization: Bearer fb_key\r\n"));
                assert!(head.ends_with(&format!("content-length: {}", body.len())));
                let json: serde_json::Value = serde_json::from_str(body).unwrap();
                let content = json["messages"][0]["content"].as_str().unwrap();
                assert!(content.starts_with(&format!("Question {number:016} What")));
                body.as_bytes().to_vec()
            })
            .into();
        assert_eq!(bodies[0].len(), 1024);
        assert_ne!(bodies[0], bodies[1]);
    }
}
