//! From drafts to items: what is new, and what was known.

use rusqlite::Connection;
use types::{TenantId, Timestamp};

use super::{Store, marks, rows};
use crate::recall;
use crate::sameness::{self, Sameness};
use crate::schema::queries;
use crate::{
    Candidate, Embedding, Error, Item, ItemId, Lesson, Outcome, Relation, RelationKind, Source,
    Status,
};

/// What one transaction has done, for whom it concerns.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) outcomes: Vec<Outcome>,
    /// Items as they are now, with the vectors of new ones.
    pub(super) touched: Vec<(Item, Option<Embedding>)>,
}

impl Store {
    /// Compares each candidate with what is known and stores what is new, all or nothing.
    /// The outcomes are in the order of the candidates. What was forgotten is known again.
    pub fn add(
        &self,
        tenant: &TenantId,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Outcome>, Error> {
        self.add_and_note(tenant, candidates, None)
    }

    /// Like [`add`](Self::add); notes in the same transaction how far the source was read, and
    /// skips what had come out of the store where the lesson says so.
    pub(super) fn add_and_note(
        &self,
        tenant: &TenantId,
        candidates: Vec<Candidate>,
        lesson: Option<Lesson>,
    ) -> Result<Vec<Outcome>, Error> {
        // What came out of the store until now must be known as such.
        self.flush_uses_later(1);
        let (owner, now) = (tenant.clone(), self.clock.now());
        let written = self.write("add", move |connection| {
            if lesson.as_ref().is_some_and(|lesson| lesson.is_talk) {
                marks::catch_up(connection, &owner, now)?;
            }
            let mut adding =
                Adding { connection, tenant: &owner, now, written: Written::default() };
            for candidate in &candidates {
                let outcome = adding.add(candidate, lesson.as_ref())?;
                adding.written.outcomes.push(outcome);
            }
            let written = adding.written;
            if let Some(lesson) = &lesson {
                super::lessons::write(connection, &owner, lesson, now)?;
            }
            Ok(written)
        })?;
        let touched: Vec<(&Item, Option<&Embedding>)> =
            written.touched.iter().map(|(item, embedding)| (item, embedding.as_ref())).collect();
        self.cache.touch(tenant, &touched);
        Ok(written.outcomes)
    }
}

struct Adding<'a> {
    connection: &'a Connection,
    tenant: &'a TenantId,
    now: Timestamp,
    written: Written,
}

