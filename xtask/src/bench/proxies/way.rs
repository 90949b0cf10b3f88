//! One way to the simulator: directly, or through a proxy.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::bench::connection::Answer;
use crate::bench::series::{Answers, check_cache, check_ok};

/// One way to the simulator.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) kind: Kind,
    pub(super) address: SocketAddr,
    /// What it takes for a key.
    pub(super) key: String,
    /// The proxy, or the simulator itself.
    pub(super) process: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Direct,
    Forebay,
    Nginx,
    LiteLlm,
    /// The control.
    Relay,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Forebay => "forebay",
            Self::Nginx => "nginx",
            Self::LiteLlm => "litellm",
            Self::Relay => "relay",
        }
    }

    /// It is asked one request in so many, so that the slowest does not take most of the run.
    pub(super) fn one_in(self) -> usize {
        if self == Self::LiteLlm { 20 } else { 1 }
    }
}

impl Way {
    /// Whether `answer` is good, says what the simulator's `expected` body says, and comes from
    /// where it should.
    pub(super) fn check(
        &self,
        answer: &Answer<'_>,
        expected: &[u8],
        answers: Answers,
    ) -> Result<()> {
        let name = self.kind.name();
        check_ok(answer).context(name)?;
        if self.kind == Kind::Forebay {
            check_cache(answer, answers)?;
        }
        let is_same = answer.body == expected
            || (self.kind == Kind::LiteLlm && text(answer.body)? == text(expected)?);
        if !is_same {
            bail!("{name}: not the simulator's answer {}: {answer}", expected.escape_ascii());
        }
        Ok(())
    }
}

/// The text of a chat completion.
fn text(body: &[u8]) -> Result<String> {
    let value: Value = serde_json::from_slice(body).context("the answer is not JSON")?;
    let text = value.pointer("/choices/0/message/content").and_then(Value::as_str);
    text.map(ToOwned::to_owned).context("the answer has no text")
}
