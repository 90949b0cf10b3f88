//! Points as a Qdrant server keeps them.

use std::collections::HashMap;

use qdrant_client::Payload;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::vector_output::Vector;
use qdrant_client::qdrant::{
    PointId as ServerId, PointStruct, RetrievedPoint, Value, vectors_output::VectorsOptions,
};
use rustc_hash::FxHashSet;
use types::TenantId;

use crate::direction::Direction;
use crate::{Point, PointId};

pub(crate) const TENANT: &str = "tenant";
pub(crate) const PROJECT: &str = "project";
pub(crate) const KIND: &str = "kind";
const ID: &str = "id";

/// Server and client normalise alike but for rounding.
const TOLERANCE: f32 = 1e-5;

/// A point came without the id that it was stored with.
#[derive(Debug, thiserror::Error)]
#[error("a point has no id in its payload")]
pub(crate) struct NoId;

/// The server's name of a point: 128 bits of BLAKE3 over tenant and id, written as a UUID of
/// version 8, so that equal ids of two tenants are two points.
pub(crate) fn key(tenant: &TenantId, id: PointId) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&id.get().to_le_bytes()).update(tenant.as_str().as_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

pub(crate) fn id(tenant: &TenantId, id: PointId) -> ServerId {
    PointIdOptions::Uuid(key(tenant, id)).into()
}

pub(crate) fn point(point: &Point, direction: &Direction) -> PointStruct {
    let mut payload = Payload::new();
    payload.insert(ID, point.id.get().cast_signed());
    payload.insert(TENANT, point.tenant.as_str());
    payload.insert(KIND, point.kind.as_str());
    if let Some(project) = &point.project {
        payload.insert(PROJECT, project.as_str());
    }
    PointStruct::new(id(&point.tenant, point.id), direction.components().to_vec(), payload)
}

/// Drops all but the last of those with the same name.
pub(crate) fn keep_last_of_each(points: &mut Vec<PointStruct>) {
    let mut seen = FxHashSet::default();
    points.reverse();
    points.retain(|point| seen.insert(point.id.as_ref().and_then(uuid).map(str::to_owned)));
    points.reverse();
}

pub(crate) fn by_id(points: Vec<RetrievedPoint>) -> HashMap<String, RetrievedPoint> {
    points
        .into_iter()
        .filter_map(|point| Some((uuid(point.id.as_ref()?)?.to_owned(), point)))
        .collect()
}

/// The id that a point was stored with.
pub(crate) fn stored_id(payload: &HashMap<String, Value>) -> Option<PointId> {
    Some(PointId::new(payload.get(ID)?.as_integer()?.cast_unsigned()))
}

pub(crate) fn is_same(stored: &RetrievedPoint, point: &Point, direction: &Direction) -> bool {
    let label = |field: &str| stored.payload.get(field).and_then(|value| value.as_str());
    let has_labels = label(TENANT).is_some_and(|it| it == point.tenant.as_str())
        && label(KIND).is_some_and(|it| it == point.kind.as_str())
        && label(PROJECT).map(String::as_str) == point.project.as_ref().map(|it| it.as_str());
    has_labels
        && vector(stored).is_some_and(|vector| {
            vector.len() == direction.components().len()
                && vector
                    .iter()
                    .zip(direction.components())
                    .all(|(a, b)| (a - b).abs() <= TOLERANCE)
        })
}

fn vector(stored: &RetrievedPoint) -> Option<Vec<f32>> {
    let VectorsOptions::Vector(output) = stored.vectors.clone()?.vectors_options? else {
        return None;
    };
    match output.into_vector() {
        Vector::Dense(dense) => Some(dense.data),
        Vector::Sparse(_) | Vector::MultiDense(_) => None,
    }
}

fn uuid(id: &ServerId) -> Option<&str> {
    match id.point_id_options.as_ref()? {
        PointIdOptions::Uuid(uuid) => Some(uuid),
        PointIdOptions::Num(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_tenant_and_id() {
        let key = |tenant: &str, id| key(&TenantId::new(tenant).unwrap(), PointId::new(id));
        let uuid = key("acme", 7);
        assert_eq!(uuid, key("acme", 7));
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "8");
        assert_ne!(uuid, key("acme", 8));
        assert_ne!(uuid, key("globex", 7));
    }
}
