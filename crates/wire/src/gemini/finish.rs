//! `finishReason`.

use crate::{Error, Finish, UpstreamError};

/// Why a candidate ended. Tool calls end with `STOP` too.
///
/// # Errors
/// [`Error::Upstream`] where the model wrote a call that Gemini could not read: there is no answer.
pub(super) fn read(reason: &str, has_called: bool) -> Result<Finish, Error> {
    Ok(match reason {
        "STOP" if has_called => Finish::ToolCalls,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" => {
            return Err(Error::Upstream(UpstreamError::malformed_call()));
        }
        other => Finish::Other(other.to_owned()),
    })
}
