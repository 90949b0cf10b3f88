//! A language model that is asked through the gateway, like every other client's.

use std::sync::atomic::{AtomicU64, Ordering};

use ::knowledge::Prompt;
use http::HeaderName;
use inference::Priority;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use types::{ModelId, Principal, RequestId};
use wire::{Operation, Protocol};

use crate::{Error, Gateway, Incoming, OutgoingBody};

/// Tells requests of this process apart.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// A model, and on whose behalf it is asked.
pub(super) struct LanguageModel<'a> {
    gateway: &'a Gateway,
    principal: &'a Principal,
    runtime: &'a Handle,
    id: &'a ModelId,
}

impl<'a> LanguageModel<'a> {
    pub(super) fn new(
        gateway: &'a Gateway,
        principal: &'a Principal,
        runtime: &'a Handle,
        id: &'a ModelId,
    ) -> Self {
        Self { gateway, principal, runtime, id }
    }

    /// What the model says. Waits for it: only for a thread that may block.
    pub(super) fn ask(&self, prompt: &Prompt) -> Result<String, Error> {
        let body = json!({
            "model": self.id,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
        });
        let number = ASKED.fetch_add(1, Ordering::Relaxed);
        let now = self.gateway.parts().clock.now().as_millis();
        let incoming = Incoming {
            protocol: Protocol::OpenAiChat,
            operation: Operation::Chat,
            principal: self.principal.clone(),
            body: body.to_string().into(),
            cache_control: String::new(),
            headers: Vec::<(HeaderName, _)>::new(),
            context_max: None,
            session: None,
            priority: Priority::Normal,
            trace: None,
            request_id: RequestId::new(&format!("knowledge-{now}-{number}"))
                .map_err(|_| Error::GivenUp)?,
        };
        let outgoing = self.runtime.block_on(self.gateway.answer(incoming))?;
        let OutgoingBody::Complete(answer) = outgoing.body else { return Err(Error::GivenUp) };
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let content = answer.pointer("/choices/0/message/content").and_then(Value::as_str);
        content.map(str::to_owned).ok_or_else(|| {
            let wanted = "a text";
            Error::Knowledge(crate::KnowledgeError::Store(::knowledge::Error::Answer { wanted }))
        })
    }
}
