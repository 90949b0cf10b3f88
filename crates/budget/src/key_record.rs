//! What is known of a virtual key.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use types::{KeyId, ModelId, Principal, Timestamp};

/// A virtual key without its secret: neither the secret nor its hash is part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// On whose behalf the key speaks; `key` is the public id.
    pub principal: Principal,
    /// The models it may ask for; none is all.
    pub models: Option<Vec<ModelId>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being valid by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was or will be revoked; in the future while a rotation's grace runs.
    pub revoked_at: Option<Timestamp>,
    /// The key that a rotation put in its place.
    pub replaced_by: Option<KeyId>,
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// On whose behalf it will speak; `key` is filled in when it is made.
    pub principal: Principal,
    /// The models it may ask for; none is all.
    pub models: Option<Vec<ModelId>>,
    /// How long it is valid; none is for ever.
    pub lifetime: Option<Duration>,
}

impl KeyRecord {
    /// Whether the key is neither expired nor revoked at `now`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        let is_before = |end: Option<Timestamp>| end.is_none_or(|end| now < end);
        is_before(self.expires_at) && is_before(self.revoked_at)
    }

    /// Whether the key may ask for `model`.
    pub fn permits(&self, model: &ModelId) -> bool {
        self.models.as_ref().is_none_or(|models| models.contains(model))
    }
}
