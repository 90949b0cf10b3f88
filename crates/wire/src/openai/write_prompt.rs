//! From the common form to a request.
use crate::prompt::Prompt;
use crate::{Edits, Error};
use bytes::Bytes;
pub(crate) fn write_prompt(prompt: &Prompt, edits: &Edits) -> Result<Bytes, Error> {
    let _ = (prompt, edits);
    Ok(Bytes::new())
}
