//! Finding by meaning: a model at work and an index over its vectors.

use std::num::NonZero;
use std::path::Path;

use ::knowledge::{COSINE_MIN, Candidate, Draft, Embedding, ItemId, Near, Query, Store, VectorRow};
use embeddings::{Embedder, EmbedderSettings, ModelSpec};
use lru::LruCache;
use parking_lot::Mutex;
use types::{Clock, ModelId, TenantId};
use vectors::{Dimension, Filter, FlatIndex, Kind, Point, PointId, PointsError, VectorIndex};

use super::KnowledgeError;
use crate::model_store;

/// Where models are in the data directory, each in a folder of its name.
pub const MODELS_DIRECTORY: &str = "models";

/// Items near a draft that it is compared with.
const NEIGHBOURS: usize = 10;
/// Items near a question that are ranked.
const CANDIDATES: usize = 100;
/// Vectors that are read or made at a time.
const BATCH: usize = 256;
/// Questions whose vectors are kept.
const QUESTIONS_KEPT: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(1_023);

/// A model at work and an index over its vectors.
#[derive(Debug)]
pub(super) struct Semantics {
    embedder: Embedder,
    /// The name of all that decides about a vector.
    space: ModelId,
    index: FlatIndex,
    questions: Mutex<LruCache<String, Embedding>>,
}

impl Semantics {
    /// Starts the model in `models`; `None` where none is installed, or one that is broken.
    pub(super) fn open(models: &Path, clock: &Clock) -> Result<Option<Self>, KnowledgeError> {
        let Some(spec) = ModelId::new(ModelSpec::DEFAULT).ok().and_then(|id| ModelSpec::known(&id))
        else {
            return Ok(None);
        };
        let onnx_runtime = model_store::onnx_runtime(models);
        let settings = EmbedderSettings { onnx_runtime, ..EmbedderSettings::default() };
        let opened = spec.open(&models.join(ModelSpec::DEFAULT));
        let started = opened.and_then(|model| {
            let embedder = Embedder::start(&model, &settings, clock)?;
            Ok((model, embedder))
        });
        let (model, embedder) = match started {
            Ok(started) => started,
            Err(embeddings::Error::Missing { .. }) => return Ok(None),
            Err(error @ embeddings::Error::Damaged { .. }) => {
                // What is stored can still be found by its words.
                tracing::warn!(error = %types::chain(&error), "going on without the model; `forebay models pull` mends it");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let space = ModelId::new(&embedder.space().to_string());
        let space = space.unwrap_or_else(|_| model.id().clone());
        let index = FlatIndex::new(Dimension::new(embedder.dimensions())?);
        let questions = Mutex::new(LruCache::new(QUESTIONS_KEPT));
        Ok(Some(Self { embedder, space, index, questions }))
    }

    /// Makes the index hold what the store holds.
    pub(super) fn fill(&self, store: &Store) -> Result<(), KnowledgeError> {
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
            let rows = match store.vectors(&self.space, after, BATCH) {
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
        let vectors = self.embedder.embed_now(texts)?;
        let own = |vector: embeddings::Embedding| {
            Embedding::new(self.space.clone(), vector.into_vec()).ok()
        };
        Ok(vectors.into_iter().map(own).collect())
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

    /// Gives vectors to the items that have none of this model.
    pub(super) fn catch_up(&self, store: &Store, tenant: &TenantId) -> Result<(), KnowledgeError> {
        let mut after = None;
        loop {
            let items = store.without_vector(tenant, &self.space, after, BATCH)?;
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
    pub(super) fn near(&self, tenant: &TenantId, query: &Query) -> Result<Near, KnowledgeError> {
        let embedding = self.question(&query.text)?;
        let mut filter = Filter::of(tenant.clone()).with_projects(query.filter.project.clone());
        if let Some(kind) = &query.filter.kind {
            filter = filter.with_kinds([Kind::new(&kind.to_string())?]);
        }
        let items = self.nearest(&embedding, CANDIDATES, &filter)?;
        Ok(Near { embedding, items })
    }

    /// The vector of a question; that of one that was asked lately is kept.
    fn question(&self, text: &str) -> Result<Embedding, KnowledgeError> {
        if let Some(known) = self.questions.lock().get(text) {
            return Ok(known.clone());
        }
        let vector = self.embedder.embed_now(vec![text.to_owned()])?;
        let values =
            vector.into_iter().next().map_or_else(Vec::new, embeddings::Embedding::into_vec);
        let embedding = Embedding::new(self.space.clone(), values)?;
        self.questions.lock().put(text.to_owned(), embedding.clone());
        Ok(embedding)
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
