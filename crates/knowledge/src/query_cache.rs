//! Answers to questions that were asked before.
//!
//! A change drops the answers that it may change: those that hold the item, and those whose filter
//! does not exclude it and that share a term with it or whose vector is as near to its vector as the
//! farthest candidate was. What only moves the statistics of all words a little, or freshness by
//! some minutes, shows when an answer's time is over.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use types::{Clock, TenantId};

use crate::store::Near;
use crate::{Embedding, Hit, Item, Query, Weights, terms};

/// The most answers that are kept.
const ANSWERS_MAX: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(1_023);

/// How long an answer is used.
const FOR: Duration = Duration::from_secs(600);

/// A question: the same one has the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    tenant: TenantId,
    query: Query,
    /// Of the vector and the weights.
    digest: [u8; 32],
}

impl Asked {
    pub(crate) fn new(
        tenant: &TenantId,
        query: &Query,
        embedding: Option<&Embedding>,
        weights: &Weights,
    ) -> Self {
        let mut hasher = blake3::Hasher::new();
        for weight in weights.all() {
            hasher.update(&weight.to_le_bytes());
        }
        if let Some(embedding) = embedding {
            hasher.update(embedding.model().as_str().as_bytes()).update(&embedding.bytes());
        }
        let digest = *hasher.finalize().as_bytes();
        Self { tenant: tenant.clone(), query: query.clone(), digest }
    }

    /// Who asks what.
    pub(crate) fn question(&self) -> (&TenantId, &Query) {
        (&self.tenant, &self.query)
    }
}

#[derive(Debug)]
struct Answer {
    hits: Arc<[Hit]>,
    terms: FxHashSet<String>,
    /// The vector of the question and the least cosine that was of interest.
    near: Option<(Embedding, f32)>,
    /// On the monotonic clock.
    until: Duration,
}

/// Answers to questions that were asked before, the least recently used dropped first.
#[derive(Debug)]
pub(crate) struct QueryCache {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    answers: LruCache<Asked, Answer>,
    /// How many changes each tenant has made.
    generations: FxHashMap<TenantId, u64>,
}

impl QueryCache {
    pub(crate) fn new(clock: Clock) -> Self {
        let state =
            State { answers: LruCache::new(ANSWERS_MAX), generations: FxHashMap::default() };
        Self { clock, state: Mutex::new(state) }
    }

    /// The answer, where it is known and nothing has changed it.
    pub(crate) fn get(&self, asked: &Asked) -> Option<Arc<[Hit]>> {
        let mut state = self.state.lock();
        let answer = state.answers.get(asked)?;
        if answer.until <= self.clock.monotonic() {
            state.answers.pop(asked);
            return None;
        }
        Some(Arc::clone(&answer.hits))
    }

    /// Changes so far; an answer found since is only kept if there were none in between.
    pub(crate) fn generation(&self, tenant: &TenantId) -> u64 {
        self.state.lock().generations.get(tenant).copied().unwrap_or(0)
    }

    /// Keeps an answer that was found since `generation`.
    pub(crate) fn put(
        &self,
        asked: Asked,
        terms: Vec<String>,
        near: Option<&Near>,
        hits: Arc<[Hit]>,
        generation: u64,
    ) {
        let near = near.map(|near| {
            let floor = near.items.iter().map(|(_, cosine)| *cosine).fold(1.0, f32::min);
            // An index that had not enough to offer would have offered anything.
            let is_full = near.items.len() > asked.query.limit;
            (near.embedding.clone(), if is_full { floor } else { -1.0 })
        });
        let until = self.clock.monotonic().saturating_add(FOR);
        let terms = terms.into_iter().collect();
        let answer = Answer { hits, terms, near, until };
        let mut state = self.state.lock();
        if state.generations.get(&asked.tenant).copied().unwrap_or(0) == generation {
            state.answers.put(asked, answer);
        }
    }

    /// Drops what a change of these items may change, given their vectors where those are new.
    pub(crate) fn touch(&self, tenant: &TenantId, items: &[(&Item, Option<&Embedding>)]) {
        if items.is_empty() {
            return;
        }
        {
            let mut state = self.state.lock();
            *state.generations.entry(tenant.clone()).or_default() += 1;
            if state.answers.is_empty() {
                return;
            }
        }
        let changes: Vec<Change<'_>> =
            items.iter().map(|(item, vector)| Change::new(item, *vector)).collect();
        let mut state = self.state.lock();
        let touched: Vec<Asked> = state
            .answers
            .iter()
            .filter(|(asked, answer)| {
                asked.tenant == *tenant
                    && changes.iter().any(|change| change.touches(&asked.query, answer))
            })
            .map(|(asked, _)| asked.clone())
            .collect();
        for asked in touched {
            state.answers.pop(&asked);
        }
    }
}

/// An item that changed.
struct Change<'a> {
    item: &'a Item,
    vector: Option<&'a Embedding>,
    terms: FxHashSet<String>,
}

impl<'a> Change<'a> {
    fn new(item: &'a Item, vector: Option<&'a Embedding>) -> Self {
        let terms = terms::terms(&item.text()).into_iter().collect();
        Self { item, vector, terms }
    }

    fn touches(&self, query: &Query, answer: &Answer) -> bool {
        if answer.hits.iter().any(|hit| hit.item.id == self.item.id) {
            return true;
        }
        let filter = &query.filter;
        let is_excluded = filter.project.is_some() && filter.project != self.item.project
            || filter.kind.as_ref().is_some_and(|kind| *kind != self.item.kind)
            || filter.intent.is_some() && filter.intent != self.item.intent;
        let is_near = || match (&answer.near, self.vector) {
            (Some((question, floor)), Some(vector)) => question.cosine(vector) >= *floor,
            _ => false,
        };
        !is_excluded && (!self.terms.is_disjoint(&answer.terms) || is_near())
    }
}
