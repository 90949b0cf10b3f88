//! From the common form to a request.
use crate::Error;
use crate::prompt::Prompt;
use bytes::Bytes;
pub(crate) fn write_prompt(prompt: &Prompt) -> Result<Bytes, Error> {
    let _ = prompt;
    Ok(Bytes::new())
}