impl Adding<'_> {
    /// Whoever adds something by hand wants it; what is read in a lesson may have come from the
    /// store or have been forgotten.
    fn add(&mut self, candidate: &Candidate, lesson: Option<&Lesson>) -> rusqlite::Result<Outcome> {
        let text = candidate.draft.text();
        let digest = rows::digest(&text);
        let key = (self.tenant.as_str(), &digest[..]);
        match lesson {
            None => {
                self.connection.prepare_cached(queries::DELETE_FORGOTTEN)?.execute(key)?;
            }
            Some(_) if self.connection.prepare_cached(queries::FORGOTTEN)?.exists(key)? => {
                return Ok(Outcome::Forgotten);
            }
            Some(lesson) if lesson.is_talk && self.is_recalled(&candidate.draft.content)? => {
                return Ok(Outcome::Recalled);
            }
            Some(_) => {}
        }
        let project = candidate.draft.project.as_ref();
        if let Some(item) = rows::item_by_digest(self.connection, self.tenant, &digest, project)? {
            return self.merge(item, candidate);
        }
        let is_document = lesson.is_some_and(|lesson| !lesson.is_talk);
        // Who says the same is looked for among all of them before who says otherwise counts.
        let mut otherwise = None;
        for (id, cosine) in self.neighbours(candidate) {
            let Some(item) = rows::item(self.connection, self.tenant, id)? else { continue };
            if item.project != candidate.draft.project || item.status == Status::Superseded {
                continue;
            }
            match sameness::judge(&item.text(), &text, cosine) {
                Sameness::Same => return self.merge(item, candidate),
                Sameness::Different if !self.is_edit(&item, candidate)? => {}
                Sameness::Contradicts if is_document && self.stands_beside(&item, candidate)? => {}
                Sameness::Contradicts | Sameness::Different => {
                    otherwise.get_or_insert(item);
                }
            }
        }
        if let Some(item) = otherwise {
            return self.contradict(item, candidate);
        }
        self.insert(candidate).map(|item| Outcome::Created(item.id))
    }

    /// What the index found and what this transaction itself has stored, nearest first.
    fn neighbours(&self, candidate: &Candidate) -> Vec<(ItemId, f32)> {
        let mut neighbours = candidate.neighbours.clone();
        if let Some(own) = &candidate.embedding {
            let written = self.written.touched.iter();
            neighbours.extend(written.filter_map(|(item, embedding)| {
                embedding.as_ref().map(|embedding| (item.id, own.cosine(embedding)))
            }));
        }
        neighbours.retain(|(_, cosine)| *cosine >= sameness::COSINE_MIN);
        neighbours.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
        neighbours.dedup_by_key(|(id, _)| *id);
        neighbours
    }

    /// Whether most of the text was given out before.
    fn is_recalled(&self, content: &str) -> rusqlite::Result<bool> {
        let mut statement = self.connection.prepare_cached(queries::RECALLED)?;
        let known = recall::shingles(content)
            .into_iter()
            .map(|shingle| statement.exists((self.tenant.as_str(), shingle)))
            .collect::<rusqlite::Result<Vec<bool>>>()?;
        Ok(!known.is_empty() && recall::is_recalled(&known))
    }

    /// Whether item and draft stand in different places of one version of a source: the rows of a
    /// list differ on purpose.
    fn stands_beside(&self, item: &Item, candidate: &Candidate) -> rusqlite::Result<bool> {
        let source = &candidate.draft.source;
        let is_beside = |own: &Source| {
            own.name == source.name
                && own.seen_at == source.seen_at
                && own.section != source.section
        };
        Ok(rows::sources(self.connection, item.id)?.iter().any(is_beside))
    }

    /// Whether the draft stands, reworded a little, where the item was learned.
    fn is_edit(&self, item: &Item, candidate: &Candidate) -> rusqlite::Result<bool> {
        let source = &candidate.draft.source;
        let is_there = |own: &Source| own.name == source.name && own.section == source.section;
        Ok(rows::sources(self.connection, item.id)?.iter().any(is_there)
            && sameness::is_edit(&item.text(), &candidate.draft.text()))
    }

    fn merge(&mut self, item: Item, candidate: &Candidate) -> rusqlite::Result<Outcome> {
        let source = &candidate.draft.source;
        if !rows::add_source(self.connection, self.tenant, item.id, source)? {
            return Ok(Outcome::Known(item.id));
        }
        let mut confirm = self.connection.prepare_cached(queries::CONFIRM_ITEM)?;
        confirm.execute((item.id.get(), rows::millis(source.seen_at)))?;
        let id = item.id;
        self.written.touched.push((item, None));
        Ok(Outcome::Merged(id))
    }

    /// Stores a draft that says otherwise than `item`: in its place where it is newer and either
    /// says that something changed or comes from where the item came from; else beside it.
    fn contradict(&mut self, item: Item, candidate: &Candidate) -> rusqlite::Result<Outcome> {
        let draft = &candidate.draft;
        let is_newer = draft.seen_at() > item.confirmed_at;
        let is_update = sameness::tells_of_change(&draft.content)
            || rows::sources(self.connection, item.id)?
                .iter()
                .any(|source| source.name == draft.source.name);
        let new = self.insert(candidate)?.id;
        let old = item.id;
        let (kind, outcome) = if is_newer && is_update {
            let end = rows::millis(draft.seen_at());
            self.connection.prepare_cached(queries::SUPERSEDE)?.execute((old.get(), end))?;
            (RelationKind::Supersedes, Outcome::Superseded { new, old })
        } else {
            let mut flag = self.connection.prepare_cached(queries::SET_STATUS)?;
            for id in [old, new] {
                flag.execute((id.get(), Status::Conflicting.name()))?;
            }
            (RelationKind::Conflicts, Outcome::Conflicting { new, with: old })
        };
        let relation = Relation { item: new, kind, other: old, created_at: self.now };
        rows::relate(self.connection, self.tenant, relation)?;
        self.written.touched.push((item, None));
        Ok(outcome)
    }

    fn insert(&mut self, candidate: &Candidate) -> rusqlite::Result<Item> {
        let item = rows::insert(self.connection, self.tenant, &candidate.draft, self.now)?;
        if let Some(embedding) = &candidate.embedding {
            rows::put_vector(self.connection, item.id, embedding)?;
        }
        self.written.touched.push((item.clone(), candidate.embedding.clone()));
        Ok(item)
    }
}
