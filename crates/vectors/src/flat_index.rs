//! The index that looks at every point.

use parking_lot::{Mutex, RwLock};
use types::TenantId;

use crate::code::Encoder;
use crate::index::{Points, VectorIndex};
use crate::scan;
use crate::store::Store;
use crate::{Dimension, Error, Filter, Neighbor, Point, PointId, Verification};

/// An exact index in memory, the right one up to some 200,000 points of a tenant.
///
/// Each component is an int8 code and an int8 remainder, two bytes in all. A search reads half a
/// byte of every component and, of the rows that can still be among the nearest, the rest; scores
/// are off by some 10^-6. Large searches use the threads of rayon's global pool.
///
/// Searches and writes do not wait for one another: a search works on the blocks that it found, a
/// write that meets it copies the block that it changes.
#[derive(Debug)]
pub struct FlatIndex {
    pub(crate) encoder: Encoder,
    pub(crate) store: RwLock<Store>,
    /// Held while a write is made, a whole rebuild included.
    writing: Mutex<()>,
}

impl FlatIndex {
    /// An empty index.
    pub fn new(dimension: Dimension) -> Self {
        let encoder = Encoder::new(dimension);
        Self { encoder, store: RwLock::default(), writing: Mutex::default() }
    }
}

impl VectorIndex for FlatIndex {
    fn dimension(&self) -> Dimension {
        self.encoder.dimension()
    }

    fn count(&self) -> Result<usize, Error> {
        Ok(self.store.read().len())
    }

    fn upsert(&self, points: &[Point]) -> Result<(), Error> {
        let codes = points
            .iter()
            .map(|point| self.encoder.encode(&point.vector))
            .collect::<Result<Vec<_>, _>>()?;
        let _writing = self.writing.lock();
        let mut store = self.store.write();
        points.iter().zip(codes).for_each(|(point, code)| store.set(point, code));
        Ok(())
    }

    fn remove(&self, tenant: &TenantId, ids: &[PointId]) -> Result<(), Error> {
        let _writing = self.writing.lock();
        self.store.write().remove(tenant, ids);
        Ok(())
    }

    fn search(&self, vector: &[f32], k: usize, filter: &Filter) -> Result<Vec<Neighbor>, Error> {
        let query = self.encoder.query(vector)?;
        let selected = self.store.read().select(filter);
        Ok(selected.map_or_else(Vec::new, |(blocks, selection)| {
            scan::nearest(&blocks, &query, &selection, k)
        }))
    }

    fn scores(
        &self,
        vector: &[f32],
        tenant: &TenantId,
        ids: &[PointId],
    ) -> Result<Vec<Neighbor>, Error> {
        let query = self.encoder.query(vector)?;
        let store = self.store.read();
        let Some(partition) = store.partition(tenant) else { return Ok(Vec::new()) };
        let rows = ids.iter().filter_map(|id| partition.row(*id));
        let mut found: Vec<Neighbor> = rows
            .map(|row| Neighbor { id: row.id, score: query.score(row.upper, row.rest, row.scale) })
            .collect();
        found.sort_unstable_by(Neighbor::nearest_first);
        Ok(found)
    }

    fn rebuild(&self, points: Points<'_>) -> Result<usize, Error> {
        let _writing = self.writing.lock();
        let store = Store::fill(&self.encoder, points)?;
        let count = store.len();
        let old = std::mem::replace(&mut *self.store.write(), store);
        drop(old);
        Ok(count)
    }

    fn verify(&self, points: Points<'_>) -> Result<Verification, Error> {
        // With the store locked alone, a waiting write would keep every search waiting.
        let _writing = self.writing.lock();
        self.store.read().verify(&self.encoder, points)
    }
}
