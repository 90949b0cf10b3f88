//! How far each source was read, and one step further.

use rusqlite::{Connection, OptionalExtension};
use types::{TenantId, Timestamp};

use super::{Store, rows};
use crate::schema::queries;
use crate::{Candidate, Error, Lesson, Outcome, PastLesson};

impl Store {
    /// Stores what one step of learning found and how far the source was read, in one transaction:
    /// a process that dies leaves either both or nothing.
    pub fn learn(
        &self,
        tenant: &TenantId,
        lesson: Lesson,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Outcome>, Error> {
        self.add_and_note(tenant, candidates, Some(lesson))
    }

    /// How far the source of this name was read.
    pub fn lesson(&self, tenant: &TenantId, name: &str) -> Result<Option<Lesson>, Error> {
        self.read("find how far it was read in", |connection| {
            let mut statement = connection.prepare_cached(queries::LESSON)?;
            let lesson = statement.query_row((tenant.as_str(), name), |row| {
                Ok(Lesson {
                    name: name.to_owned(),
                    position: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                    line: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                    digest: row.get(2)?,
                    is_talk: false,
                })
            });
            lesson.optional()
        })
    }

    /// The sources that were read last, newest first.
    pub fn lessons(&self, tenant: &TenantId, limit: usize) -> Result<Vec<PastLesson>, Error> {
        self.read("list", |connection| {
            let mut statement = connection.prepare_cached(queries::LESSONS)?;
            let parameters = (tenant.as_str(), rows::limit(limit));
            let rows = statement.query_map(parameters, |row| {
                Ok(PastLesson {
                    name: row.get(0)?,
                    position: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                    line: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                    learned_at: rows::moment(row.get(3)?),
                })
            })?;
            rows.collect()
        })
    }
}

/// Notes how far a source was read.
pub(super) fn write(
    connection: &Connection,
    tenant: &TenantId,
    lesson: &Lesson,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::UPSERT_LESSON)?.execute((
        tenant.as_str(),
        lesson.name.as_str(),
        i64::try_from(lesson.position).unwrap_or(i64::MAX),
        i64::try_from(lesson.line).unwrap_or(i64::MAX),
        lesson.digest.as_slice(),
        rows::millis(now),
    ))?;
    Ok(())
}
