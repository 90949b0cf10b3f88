//! The index on a Qdrant server.

use parking_lot::Mutex;
use qdrant_client::qdrant::{
    Condition, CountPointsBuilder, DeletePointsBuilder, Filter as ServerFilter, GetPointsBuilder,
    PointStruct, QuantizationSearchParamsBuilder, QueryPointsBuilder, SearchParamsBuilder,
    UpsertPointsBuilder,
};
use types::TenantId;

use crate::direction::Direction;
use crate::index::{Points, VectorIndex};
use crate::qdrant_collection as collection;
use crate::qdrant_point as wire;
use crate::qdrant_server::Server;
use crate::{Dimension, Error, Filter, Neighbor, Point, PointId, QdrantSettings, Verification};

/// Points sent or asked for in one request.
const BATCH: usize = 256;
/// How many points a search of the graph considers.
const SEARCH_WIDTH: u64 = 256;
/// How many times as many as are wanted are found by their int8 codes and then scored exactly.
const OVERSAMPLING: f64 = 2.0;

/// An index that many machines share.
///
/// Its name is an alias of a collection with a number. A rebuild fills a new collection and moves
/// the alias, so searches everywhere switch at once. Writes of this process wait for a rebuild and
/// are made to the new collection; writes of other processes must wait for themselves.
///
/// Nothing is sent when it is made. Requests run on a thread of its own; the caller's thread waits,
/// each time at most for the time-out.
#[derive(Debug)]
pub struct QdrantIndex {
    server: Server,
    dimension: Dimension,
    /// Held while a write is made, a whole rebuild included.
    writing: Mutex<()>,
}

impl QdrantIndex {
    /// The index that `settings` names, which may not exist yet.
    pub fn new(settings: &QdrantSettings, dimension: Dimension) -> Result<Self, Error> {
        Ok(Self { server: Server::new(settings)?, dimension, writing: Mutex::default() })
    }

    /// Makes the index on the server unless it exists. One with other dimensions is an error.
    pub fn create(&self) -> Result<(), Error> {
        let _writing = self.writing.lock();
        match collection::current(&self.server)? {
            Some(name) => collection::check(&self.server, &name, self.dimension),
            None => {
                let name = collection::create_next(&self.server, None, self.dimension)?;
                collection::point_alias_to(&self.server, &name)
            }
        }
    }

    /// Deletes the index from the server, if it is there.
    pub fn delete(&self) -> Result<(), Error> {
        let _writing = self.writing.lock();
        match collection::current(&self.server)? {
            Some(name) => collection::delete(&self.server, &name),
            None => Ok(()),
        }
    }

    fn write(&self, collection: &str, points: Vec<PointStruct>) -> Result<(), Error> {
        let request = UpsertPointsBuilder::new(collection, points).wait(true);
        self.server.ask("write points", |client| async move {
            client.upsert_points(request).await.map(drop)
        })
    }

    fn checked(&self, point: &Point) -> Result<PointStruct, Error> {
        Ok(wire::point(point, &Direction::of(&point.vector, self.dimension)?))
    }

    fn fill(&self, collection: &str, points: Points<'_>) -> Result<usize, Error> {
        let mut batch = Vec::new();
        for point in points {
            batch.push(self.checked(&point.map_err(|source| Error::Points { source })?)?);
            if batch.len() == BATCH {
                self.write(collection, std::mem::take(&mut batch))?;
            }
        }
        self.write_rest(collection, batch)?;
        self.count_in(collection)
    }

    fn write_rest(&self, collection: &str, batch: Vec<PointStruct>) -> Result<(), Error> {
        if batch.is_empty() { Ok(()) } else { self.write(collection, batch) }
    }

    fn count_in(&self, collection: &str) -> Result<usize, Error> {
        let request = CountPointsBuilder::new(collection).exact(true);
        let counted =
            self.server.ask("count points", |client| async move { client.count(request).await })?;
        let count = counted.result.map_or(0, |result| result.count);
        usize::try_from(count).map_err(|source| collection::unexpected("count points", source))
    }

