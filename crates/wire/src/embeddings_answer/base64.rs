//! Vectors as base64 of little-endian 32-bit floats.

use bytes::Bytes;
use data_encoding::BASE64;

use crate::json::{Outline, item_places};

/// A vector as text.
pub(super) fn written(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    BASE64.encode(&bytes)
}

/// An answer whose vectors are lists, with text in their place and every other byte as it is; none
/// where a number is none of 32 bits.
pub(super) fn rewritten(body: &[u8]) -> Option<Bytes> {
    let data = Outline::of(body, 0..body.len(), &["data"])?.value("data")?;
    let mut rewritten = Vec::with_capacity(body.len());
    let mut copied = 0;
    for item in item_places(body, data)? {
        let at = Outline::of(body, item, &["embedding"])?.value("embedding")?;
        let vector: Vec<f32> = serde_json::from_slice(body.get(at.clone())?).ok()?;
        if !vector.iter().all(|number| number.is_finite()) {
            return None;
        }
        rewritten.extend_from_slice(body.get(copied..at.start)?);
        rewritten.push(b'"');
        rewritten.extend_from_slice(written(&vector).as_bytes());
        rewritten.push(b'"');
        copied = at.end;
    }
    rewritten.extend_from_slice(body.get(copied..)?);
    Some(rewritten.into())
}
