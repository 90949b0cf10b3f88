//! What is told of one call to a provider.

use std::borrow::Cow;
use std::time::Duration;

use types::{ModelId, ProviderId, UpstreamRequestId};

use crate::ModelAnswer;

/// One call to a provider.
#[derive(Clone, Debug)]
pub struct ModelAttempt {
    /// The provider, by the name that the conventions have for it where they have one.
    pub system: Cow<'static, str>,
    /// The provider, by its name in the configuration.
    pub provider: ProviderId,
    /// Its name for the model.
    pub model: ModelId,
    /// From the request's last byte to the call.
    pub after: Duration,
    /// To the answer's last byte, or to the failure.
    pub took: Duration,
    /// What the provider calls it.
    pub upstream_request_id: Option<UpstreamRequestId>,
    /// What went wrong.
    pub error: Option<&'static str>,
    /// What is known of its answer.
    pub answer: Option<ModelAnswer>,
}
