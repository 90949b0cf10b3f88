//! All points of an embedded index.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use types::{ProjectId, TenantId};

use crate::block::{Block, Row, Tags};
use crate::code::{Code, Encoder};
use crate::index::Points;
use crate::labels::{Label, Labels};
use crate::partition::Partition;
use crate::scan::Selection;
use crate::{Error, Filter, Kind, Point, PointId, Verification};

/// The partitions of the tenants, and the labels that they share.
#[derive(Debug, Default)]
pub(crate) struct Store {
    partitions: FxHashMap<TenantId, Partition>,
    projects: Labels<ProjectId>,
    kinds: Labels<Kind>,
}

impl Store {
    pub(crate) fn len(&self) -> usize {
        self.partitions.values().map(Partition::len).sum()
    }

    pub(crate) fn partition(&self, tenant: &TenantId) -> Option<&Partition> {
        self.partitions.get(tenant)
    }

    #[cfg(feature = "hnsw")]
    pub(crate) fn partitions(&self) -> impl Iterator<Item = (&TenantId, &Partition)> {
        self.partitions.iter()
    }

    pub(crate) fn set(&mut self, point: &Point, code: Code) {
        let project = point.project.as_ref().map_or(Label::NONE, |it| self.projects.intern(it));
        let tags = Tags { project, kind: self.kinds.intern(&point.kind) };
        let row = Row { id: point.id, tags, code };
        self.partitions.entry(point.tenant.clone()).or_default().set(&row);
    }

    pub(crate) fn remove(&mut self, tenant: &TenantId, ids: &[PointId]) {
        if let Some(partition) = self.partitions.get_mut(tenant) {
            ids.iter().for_each(|id| {
                partition.remove(*id);
            });
            if partition.len() == 0 {
                self.partitions.remove(tenant);
            }
        }
    }

    /// What a search with `filter` looks at, as it is now; `None` if there is nothing.
    pub(crate) fn select(&self, filter: &Filter) -> Option<(Vec<Arc<Block>>, Selection)> {
        let partition = self.partitions.get(filter.tenant())?;
        Some((partition.blocks(), self.selection(filter)))
    }

    pub(crate) fn selection(&self, filter: &Filter) -> Selection {
        Selection {
            projects: self.projects.any_of(filter.projects()),
            kinds: self.kinds.any_of(filter.kinds()),
        }
    }

    /// Fills an empty store.
    pub(crate) fn fill(encoder: &Encoder, points: Points<'_>) -> Result<Self, Error> {
        let mut store = Self::default();
        for point in points {
            let point = point.map_err(|source| Error::Points { source })?;
            let code = encoder.encode(&point.vector)?;
            store.set(&point, code);
        }
        Ok(store)
    }

    pub(crate) fn verify(
        &self,
        encoder: &Encoder,
        points: Points<'_>,
    ) -> Result<Verification, Error> {
        let mut verification = Verification::default();
        for point in points {
            let point = point.map_err(|source| Error::Points { source })?;
            let code = encoder.encode(&point.vector)?;
            verification.expected += 1;
            match self.is_same(&point, &code) {
                None => verification.missing += 1,
                Some(true) => {}
                Some(false) => verification.different += 1,
            }
        }
        let found = verification.expected - verification.missing;
        verification.unexpected = self.len().saturating_sub(found);
        Ok(verification)
    }

    /// Whether the row of `point` is what it should be; `None` if there is none.
    fn is_same(&self, point: &Point, code: &Code) -> Option<bool> {
        let row = self.partition(&point.tenant)?.row(point.id)?;
        let project = point.project.as_ref().map_or(Some(Label::NONE), |it| self.projects.get(it));
        let is_same_label =
            project == Some(row.tags.project) && self.kinds.get(&point.kind) == Some(row.tags.kind);
        let is_same_vector = row.upper == code.upper
            && row.rest == code.rest
            && row.scale.to_bits() == code.scale.to_bits();
        Some(is_same_label && is_same_vector)
    }
}
