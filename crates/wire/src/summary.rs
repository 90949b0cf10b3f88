//! What is known about an answer.

use types::TokenUsage;

use crate::Finish;
use crate::event::Event;

/// What has been seen of an answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerSummary {
    /// The tokens, as last reported. Anthropic reports the input at the beginning and the output
    /// at the end: until `complete`, the output is at least what `content_bytes` amount to.
    pub usage: Option<TokenUsage>,
    /// Why the answer ended; of several choices the first that did not end normally.
    pub finish: Option<Finish>,
    /// The model calls a tool.
    pub has_tool_calls: bool,
    /// There is text, a refusal, a tool call or another part of the answer; reasoning alone is none.
    pub has_content: bool,
    /// The protocol's own terminal event was seen, or the answer came whole.
    pub complete: bool,
    /// Bytes of text, reasoning, tool names, tool arguments and other content: the basis of the
    /// cost of output when its usage never arrives.
    pub content_bytes: u64,
    /// The model that the provider says has answered.
    pub model: Option<String>,
}

impl AnswerSummary {
    pub(crate) fn observe(&mut self, event: &Event<'_>) {
        match event {
            Event::Start { model, .. } => self.model = model.map(str::to_owned),
            Event::Text { text, .. } | Event::Refusal { text, .. } => self.content(text),
            Event::Reasoning { text, .. } => self.meter(text.len()),
            Event::ToolCall { name, .. } => {
                self.has_tool_calls = true;
                self.has_content = true;
                self.meter(name.len());
            }
            Event::ToolArguments { fragment, .. } => self.meter(fragment.len()),
            Event::Opaque { bytes, is_answer } => {
                self.has_content |= is_answer;
                self.meter(*bytes);
            }
            Event::Finish { finish, .. } => self.finish(finish),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::End => self.complete = true,
        }
    }

    fn content(&mut self, text: &str) {
        self.has_content |= !text.is_empty();
        self.meter(text.len());
    }

    fn meter(&mut self, bytes: usize) {
        self.content_bytes =
            self.content_bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn finish(&mut self, finish: &Finish) {
        if self.finish.as_ref().is_none_or(Finish::is_normal) {
            self.finish = Some(finish.clone());
        }
    }
}
