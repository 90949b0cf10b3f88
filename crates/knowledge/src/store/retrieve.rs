//! Finding items by their words and their vectors.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use rustc_hash::{FxHashMap, FxHashSet};
use types::{TenantId, Timestamp};

use super::text_ranker::Ranked;
use super::{Store, rows};
use crate::query_cache::Asked;
use crate::schema::queries;
use crate::{Embedding, Error, Hit, Item, ItemId, Query, ScoreParts, Weights, terms};

/// How many items each side proposes at least; more where more are asked for.
const CANDIDATES: usize = 50;

/// The most different terms of a query that are looked for.
const TERMS_MAX: usize = 32;

/// What an index found: an embedding of the query's text, and items near it with their cosines.
#[derive(Clone, Debug)]
pub struct Near {
    /// The vector of the query's text.
    pub embedding: Embedding,
    /// Items near it and their cosines, in any order; some 50 are enough.
    pub items: Vec<(ItemId, f32)>,
    /// Cosines of [what the words found](Matches::items), where they are at hand; those that are
    /// lacking are read from the store.
    pub matched: Vec<(ItemId, f32)>,
}

/// Page cache of a connection that searches, in KiB: SQLite's own 2 MiB hold a hundredth of the
/// pages of 100,000 items, and a search reads some thousand of them.
const PAGE_CACHE_KIB: i64 = 32 << 10;

/// What the words of a query found, before anything is known of its vector.
#[derive(Debug)]
pub struct Matches {
    proposed: Vec<Proposed>,
    words: Vec<String>,
    /// Changes of the tenant before the words were looked for.
    generation: u64,
}

/// An item that one side proposed.
#[derive(Debug)]
struct Proposed {
    item: Item,
    /// BM25, larger is better; none where no word of the query is in it.
    text: Option<f64>,
    cosine: Option<f32>,
}

impl Matches {
    /// What was found.
    pub fn items(&self) -> impl Iterator<Item = ItemId> {
        self.proposed.iter().map(|one| one.item.id)
    }
}

impl Store {
    /// Finds items by words alone, or by words and vectors where `near` is given: the best of both
    /// sides, ordered by score. Equal questions are answered from memory until something that they
    /// touch changes.
    pub fn search(
        &self,
        tenant: &TenantId,
        query: &Query,
        near: Option<&Near>,
        weights: &Weights,
    ) -> Result<Vec<Hit>, Error> {
        let hits = self.find(tenant, query, near, weights)?;
        self.note_use(tenant, query, &hits);
        Ok(hits.to_vec())
    }

    /// The first half of a search by words and vectors, which needs no vector: to be run while the
    /// other side is still looking for what is near. [`join`](Self::join) is the second half.
    pub fn matches(&self, tenant: &TenantId, query: &Query) -> Result<Matches, Error> {
        let generation = self.cache.generation(tenant);
        let (words, now) = (words(&query.text), self.clock.now());
        let changes = self.ranker.changes();
        let proposed = self.read_at_once(|connection| {
            let ranked = self.ranker.rank(connection, &words, changes)?;
            admitted(connection, tenant, query, ranked, now)
        })?;
        Ok(Matches { proposed, words, generation })
    }

    /// What [`search`](Self::search) finds, given what the words found.
    pub fn join(
        &self,
        tenant: &TenantId,
        query: &Query,
        matches: Matches,
        near: &Near,
        weights: &Weights,
    ) -> Result<Vec<Hit>, Error> {
        let asked = Asked::new(tenant, query, Some(&near.embedding), weights);
        let hits = self.ranked(asked, matches, Some(near), weights)?;
        self.note_use(tenant, query, &hits);
        Ok(hits.to_vec())
    }

    /// The answer to a question that was asked before, where nothing that it touches has changed
    /// since: what spares whoever asks the search for what is near. Counts as a use.
    pub fn search_memory(
        &self,
        tenant: &TenantId,
        query: &Query,
        embedding: Option<&Embedding>,
        weights: &Weights,
    ) -> Result<Option<Vec<Hit>>, Error> {
        let asked = Asked::new(tenant, query, embedding, weights);
        let Some(hits) = self.cache.get(&asked) else { return Ok(None) };
        self.note_use(tenant, query, &hits);
        Ok(Some(hits.to_vec()))
    }

    /// Answers a question from memory for whoever asks it next, as [`search`](Self::search) would,
    /// without counting that as a use: for [`most_asked`](Self::most_asked) after a start.
    pub fn prewarm(
        &self,
        tenant: &TenantId,
        query: &Query,
        near: Option<&Near>,
        weights: &Weights,
    ) -> Result<(), Error> {
        self.find(tenant, query, near, weights).map(drop)
    }

    fn find(
        &self,
        tenant: &TenantId,
        query: &Query,
        near: Option<&Near>,
        weights: &Weights,
    ) -> Result<Arc<[Hit]>, Error> {
        let asked = Asked::new(tenant, query, near.map(|near| &near.embedding), weights);
        if let Some(hits) = self.cache.get(&asked) {
            return Ok(hits);
        }
        self.ranked(asked, self.matches(tenant, query)?, near, weights)
    }