    /// Compares a batch with what the server has of it.
    fn compare(&self, batch: &[Point], verification: &mut Verification) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = batch.iter().map(|point| wire::id(&point.tenant, point.id)).collect();
        let request =
            GetPointsBuilder::new(self.server.name(), ids).with_payload(true).with_vectors(true);
        let found = self
            .server
            .ask("read points", |client| async move { client.get_points(request).await })?;
        let found = wire::by_id(found.result);
        for point in batch {
            let direction = Direction::of(&point.vector, self.dimension)?;
            verification.expected += 1;
            match found.get(&wire::key(&point.tenant, point.id)) {
                None => verification.missing += 1,
                Some(stored) if wire::is_same(stored, point, &direction) => {}
                Some(_) => verification.different += 1,
            }
        }
        Ok(())
    }

    /// The `k` nearest to `vector` that pass the filter.
    fn query(
        &self,
        operation: &'static str,
        vector: &[f32],
        k: usize,
        (filter, parameters): (ServerFilter, SearchParamsBuilder),
    ) -> Result<Vec<Neighbor>, Error> {
        let direction = Direction::of(vector, self.dimension)?;
        if k == 0 {
            return Ok(Vec::new());
        }
        let request = QueryPointsBuilder::new(self.server.name())
            .query(direction.components().to_vec())
            .limit(k as u64)
            .filter(filter)
            .params(parameters)
            .with_payload(true);
        let found =
            self.server.ask(operation, |client| async move { client.query(request).await })?;
        let mut neighbors = found
            .result
            .into_iter()
            .map(|point| {
                let id = wire::stored_id(&point.payload)
                    .ok_or_else(|| collection::unexpected(operation, wire::NoId))?;
                Ok(Neighbor { id, score: point.score.clamp(-1.0, 1.0) })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        neighbors.sort_unstable_by(Neighbor::nearest_first);
        Ok(neighbors)
    }
}

impl VectorIndex for QdrantIndex {
    fn dimension(&self) -> Dimension {
        self.dimension
    }

    fn count(&self) -> Result<usize, Error> {
        self.count_in(self.server.name())
    }

    fn upsert(&self, points: &[Point]) -> Result<(), Error> {
        let mut points =
            points.iter().map(|point| self.checked(point)).collect::<Result<Vec<_>, _>>()?;
        wire::keep_last_of_each(&mut points);
        let _writing = self.writing.lock();
        for batch in points.chunks(BATCH) {
            self.write(self.server.name(), batch.to_vec())?;
        }
        Ok(())
    }

    fn remove(&self, tenant: &TenantId, ids: &[PointId]) -> Result<(), Error> {
        let _writing = self.writing.lock();
        for ids in ids.chunks(BATCH) {
            let ids: Vec<_> = ids.iter().map(|id| wire::id(tenant, *id)).collect();
            let request = DeletePointsBuilder::new(self.server.name()).points(ids).wait(true);
            self.server.ask("remove points", |client| async move {
                client.delete_points(request).await.map(drop)
            })?;
        }
        Ok(())
    }

    fn search(&self, vector: &[f32], k: usize, filter: &Filter) -> Result<Vec<Neighbor>, Error> {
        let codes = QuantizationSearchParamsBuilder::default().rescore(true);
        let parameters = SearchParamsBuilder::default()
            .hnsw_ef(SEARCH_WIDTH)
            .quantization(codes.oversampling(OVERSAMPLING));
        self.query("search", vector, k, (server_filter(filter), parameters))
    }

    fn scores(
        &self,
        vector: &[f32],
        tenant: &TenantId,
        ids: &[PointId],
    ) -> Result<Vec<Neighbor>, Error> {
        let named = Condition::has_id(ids.iter().map(|id| wire::id(tenant, *id)));
        let parameters = SearchParamsBuilder::default().exact(true);
        self.query("score points", vector, ids.len(), (ServerFilter::must([named]), parameters))
    }

    fn rebuild(&self, points: Points<'_>) -> Result<usize, Error> {
        let _writing = self.writing.lock();
        let old = collection::current(&self.server)?;
        let new = collection::create_next(&self.server, old.as_deref(), self.dimension)?;
        let filled = self
            .fill(&new, points)
            .and_then(|count| collection::point_alias_to(&self.server, &new).map(|()| count));
        match (filled, old) {
            (Ok(count), Some(old)) => collection::delete(&self.server, &old).map(|()| count),
            (Ok(count), None) => Ok(count),
            (Err(error), _) => {
                // The first failure is the one to tell; what is left over is replaced by the next
                // rebuild.
                drop(collection::delete(&self.server, &new));
                Err(error)
            }
        }
    }

    fn verify(&self, points: Points<'_>) -> Result<Verification, Error> {
        let _writing = self.writing.lock();
        let mut verification = Verification::default();
        let mut batch = Vec::new();
        for point in points {
            batch.push(point.map_err(|source| Error::Points { source })?);
            if batch.len() == BATCH {
                self.compare(&batch, &mut verification)?;
                batch.clear();
            }
        }
        self.compare(&batch, &mut verification)?;
        let found = verification.expected - verification.missing;
        verification.unexpected = self.count()?.saturating_sub(found);
        Ok(verification)
    }
}

fn server_filter(filter: &Filter) -> ServerFilter {
    let any_of = |field: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| Condition::matches(field, names))
    };
    let projects = filter.projects().iter().map(ToString::to_string).collect();
    let kinds = filter.kinds().iter().map(ToString::to_string).collect();
    let tenant = Condition::matches(wire::TENANT, filter.tenant().to_string());
    let others = [any_of(wire::PROJECT, projects), any_of(wire::KIND, kinds)];
    ServerFilter::must(std::iter::once(tenant).chain(others.into_iter().flatten()))
}
