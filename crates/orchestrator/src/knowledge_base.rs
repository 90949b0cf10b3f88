//! What the team knows, and the model that finds it by meaning.
//!
//! Everything here computes or reads files on the caller's thread: asynchronous callers call it
//! where blocking is allowed.

mod classifiers;
mod error;
mod index;
mod lazy;
mod learn;
mod learned;
mod semantics;
mod sources;
#[cfg(test)]
mod tests;

use std::io::BufRead;
use std::sync::{Arc, OnceLock};

use ::knowledge::{
    Candidate, Classified, Draft, Example, Filter, Hit, Imported, Item, ItemId, Order, Outcome,
    Page, Query, Redactor, Shown, Store, Weights,
};
use types::{ModelId, TenantId};

pub use error::KnowledgeError;
pub use lazy::LazyKnowledge;
pub use learned::{Learned, Unread};
pub use sources::learnable_files;

use crate::TextVectors;
use crate::config::VectorPlace;
use classifiers::Classifiers;
use semantics::Semantics;

/// The file of the data directory that holds it.
pub const KNOWLEDGE_FILE: &str = "forebay.db";

/// Questions that are answered before anybody asks.
const PREWARMED: usize = 32;

/// What the team knows. Each function names the tenant whose knowledge it sees.
#[derive(Debug)]
pub struct KnowledgeBase {
    store: Store,
    redactor: Redactor,
    /// Set once there is a model.
    semantics: OnceLock<Semantics>,
    classifiers: Classifiers,
}

impl KnowledgeBase {
    /// What `store` holds; everything is found by its words alone.
    ///
    /// # Errors
    /// Where the rules that find secrets cannot be prepared.
    pub fn new(store: Store) -> Result<Self, KnowledgeError> {
        let (redactor, classifiers) = (Redactor::new()?, Classifiers::default());
        Ok(Self { store, redactor, semantics: OnceLock::new(), classifiers })
    }

    /// Finds things by meaning from now on, unless it does already; their vectors at `place`.
    ///
    /// # Errors
    /// What the store or the index says.
    pub fn find_meaning_with(
        &self,
        texts: Arc<TextVectors>,
        place: &VectorPlace,
    ) -> Result<(), KnowledgeError> {
        if self.semantics.get().is_none() {
            let semantics = Semantics::new(texts, place)?;
            semantics.fill(&self.store)?;
            // Whoever was faster has set the same.
            self.semantics.set(semantics).unwrap_or_default();
        }
        Ok(())
    }

    /// Whether a model is there, so that things are found by meaning too.
    pub fn finds_meaning(&self) -> bool {
        self.semantics.get().is_some()
    }

    /// Drafts with their vectors and what is near them.
    fn candidates(
        &self,
        tenant: &TenantId,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Candidate>, KnowledgeError> {
        match self.semantics.get() {
            Some(semantics) => semantics.candidates(tenant, drafts),
            None => Ok(drafts.into_iter().map(Candidate::plain).collect()),
        }
    }

    /// Puts what was new into the index.
    fn hold(
        &self,
        tenant: &TenantId,
        outcomes: &[Outcome],
        candidates: &[Candidate],
    ) -> Result<(), KnowledgeError> {
        let Some(semantics) = self.semantics.get() else { return Ok(()) };
        let created = outcomes.iter().map(|outcome| outcome.created());
        semantics.hold(tenant, created.zip(candidates))
    }

    /// Gives vectors to what was stored before there was a model.
    fn complete(&self, tenant: &TenantId) -> Result<(), KnowledgeError> {
        match self.semantics.get() {
            Some(semantics) => semantics.complete(&self.store, tenant),
            None => Ok(()),
        }
    }

    /// Gives vectors to what was edited or brought in just now.
    fn catch_up(&self, tenant: &TenantId) -> Result<(), KnowledgeError> {
        match self.semantics.get() {
            Some(semantics) => semantics.catch_up(&self.store, tenant),
            None => Ok(()),
        }
    }

    /// Finds items by words, and by meaning where there is a model; the best first.
    ///
    /// # Errors
    /// What the store or the model says.
    pub fn search(
        &self,
        tenant: &TenantId,
        query: &Query,
        weights: &Weights,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        self.complete(tenant)?;
        let Some(semantics) = self.semantics.get() else {
            return Ok(self.store.search(tenant, query, None, weights)?);
        };
        if let Some(question) = semantics.remembered(&query.text)
            && let Some(hits) = self.store.search_memory(tenant, query, Some(&question), weights)?
        {
            return Ok(hits);
        }
        // Neither side needs the other one.
        let mut matches = None;
        let mut near = rayon::in_place_scope(|scope| {
            scope.spawn(|_| matches = Some(self.store.matches(tenant, query)));
            let question = semantics.question(&query.text)?;
            semantics.near(tenant, query, question)
        })?;
        // The scope has ended, so they are there.
        let matches = matches.unwrap_or_else(|| self.store.matches(tenant, query))?;
        semantics.score(tenant, &mut near, matches.items())?;
        Ok(self.store.join(tenant, query, matches, &near, weights)?)
    }

    /// Answers the questions that were asked most, so that whoever asks them next is answered from
    /// memory.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn prewarm(&self, tenant: &TenantId, weights: &Weights) -> Result<(), KnowledgeError> {
        for (query, _) in self.store.most_asked(tenant, PREWARMED)? {
            let near = match self.semantics.get() {
                Some(semantics) => {
                    let question = semantics.question(&query.text)?;
                    Some(semantics.near(tenant, &query, question)?)
                }
                None => None,
            };
            self.store.prewarm(tenant, &query, near.as_ref(), weights)?;
        }
        Ok(())
    }