    /// Adds what is near to what the words found, and keeps the best for whoever asks next.
    fn ranked(
        &self,
        asked: Asked,
        matches: Matches,
        near: Option<&Near>,
        weights: &Weights,
    ) -> Result<Arc<[Hit]>, Error> {
        let Matches { mut proposed, words, generation } = matches;
        let now = self.clock.now();
        let (tenant, query) = asked.question();
        let hits = self.read_at_once(|connection| {
            if let Some(near) = near {
                add_near(connection, tenant, query, (&mut proposed, near), now)?;
            }
            // Of a name that it never met an embedding knows no more than pieces of the spelling.
            let share = near.map_or(1.0, |_| terms::identifier_share(&query.text));
            let ranked = rank(proposed, query, &weights.towards_text(share), now);
            let hit = |(item, score, parts): (Item, f64, ScoreParts)| {
                let sources = rows::sources(connection, item.id)?;
                Ok(Hit { item, sources, score, parts })
            };
            ranked.into_iter().map(hit).collect::<rusqlite::Result<Arc<[Hit]>>>()
        })?;
        self.cache.put(asked, words, near, Arc::clone(&hits), generation);
        Ok(hits)
    }

    /// Runs the some hundred queries of a search in one transaction: each alone would lock the file
    /// for itself.
    fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.read("search", |connection| {
            connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
            let transaction = connection.unchecked_transaction()?;
            work(&transaction)
        })
    }
}

/// The different terms of a text that are looked for.
fn words(text: &str) -> Vec<String> {
    let mut seen = FxHashSet::default();
    let mut words = terms::terms(text);
    words.retain(|word| seen.insert(word.clone()));
    words.truncate(TERMS_MAX);
    words
}

/// Adds what is near to what the words proposed, each item once, with what both sides say about it.
fn add_near(
    connection: &Connection,
    tenant: &TenantId,
    query: &Query,
    (proposed, near): (&mut Vec<Proposed>, &Near),
    now: Timestamp,
) -> rusqlite::Result<()> {
    let places: FxHashMap<ItemId, usize> =
        proposed.iter().enumerate().map(|(place, one)| (one.item.id, place)).collect();
    for (id, cosine) in &near.matched {
        if let Some(one) = places.get(id).and_then(|place| proposed.get_mut(*place)) {
            one.cosine = Some(*cosine);
        }
    }
    for (id, cosine) in &near.items {
        if let Some(one) = places.get(id).and_then(|place| proposed.get_mut(*place)) {
            one.cosine = Some(*cosine);
        } else if let Some(item) = rows::item(connection, tenant, *id)?
            && query.filter.admits(&item, now)
        {
            proposed.push(Proposed { item, text: None, cosine: Some(*cosine) });
        }
    }
    // What only its words proposed has a vector all the same.
    let model = near.embedding.model().as_str();
    let mut vector = connection.prepare_cached(queries::VECTOR)?;
    for one in proposed.iter_mut().filter(|one| one.cosine.is_none()) {
        one.cosine = vector
            .query_row((one.item.id.get(), model), |row| {
                Ok(near.embedding.cosine_to_bytes(row.get_ref(0)?.as_blob()?))
            })
            .optional()?;
    }
    Ok(())
}

/// The best of the items that the words found.
fn admitted(
    connection: &Connection,
    tenant: &TenantId,
    query: &Query,
    ranked: Vec<Ranked>,
    now: Timestamp,
) -> rusqlite::Result<Vec<Proposed>> {
    let most = std::cmp::max(CANDIDATES, query.limit);
    let mut found = Vec::with_capacity(most);
    for (id, score) in ranked {
        let Some(item) = rows::item(connection, tenant, id)? else { continue };
        if query.filter.admits(&item, now) {
            found.push(Proposed { item, text: Some(score), cosine: None });
            if found.len() == most {
                break;
            }
        }
    }
    Ok(found)
}

/// The best of what was proposed, best first; equal scores by number.
fn rank(
    proposed: Vec<Proposed>,
    query: &Query,
    weights: &Weights,
    now: Timestamp,
) -> Vec<(Item, f64, ScoreParts)> {
    let best_text = proposed.iter().filter_map(|one| one.text).fold(0.0, f64::max);
    let cosines = || proposed.iter().filter_map(|one| one.cosine.map(f64::from));
    let (least, most) = (cosines().fold(1.0, f64::min), cosines().fold(-1.0, f64::max));
    let mut ranked: Vec<_> = proposed
        .into_iter()
        .map(|one| {
            let vector = one.cosine.map_or(0.0, |cosine| {
                if most > least { (f64::from(cosine) - least) / (most - least) } else { 1.0 }
            });
            let parts = ScoreParts {
                text: one
                    .text
                    .map_or(0.0, |text| if best_text > 0.0 { text / best_text } else { 0.0 }),
                vector,
                freshness: one.item.freshness(now).score(),
                intent: agreement(one.item.intent.as_ref(), query.intent.as_ref()),
                project: agreement(one.item.project.as_ref(), query.project.as_ref()),
            };
            let score = weights.score(&parts);
            (one.item, score, parts)
        })
        .collect();
    ranked.sort_by(|(a, one, _), (b, other, _)| other.total_cmp(one).then(a.id.cmp(&b.id)));
    ranked.truncate(query.limit);
    ranked
}

/// 1 for the same, 0 for different ones, one half where either is not known.
fn agreement<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> f64 {
    match (one, other) {
        (Some(one), Some(other)) => f64::from(u8::from(one == other)),
        _ => 0.5,
    }
}
