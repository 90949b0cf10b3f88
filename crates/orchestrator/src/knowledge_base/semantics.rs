//! Finding by meaning: a model at work and an index over its vectors.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::knowledge::{COSINE_MIN, Candidate, Draft, Embedding, ItemId, Near, Query, Store, VectorRow};
use parking_lot::Mutex;
use types::{ModelId, TenantId};
use vectors::{Dimension, Filter, Kind, Point, PointId, PointsError, VectorIndex};

use super::KnowledgeError;
use super::index::index;
use crate::TextVectors;
use crate::config::VectorPlace;

/// Items near a draft that it is compared with.
const NEIGHBOURS: usize = 10;
/// Items near a question that are ranked at least; more where more are asked for.
const CANDIDATES: usize = 50;
/// Vectors that are read or made at a time.
const BATCH: usize = 256;

/// A model at work and an index over its vectors.
#[derive(Debug)]
pub(super) struct Semantics {
    texts: Arc<TextVectors>,
    index: Box<dyn VectorIndex>,
    /// Tenants whose every item has a vector, as far as the model makes one of it.
    complete: Mutex<BTreeSet<TenantId>>,
}

impl Semantics {
    /// The index at `place` over the vectors of `texts`.
    pub(super) fn new(
        texts: Arc<TextVectors>,
        place: &VectorPlace,
    ) -> Result<Self, KnowledgeError> {
        let index = index(place, Dimension::new(texts.dimensions())?)?;
        Ok(Self { texts, index, complete: Mutex::default() })
    }

    /// The name of all that decides about a vector.
    pub(super) fn space(&self) -> &ModelId {
        self.texts.space()
    }

    /// Makes the index hold what the store holds, unless it does: one on a server was filled before.
    pub(super) fn fill(&self, store: &Store) -> Result<(), KnowledgeError> {
        if self.index.count()? > 0 && self.index.verify(&mut self.points(store))?.is_whole() {
            return Ok(());
        }
        self.rebuild(store)
    }

    /// Makes the index anew.
    pub(super) fn rebuild(&self, store: &Store) -> Result<(), KnowledgeError> {
        self.index.rebuild(&mut self.points(store))?;
        Ok(())
    }

    /// Compares the index with the store; returns how many vectors there are.
    pub(super) fn verify(&self, store: &Store) -> Result<usize, KnowledgeError> {
        let found = self.index.verify(&mut self.points(store))?;
        if found.is_whole() {
            return Ok(found.expected);
        }
        Err(KnowledgeError::Differs {
            missing: found.missing,
            different: found.different,
            unexpected: found.unexpected,
        })
    }

