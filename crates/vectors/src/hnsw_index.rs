//! The index that goes through a graph where there are many points.

use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use types::TenantId;

use crate::code::Query;
use crate::graph::Graph;
use crate::index::{Points, VectorIndex};
use crate::partition::Partition;
use crate::scan::Selection;
use crate::{Dimension, Error, Filter, FlatIndex, Neighbor, Point, PointId, Verification};

/// How many points of the graph are scored exactly for each that is wanted, and at least.
const CANDIDATES_EACH: usize = 4;
const CANDIDATES: usize = 100;
/// A write links so many points for each that it brings, so that a graph that began late catches
/// up.
const LINKED_EACH: usize = 2;
/// Points that are linked between two looks of waiting writers.
const BATCH: usize = 256;
/// The graph is used as soon as no more than this part of the points waits.
const WAITING_PART: usize = 8;

/// A [`FlatIndex`] with a graph for every tenant that has many points.
///
/// Up to a number of points, [`HnswIndex::DEFAULT_ABOVE`] unless told otherwise, a search looks at
/// all of them; above, it goes through a graph and scores what that finds as exactly as the scan
/// does. What counts is how many points pass the filter. The switch happens by itself in both
/// directions: a tenant that outgrows the number gets a graph, which grows with each write and with
/// [`HnswIndex::grow`]; until an eighth of the points or less is left out of it, and wherever it
/// finds fewer than are wanted, the scan answers.
#[derive(Debug)]
pub struct HnswIndex {
    exact: FlatIndex,
    above: usize,
    graphs: RwLock<FxHashMap<TenantId, Graph>>,
    /// Held while a write is made or a graph grows. Taken before any other lock.
    writing: Mutex<()>,
}

impl HnswIndex {
    /// Where a graph begins to be faster than the scan.
    pub const DEFAULT_ABOVE: usize = 200_000;

    /// An empty index.
    pub fn new(dimension: Dimension) -> Self {
        Self {
            exact: FlatIndex::new(dimension),
            above: Self::DEFAULT_ABOVE,
            graphs: RwLock::default(),
            writing: Mutex::default(),
        }
    }

    /// Scans up to `points` points. Default: [`HnswIndex::DEFAULT_ABOVE`].
    pub fn with_graph_above(mut self, points: usize) -> Self {
        self.above = points;
        self
    }

    /// Links up to `points` points that wait and returns how many still do. Searches go on
    /// meanwhile, writes wait; whoever wants a graph soon calls it from a thread of its own.
    pub fn grow(&self, points: usize) -> Result<usize, Error> {
        let _writing = self.writing.lock();
        self.link(points)
    }

    /// How many points of `tenant` are in a graph; none while all are scanned.
    pub fn linked(&self, tenant: &TenantId) -> usize {
        self.graphs.read().get(tenant).map_or(0, Graph::linked)
    }

    /// Does [`HnswIndex::grow`] for whoever holds `writing`.
    fn link(&self, points: usize) -> Result<usize, Error> {
        let mut left = points;
        let tenants: Vec<TenantId> = self.graphs.read().keys().cloned().collect();
        for tenant in &tenants {
            while left > 0 {
                let linked = self.link_batch(tenant, left.min(BATCH))?;
                if linked == 0 {
                    break;
                }
                left -= linked;
            }
        }
        Ok(self.graphs.read().values().map(|graph| graph.waiting().len()).sum())
    }

    /// Only making room and taking note keep searches out of the graph.
    fn link_batch(&self, tenant: &TenantId, points: usize) -> Result<usize, Error> {
        let mut batch = Vec::new();
        if let Some(graph) = self.graphs.write().get_mut(tenant) {
            let store = self.exact.store.read();
            let codes = graph.waiting().iter().filter_map(|id| {
                let row = store.partition(tenant)?.row(*id)?;
                Some((*id, row.int8()))
            });
            batch.extend(codes.take(points));
            graph.reserve(batch.len())?;
        }
        if let Some(graph) = self.graphs.read().get(tenant) {
            graph.link(&batch)?;
        }
        if let Some(graph) = self.graphs.write().get_mut(tenant) {
            graph.linked_now(batch.iter().map(|(id, _)| *id));
        }
        Ok(batch.len())
    }

    /// Makes, changes or drops the graph of `tenant` after `ids` were written or removed.
    fn follow(&self, tenant: &TenantId, ids: &[PointId]) -> Result<(), Error> {
        let mut graphs = self.graphs.write();
        let store = self.exact.store.read();
        let Some(partition) = store.partition(tenant).filter(|it| it.len() > self.above / 2) else {
            graphs.remove(tenant);
            return Ok(());
        };
        if let Some(graph) = graphs.get_mut(tenant) {
            return ids.iter().try_for_each(|id| match partition.row(*id) {
                Some(_) => graph.changed(*id),
                None => graph.remove(*id),
            });
        }
        if partition.len() > self.above {
            graphs.insert(tenant.clone(), self.graph_of(partition)?);
        }
        Ok(())
    }

