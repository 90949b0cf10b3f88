//! What the tests of this crate share.

use std::sync::Arc;

use bytes::Bytes;
use types::{Microdollars, ModelId, ProviderId, RequestId, TenantId, Timestamp, TokenUsage};

use crate::{Entry, Form, Key, KeyParts, key};

/// The key of request `number` of a tenant.
pub(crate) fn key_of(tenant: &str, number: u64) -> Key {
    key(&KeyParts {
        tenant: &TenantId::new(tenant).unwrap(),
        endpoint: "/",
        model: &ModelId::new("m").unwrap(),
        fields: &serde_json::Map::from_iter([("n".to_owned(), number.into())]),
        excluded: &[],
    })
}

/// An entry told from others by its cost.
pub(crate) fn entry(mark: u64, frames: Vec<Bytes>, stored_at: Timestamp) -> Arc<Entry> {
    Arc::new(Entry {
        form: Form::Stream,
        frames,
        provider: ProviderId::new("openai").unwrap(),
        model: ModelId::new("gpt-5-mini").unwrap(),
        usage: TokenUsage::default(),
        cost: Microdollars::new(mark),
        origin: RequestId::new("req-1").unwrap(),
        stored_at,
    })
}

/// Bytes that do not compress, the same for the same seed.
pub(crate) fn noise(seed: u64, length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.into()
}

/// How many cases a campaign has: what `PROPTEST_CASES` says, else `long` where `FOREBAY_LONG=1`.
pub(crate) fn cases(short: u32, long: u32) -> u32 {
    testkit::cases(if testkit::is_long() { long } else { short })
}