    /// The vectors of the store as points, read in batches.
    fn points<'s>(
        &'s self,
        store: &'s Store,
    ) -> impl Iterator<Item = Result<Point, PointsError>> + 's {
        let mut after = None;
        let batches = std::iter::from_fn(move || {
            let rows = match store.vectors(self.texts.space(), after, BATCH) {
                Ok(rows) => rows,
                Err(error) => return Some(vec![Err(PointsError::from(error))]),
            };
            after = Some(rows.last()?.id);
            Some(rows.into_iter().map(|row| Ok(point(row)?)).collect::<Vec<_>>())
        });
        batches.flatten()
    }

    /// Drafts with their vectors and what is near them.
    pub(super) fn candidates(
        &self,
        tenant: &TenantId,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Candidate>, KnowledgeError> {
        let vectors = self.embed(drafts.iter().map(Draft::text).collect())?;
        let with_neighbours = |(draft, embedding): (Draft, Option<Embedding>)| {
            let Some(own) = &embedding else { return Ok(Candidate::plain(draft)) };
            let mut neighbours = self.nearest(own, NEIGHBOURS, &Filter::of(tenant.clone()))?;
            neighbours.retain(|(_, cosine)| *cosine >= COSINE_MIN);
            Ok(Candidate { draft, embedding, neighbours })
        };
        drafts.into_iter().zip(vectors).map(with_neighbours).collect()
    }

    /// The vectors of texts; none for one that the model makes nothing of.
    fn embed(&self, texts: Vec<String>) -> Result<Vec<Option<Embedding>>, KnowledgeError> {
        let vectors = self.texts.embed(texts)?;
        let own = |vector: &Arc<[f32]>| self.embedding(vector).ok();
        Ok(vectors.iter().map(own).collect())
    }

    fn embedding(&self, vector: &[f32]) -> Result<Embedding, ::knowledge::Error> {
        Embedding::new(self.texts.space().clone(), vector.to_vec())
    }

    fn nearest(
        &self,
        embedding: &Embedding,
        most: usize,
        filter: &Filter,
    ) -> Result<Vec<(ItemId, f32)>, KnowledgeError> {
        let found = self.index.search(embedding.values(), most, filter)?;
        Ok(found.into_iter().map(|near| (item_id(near.id), near.score)).collect())
    }

    /// Puts the vectors of new items into the index.
    pub(super) fn hold<'c>(
        &self,
        tenant: &TenantId,
        items: impl Iterator<Item = (Option<ItemId>, &'c Candidate)>,
    ) -> Result<(), KnowledgeError> {
        let mut points = Vec::new();
        for (id, candidate) in items {
            let (Some(id), Some(embedding)) = (id, &candidate.embedding) else { continue };
            points.push(point(VectorRow {
                id,
                tenant: tenant.clone(),
                project: candidate.draft.project.clone(),
                kind: candidate.draft.kind.clone(),
                embedding: embedding.clone(),
            })?);
        }
        Ok(self.index.upsert(&points)?)
    }

    /// Takes an item out of the index.
    pub(super) fn drop_item(&self, tenant: &TenantId, id: ItemId) -> Result<(), KnowledgeError> {
        Ok(self.index.remove(tenant, &[point_id(id)])?)
    }

    /// Gives vectors to what was stored before there was this model, once: looking for it walks over
    /// all items of the tenant, which no search can wait for.
    pub(super) fn complete(&self, store: &Store, tenant: &TenantId) -> Result<(), KnowledgeError> {
        if self.complete.lock().contains(tenant) {
            return Ok(());
        }
        self.catch_up(store, tenant)?;
        self.complete.lock().insert(tenant.clone());
        Ok(())
    }

    /// Gives vectors to the items that have none of this model.
    pub(super) fn catch_up(&self, store: &Store, tenant: &TenantId) -> Result<(), KnowledgeError> {
        let mut after = None;
        loop {
            let items = store.without_vector(tenant, self.texts.space(), after, BATCH)?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.id);
            let vectors = self.embed(items.iter().map(::knowledge::Item::text).collect())?;
            let (mut rows, mut points) = (Vec::new(), Vec::new());
            for (item, embedding) in items.into_iter().zip(vectors) {
                let Some(embedding) = embedding else { continue };
                rows.push((item.id, embedding.clone()));
                let (tenant, id) = (tenant.clone(), item.id);
                let (project, kind) = (item.project, item.kind);
                points.push(point(VectorRow { id, tenant, project, kind, embedding })?);
            }
            store.put_vectors(tenant, rows)?;
            self.index.upsert(&points)?;
        }
    }

    /// What is near a question.
    pub(super) fn near(
        &self,
        tenant: &TenantId,
        query: &Query,
        embedding: Embedding,
    ) -> Result<Near, KnowledgeError> {
        let mut filter = Filter::of(tenant.clone()).with_projects(query.filter.project.clone());
        if let Some(kind) = &query.filter.kind {
            filter = filter.with_kinds([Kind::new(&kind.to_string())?]);
        }
        let items = self.nearest(&embedding, std::cmp::max(CANDIDATES, query.limit), &filter)?;
        Ok(Near { embedding, items, matched: Vec::new() })
    }

    /// How near to the question is what its words found.
    pub(super) fn score(
        &self,
        tenant: &TenantId,
        near: &mut Near,
        items: impl Iterator<Item = ItemId>,
    ) -> Result<(), KnowledgeError> {
        let ids: Vec<PointId> = items.map(point_id).collect();
        let found = self.index.scores(near.embedding.values(), tenant, &ids)?;
        near.matched = found.into_iter().map(|near| (item_id(near.id), near.score)).collect();
        Ok(())
    }

    /// The vectors of texts, each of which the model must make something of.
    pub(super) fn embed_all(&self, texts: Vec<String>) -> Result<Vec<Embedding>, KnowledgeError> {
        let vectors = self.texts.embed(texts)?;
        let own = vectors.iter().map(|vector| self.embedding(vector));
        Ok(own.collect::<Result<_, _>>()?)
    }

    /// The vector of a question that was asked not long ago.
    pub(super) fn remembered(&self, text: &str) -> Option<Embedding> {
        let vector = self.texts.remembered(text)?;
        self.embedding(&vector).ok()
    }

    /// The vector of a question.
    pub(super) fn question(&self, text: &str) -> Result<Embedding, KnowledgeError> {
        let vectors = self.texts.embed(vec![text.to_owned()])?;
        Ok(self.embedding(vectors.first().map_or(&[], |vector| vector))?)
    }
}

fn point(row: VectorRow) -> Result<Point, vectors::Error> {
    Ok(Point {
        id: point_id(row.id),
        tenant: row.tenant,
        project: row.project,
        kind: Kind::new(&row.kind.to_string())?,
        vector: row.embedding.values().to_vec(),
    })
}

fn point_id(id: ItemId) -> PointId {
    PointId::new(id.get().cast_unsigned())
}

fn item_id(id: PointId) -> ItemId {
    ItemId::new(id.get().cast_signed())
}
