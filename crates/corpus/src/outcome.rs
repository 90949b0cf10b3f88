//! What became of one document.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::{Error, Found, Origin};

/// What became of one document.
#[derive(Debug)]
pub struct Outcome {
    /// Where it comes from.
    pub origin: Origin,
    /// What was found, or why nothing was.
    pub found: Result<Found, Error>,
    /// The earlier document of the batch that it nearly repeats.
    pub duplicate_of: Option<Duplicate>,
    /// Whether the report comes from the cache.
    pub is_cached: bool,
}

/// An earlier document that is nearly the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Duplicate {
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The estimated share of shingles in common, 0 to 1.
    pub similarity: f64,
}

/// One object: the origin, then `report` or `error`. Whether the report was cached is left out, so
/// that the same documents give the same bytes.
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.origin.path)?;
        if let Some(row) = self.origin.row {
            map.serialize_entry("row", &row)?;
        }
        if let Some(id) = &self.origin.id {
            map.serialize_entry("id", id)?;
        }
        if let Some(duplicate) = &self.duplicate_of {
            map.serialize_entry("duplicate_of", duplicate)?;
        }
        match &self.found {
            Ok(found) => {
                if let Some(findings) = found.findings_of_stream {
                    map.serialize_entry("findings_of_stream", &findings)?;
                }
                map.serialize_entry("report", &found.report)?;
            }
            Err(error) => map.serialize_entry(
                "error",
                &serde_json::json!({ "kind": error.kind(), "message": types::chain(error) }),
            )?,
        }
        map.end()
    }
}
