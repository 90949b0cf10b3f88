//! What the team knows, and the model that finds it by meaning.
//!
//! Everything here computes or reads files on the caller's thread: asynchronous callers call it
//! where blocking is allowed.

mod error;
mod learned;
mod semantics;
mod sources;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ::knowledge::{
    Candidate, Draft, Filter, Hit, Imported, Item, ItemId, LearnFormat, Order, Page, Query, Reader,
    Redactor, Shown, Store, Weights,
};
use types::{Clock, ProjectId, TenantId, Timestamp};

pub use error::KnowledgeError;
pub use learned::{Learned, Unread};

use crate::TextVectors;
use semantics::Semantics;

/// The file of the data directory that holds it.
pub const KNOWLEDGE_FILE: &str = "forebay.db";

/// How much of a source is looked at to tell what it is, in bytes.
const BEGINNING_BYTES: usize = 4_096;

/// What the team knows. Each function names the tenant whose knowledge it sees.
#[derive(Debug)]
pub struct KnowledgeBase {
    store: Store,
    redactor: Redactor,
    weights: Weights,
    /// Set once there is a model.
    semantics: OnceLock<Semantics>,
}

/// What is to be learned from.
#[derive(Clone, Debug)]
pub struct Material<'a> {
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// The project that what is found belongs to.
    pub project: Option<&'a ProjectId>,
}

impl KnowledgeBase {
    /// Opens what `directory` holds. Without a model, everything is found by its words alone.
    ///
    /// # Errors
    /// What the files say.
    pub fn open(
        directory: &Path,
        texts: Option<Arc<TextVectors>>,
        clock: Clock,
    ) -> Result<Self, KnowledgeError> {
        let store = Store::open(&directory.join(KNOWLEDGE_FILE), clock)?;
        let (redactor, weights) = (Redactor::new()?, Weights::default());
        let base = Self { store, redactor, weights, semantics: OnceLock::new() };
        if let Some(texts) = texts {
            base.find_meaning_with(texts)?;
        }
        Ok(base)
    }

    /// Finds things by meaning from now on, unless it does already.
    ///
    /// # Errors
    /// What the store or the index says.
    pub fn find_meaning_with(&self, texts: Arc<TextVectors>) -> Result<(), KnowledgeError> {
        if self.semantics.get().is_none() {
            let semantics = Semantics::new(texts)?;
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

    /// Learns from files and folders, in order. A source that cannot be read is reported and passed
    /// over; what was learned before stays.
    ///
    /// # Errors
    /// What the store or the model says.
    pub fn learn(
        &self,
        tenant: &TenantId,
        material: &Material<'_>,
    ) -> Result<Learned, KnowledgeError> {
        self.catch_up(tenant)?;
        let mut learned = Learned { by_meaning: self.finds_meaning(), ..Learned::default() };
        for source in sources::sources(material.paths) {
            let read = source.and_then(|path| {
                let (reader, seen_at) = sources::open(&path)?;
                Ok((path, reader, seen_at))
            });
            match read {
                Ok((path, mut reader, seen_at)) => {
                    let name = path.display().to_string();
                    let format = detect(&name, &mut reader);
                    let project = material.project.cloned();
                    let material = ::knowledge::Material { name, format, project, seen_at };
                    self.learn_source(tenant, reader, material, &mut learned)?;
                }
                Err(unread) => learned.unread.push(unread),
            }
        }
        Ok(learned)
    }

    fn learn_source(
        &self,
        tenant: &TenantId,
        reader: impl BufRead + Seek,
        material: ::knowledge::Material,
        learned: &mut Learned,
    ) -> Result<(), KnowledgeError> {
        let before = self.store.lesson(tenant, &material.name)?;
        let mut reader = Reader::open(reader, material, before, &self.redactor)?;
        learned.sources += 1;
        while let Some(step) = reader.next_step()? {
            learned.redacted += step.redacted;
            learned.skipped += step.skipped;
            let candidates = self.candidates(tenant, step.drafts)?;
            let outcomes = self.store.learn(tenant, step.lesson, candidates.clone())?;
            if let Some(semantics) = self.semantics.get() {
                let created = outcomes.iter().map(|outcome| outcome.created());
                semantics.hold(tenant, created.zip(&candidates))?;
            }
            outcomes.into_iter().for_each(|outcome| learned.count(outcome));
        }
        Ok(())
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

    /// Gives vectors to what was stored without a model, or edited.
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
    pub fn search(&self, tenant: &TenantId, query: &Query) -> Result<Vec<Hit>, KnowledgeError> {
        self.catch_up(tenant)?;
        let near = self.semantics.get().map(|semantics| semantics.near(tenant, query));
        let near = near.transpose()?;
        Ok(self.store.search(tenant, query, near.as_ref(), &self.weights)?)
    }

    /// The items that the filter admits, confirmed last first.
    ///
    /// # Errors
    /// What the store says.
    pub fn list(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Item>, KnowledgeError> {
        let page = Page { skip: 0, limit };
        Ok(self.store.list(tenant, filter, Order::Newest, page)?)
    }

    /// An item with where it was learned and how it relates to others.
    ///
    /// # Errors
    /// [`::knowledge::Error::Missing`]; what the store says.
    pub fn show(&self, tenant: &TenantId, id: ItemId) -> Result<Shown, KnowledgeError> {
        Ok(self.store.show(tenant, id)?)
    }

    /// Puts other words in the place of what an item says.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn edit(
        &self,
        tenant: &TenantId,
        id: ItemId,
        content: &str,
        source: ::knowledge::Source,
    ) -> Result<Item, KnowledgeError> {
        let item = self.store.show(tenant, id)?.item;
        let (content, _) = self.redactor.redact(content);
        let draft = Draft {
            kind: item.kind,
            project: item.project,
            intent: item.intent,
            title: item.title,
            content,
            confidence: item.confidence,
            validity: item.validity,
            source,
        };
        let edited = self.store.edit(tenant, id, &draft)?;
        self.catch_up(tenant)?;
        Ok(edited)
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
            semantics.fill(&self.store)?;
        }
        self.catch_up(tenant)?;
        Ok(imported)
    }

    /// Makes the index of vectors anew and compares it with the store. Returns how many vectors it
    /// holds; none where there is no model.
    ///
    /// # Errors
    /// [`KnowledgeError::Differs`]; what the store or the index says.
    pub fn rebuild_index(&self) -> Result<Option<usize>, KnowledgeError> {
        let Some(semantics) = self.semantics.get() else { return Ok(None) };
        semantics.fill(&self.store)?;
        semantics.verify(&self.store).map(Some)
    }

    /// Writes what is waiting and closes the file.
    ///
    /// # Errors
    /// What could not be written.
    pub fn close(&self) -> Result<(), KnowledgeError> {
        Ok(self.store.clone().close()?)
    }
}

/// What a source is, by its name and its first bytes, which stay to be read.
fn detect(name: &str, reader: &mut BufReader<fs_err::File>) -> LearnFormat {
    // A source that cannot be read says so when it is read for good.
    let beginning = reader.fill_buf().unwrap_or_default();
    let beginning = beginning.get(..BEGINNING_BYTES).unwrap_or(beginning);
    LearnFormat::detect(name, &String::from_utf8_lossy(beginning))
}

/// When a file was written last.
fn modified(metadata: &std::fs::Metadata) -> Timestamp {
    let since =
        metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let millis = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    Timestamp::from_millis(millis)
}
