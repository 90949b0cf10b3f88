//! From a request of this protocol to the common form.
use crate::prompt::{Place, Prompt};
use crate::{Error, Protocol, Request};
pub(crate) fn read_prompt(request: &Request) -> Result<Prompt, Error> {
    let _ = request;
    Err(Place::new("model", Protocol::OpenAiChat).refuse("not built yet"))
}