    /// The vectors of texts, and the name of all that decides about them.
    ///
    /// # Errors
    /// [`KnowledgeError::NoModel`]; what the model says.
    pub fn embed(&self, texts: Vec<String>) -> Result<(ModelId, Vec<Vec<f32>>), KnowledgeError> {
        let semantics = self.semantics.get().ok_or(KnowledgeError::NoModel)?;
        let vectors = semantics.embed_all(texts)?;
        let values = vectors.iter().map(|vector| vector.values().to_vec()).collect();
        Ok((semantics.space().clone(), values))
    }

    /// What each text is about, and the labels that there are.
    ///
    /// # Errors
    /// [`KnowledgeError::NoModel`]; examples that no classifier can be made of.
    pub fn classify(
        &self,
        texts: &[String],
        examples: &[Example],
    ) -> Result<(Vec<Arc<str>>, Vec<Classified>), KnowledgeError> {
        let semantics = self.semantics.get().ok_or(KnowledgeError::NoModel)?;
        let classifier = self.classifiers.of(examples, semantics)?;
        let vectors = semantics.embed_all(texts.to_vec())?;
        let results = vectors.iter().map(|vector| classifier.classify(vector));
        Ok((classifier.labels().to_vec(), results.collect::<Result<_, _>>()?))
    }

    /// The items that the filter admits, confirmed last first.
    ///
    /// # Errors
    /// What the store says.
    pub fn list(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Item>, KnowledgeError> {
        let page = Page { skip, limit };
        Ok(self.store.list(tenant, filter, Order::Newest, page)?)
    }

    /// An item with where it was learned and how it relates to others.
    ///
    /// # Errors
    /// [`::knowledge::Error::Missing`]; what the store says.
    pub fn show(&self, tenant: &TenantId, id: ItemId) -> Result<Shown, KnowledgeError> {
        Ok(self.store.show(tenant, id)?)
    }

    /// Keeps what somebody says, once it was compared with what is known.
    ///
    /// # Errors
    /// What the store or the model says.
    pub fn add(&self, tenant: &TenantId, mut draft: Draft) -> Result<Outcome, KnowledgeError> {
        if draft.content.trim().is_empty() {
            return Err(KnowledgeError::Nothing);
        }
        self.complete(tenant)?;
        draft.content = self.redactor.redact(&draft.content).0;
        let candidates = self.candidates(tenant, vec![draft])?;
        let outcomes = self.store.add(tenant, candidates.clone())?;
        self.hold(tenant, &outcomes, &candidates)?;
        outcomes.into_iter().next().ok_or(KnowledgeError::Nothing)
    }

    /// Puts `draft` in the place of what an item says.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn edit(
        &self,
        tenant: &TenantId,
        id: ItemId,
        mut draft: Draft,
    ) -> Result<Item, KnowledgeError> {
        draft.content = self.redactor.redact(&draft.content).0;
        let edited = self.store.edit(tenant, id, &draft)?;
        self.catch_up(tenant)?;
        Ok(edited)
    }

    /// Says that an item holds, as of now.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn confirm(&self, tenant: &TenantId, id: ItemId) -> Result<Item, KnowledgeError> {
        Ok(self.store.confirm(tenant, id)?)
    }

    /// Deletes an item, and does not learn its text again.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn forget(&self, tenant: &TenantId, id: ItemId) -> Result<Item, KnowledgeError> {
        let item = self.store.forget(tenant, id)?;
        if let Some(semantics) = self.semantics.get() {
            semantics.drop_item(tenant, id)?;
        }
        Ok(item)
    }

    /// Writes everything that the tenant knows, a line of JSON for each item. Returns how many.
    ///
    /// # Errors
    /// What the store or the writer says.
    pub fn export(
        &self,
        tenant: &TenantId,
        to: &mut dyn std::io::Write,
    ) -> Result<u64, KnowledgeError> {
        Ok(self.store.export(tenant, to)?)
    }

    /// Stores what an export holds.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub fn import(
        &self,
        tenant: &TenantId,
        from: &mut dyn BufRead,
    ) -> Result<Imported, KnowledgeError> {
        let imported = self.store.import(tenant, from)?;
        if let Some(semantics) = self.semantics.get() {
            semantics.rebuild(&self.store)?;
        }
        self.catch_up(tenant)?;
        Ok(imported)
    }

    /// Makes the indexes of words and of vectors anew and compares the latter with the store. Returns
    /// how many texts and vectors they hold; no vectors where there is no model.
    ///
    /// # Errors
    /// [`KnowledgeError::Differs`]; what the store or the index says.
    pub fn rebuild_indexes(&self) -> Result<(usize, Option<usize>), KnowledgeError> {
        let texts = self.store.rebuild_texts()?;
        let Some(semantics) = self.semantics.get() else { return Ok((texts, None)) };
        semantics.rebuild(&self.store)?;
        Ok((texts, Some(semantics.verify(&self.store)?)))
    }
}
