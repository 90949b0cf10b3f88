//! The one interface of all indexes.

use std::fmt::Debug;

use types::TenantId;

use crate::{Dimension, Error, Filter, Neighbor, Point, PointId, Verification};

/// Why the points for a rebuild or a verification could not be read.
pub type PointsError = Box<dyn std::error::Error + Send + Sync>;

/// Points from where the truth is, which may fail to read one.
pub type Points<'a> = &'a mut dyn Iterator<Item = Result<Point, PointsError>>;

/// Finds the nearest points of a tenant by cosine.
///
/// A point is named by its tenant and its id together. Vectors are normalised inside, so only
/// their direction counts.
///
/// Every method is synchronous: an embedded index computes on the caller's thread, one on a server
/// keeps it waiting, at most for the time-out of each request. Asynchronous callers treat both like
/// a read of a file and call them where blocking is allowed. All methods may be called from many
/// threads; a search sees each write whole or not at all, except that a server may show the points
/// of one write one after the other.
pub trait VectorIndex: Debug + Send + Sync {
    /// What every vector must have.
    fn dimension(&self) -> Dimension;

    /// How many points there are, over all tenants.
    fn count(&self) -> Result<usize, Error>;

    /// Inserts `points`, replacing those whose tenant and id are there already. Of two with the same
    /// name the later one stays. If any vector is refused, none is written.
    fn upsert(&self, points: &[Point]) -> Result<(), Error>;

    /// Removes points of `tenant`; ids that are not there are passed over.
    fn remove(&self, tenant: &TenantId, ids: &[PointId]) -> Result<(), Error>;

    /// The `k` nearest to `vector` among the points that pass `filter`, nearest first, equally near
    /// ones by id; all of them where there are fewer.
    fn search(&self, vector: &[f32], k: usize, filter: &Filter) -> Result<Vec<Neighbor>, Error>;

    /// How near to `vector` the points of `tenant` with these `ids` are, nearest first; ids that are
    /// not there are left out.
    fn scores(
        &self,
        vector: &[f32],
        tenant: &TenantId,
        ids: &[PointId],
    ) -> Result<Vec<Neighbor>, Error>;

    /// Replaces everything by `points` and returns how many there are. Searches go on in the old
    /// points until then; writes wait and are made to the new ones. If it fails, the old points
    /// stay.
    fn rebuild(&self, points: Points<'_>) -> Result<usize, Error>;

    /// Compares ids, labels and vectors with `points`, each of which must come once.
    fn verify(&self, points: Points<'_>) -> Result<Verification, Error>;
}