    fn graph_of(&self, partition: &Partition) -> Result<Graph, Error> {
        Graph::new(self.exact.encoder.length(), partition.ids())
    }

    /// What the graph finds; `None` where the scan must answer.
    fn through_graph(
        &self,
        query: &Query,
        k: usize,
        filter: &Filter,
    ) -> Result<Option<Vec<Neighbor>>, Error> {
        let graphs = self.graphs.read();
        let Some(graph) = graphs.get(filter.tenant()) else { return Ok(None) };
        let store = self.exact.store.read();
        let Some(partition) = store.partition(filter.tenant()) else { return Ok(None) };
        let selection = store.selection(filter);
        let wanted = k.saturating_mul(CANDIDATES_EACH).max(CANDIDATES);
        let is_grown = graph.waiting().len() <= partition.len() / WAITING_PART;
        if !is_grown || wanted > self.above.max(CANDIDATES) {
            return Ok(None);
        }
        if partition.count(&selection) <= self.above {
            return Ok(None);
        }
        let admits = |id| partition.row(id).is_some_and(|row| selection.admits(row.tags));
        let filtering: Option<&dyn Fn(PointId) -> bool> =
            if selection.is_everything() { None } else { Some(&admits) };
        let candidates = graph.nearest(&query.int8(), wanted, filtering)?;
        let candidates = candidates.into_iter().chain(graph.waiting().iter().copied());
        let mut found = scored(partition, query, &selection, candidates);
        found.truncate(k);
        Ok((found.len() == k).then_some(found))
    }
}

/// The scores of those of `ids` that are there and selected, nearest first.
fn scored(
    partition: &Partition,
    query: &Query,
    selection: &Selection,
    ids: impl Iterator<Item = PointId>,
) -> Vec<Neighbor> {
    let rows = ids.filter_map(|id| partition.row(id));
    let mut found: Vec<Neighbor> = rows
        .filter(|row| selection.admits(row.tags))
        .map(|row| Neighbor { id: row.id, score: query.score(row.upper, row.rest, row.scale) })
        .collect();
    found.sort_unstable_by(Neighbor::nearest_first);
    // A point may be linked just before it is taken note of.
    found.dedup_by_key(|neighbor| neighbor.id);
    found
}

impl VectorIndex for HnswIndex {
    fn dimension(&self) -> Dimension {
        self.exact.dimension()
    }

    fn count(&self) -> Result<usize, Error> {
        self.exact.count()
    }

    fn upsert(&self, points: &[Point]) -> Result<(), Error> {
        let _writing = self.writing.lock();
        self.exact.upsert(points)?;
        let mut by_tenant = FxHashMap::<&TenantId, Vec<PointId>>::default();
        for point in points {
            by_tenant.entry(&point.tenant).or_default().push(point.id);
        }
        by_tenant.iter().try_for_each(|(tenant, ids)| self.follow(tenant, ids))?;
        self.link(points.len() * LINKED_EACH)?;
        Ok(())
    }

    fn remove(&self, tenant: &TenantId, ids: &[PointId]) -> Result<(), Error> {
        let _writing = self.writing.lock();
        self.exact.remove(tenant, ids)?;
        self.follow(tenant, ids)
    }

    fn search(&self, vector: &[f32], k: usize, filter: &Filter) -> Result<Vec<Neighbor>, Error> {
        let query = self.exact.encoder.query(vector)?;
        match self.through_graph(&query, k, filter)? {
            Some(found) => Ok(found),
            None => self.exact.search(vector, k, filter),
        }
    }

    fn scores(
        &self,
        vector: &[f32],
        tenant: &TenantId,
        ids: &[PointId],
    ) -> Result<Vec<Neighbor>, Error> {
        self.exact.scores(vector, tenant, ids)
    }

    /// The new points are scanned until the graph has grown ([`HnswIndex::grow`]).
    fn rebuild(&self, points: Points<'_>) -> Result<usize, Error> {
        let _writing = self.writing.lock();
        let count = self.exact.rebuild(points)?;
        let mut graphs = self.graphs.write();
        graphs.clear();
        let store = self.exact.store.read();
        for (tenant, partition) in store.partitions() {
            if partition.len() > self.above {
                graphs.insert(tenant.clone(), self.graph_of(partition)?);
            }
        }
        Ok(count)
    }

    /// A point that is neither linked nor waits to be counts as missing.
    fn verify(&self, points: Points<'_>) -> Result<Verification, Error> {
        let _writing = self.writing.lock();
        let mut verification = self.exact.verify(points)?;
        let store = self.exact.store.read();
        for (tenant, graph) in self.graphs.read().iter() {
            let points = store.partition(tenant).map_or(0, Partition::len);
            verification.missing += points.saturating_sub(graph.linked() + graph.waiting().len());
        }
        Ok(verification)
    }
}
