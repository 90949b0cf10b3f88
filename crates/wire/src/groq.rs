//! What Groq refuses of OpenAI chat completions, by its own documentation.

use serde_json::Value;

use crate::prompt::Place;
use crate::request::check::present;
use crate::{Error, Operation, ProviderProtocol, Request};

const REFUSED: [&str; 3] = ["logprobs", "top_logprobs", "logit_bias"];

/// What Groq refuses in a message of the assistant, although clients send it back as they got it.
/// Its own models write `reasoning`, which it takes.
pub(crate) const REASONING: &str = "reasoning_content";

/// Refuses what Groq would answer with an error; everything else goes out as it came in,
/// but for [`REASONING`].
pub(crate) fn check(request: &Request) -> Result<(), Error> {
    let root = Place::new(ProviderProtocol::Groq);
    if request.operation() == Operation::Embeddings {
        return Err(root.field("input").refuse("it has no embeddings"));
    }
    for name in REFUSED {
        if present(request.fields(), name).is_some() {
            return Err(root.field(name).refuse("it refuses this field"));
        }
    }
    if request.choices() != 1 {
        return Err(root.field("n").refuse("one request has one answer"));
    }
    let messages = request.fields().get("messages").and_then(Value::as_array);
    for (position, message) in messages.into_iter().flatten().enumerate() {
        if message.get("name").is_some_and(|name| !name.is_null()) {
            let place = root.field("messages").item(position).field("name");
            return Err(place.refuse("it refuses this field"));
        }
    }
    Ok(())
}
