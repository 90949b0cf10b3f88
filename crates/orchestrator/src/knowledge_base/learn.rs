//! Learning: sources are read in steps, and each step is kept whole or not at all.

use std::io::{BufRead, BufReader, Seek};
use std::path::PathBuf;

use ::knowledge::{Draft, LearnFormat, Material, Passage, Reader, Source, Step};
use types::{ProjectId, TenantId, Timestamp};

use super::{KnowledgeBase, KnowledgeError, Learned, sources};
use crate::Error;

/// How much of a source is looked at to tell what it is, in bytes.
const BEGINNING_BYTES: usize = 4_096;

/// What a language model finds in passages of a source.
pub(crate) type Extract<'a> = &'a dyn Fn(&[Passage], &Source) -> Result<Vec<Draft>, Error>;

impl KnowledgeBase {
    /// Learns from files and folders, in order. A source that cannot be read is reported and passed
    /// over; what was learned before stays.
    ///
    /// # Errors
    /// What the store or the model of embeddings says.
    pub(crate) fn learn_files(
        &self,
        tenant: &TenantId,
        paths: &[PathBuf],
        project: Option<&ProjectId>,
        extract: Extract<'_>,
    ) -> Result<Learned, KnowledgeError> {
        let mut learned = Learned { by_meaning: self.finds_meaning(), ..Learned::default() };
        for source in paths.iter().flat_map(|path| sources::learnable_files(path)) {
            let read = source.and_then(|path| {
                let (reader, seen_at) = sources::open(&path)?;
                Ok((path, reader, seen_at))
            });
            match read {
                Ok((path, mut reader, seen_at)) => {
                    let name = path.display().to_string();
                    let format = detect(&name, &mut reader);
                    let material = Material { name, format, project: project.cloned(), seen_at };
                    learned.add(self.learn(tenant, reader, material, extract)?);
                }
                Err(unread) => learned.unread.push(unread),
            }
        }
        Ok(learned)
    }

    /// Learns from one source; goes on where learning from it ended.
    ///
    /// # Errors
    /// As [`Self::learn_files`].
    pub(crate) fn learn(
        &self,
        tenant: &TenantId,
        reader: impl BufRead + Seek,
        material: Material,
        extract: Extract<'_>,
    ) -> Result<Learned, KnowledgeError> {
        self.complete(tenant)?;
        let (name, seen_at) = (material.name.clone(), material.seen_at);
        let before = self.store.lesson(tenant, &material.name)?;
        let mut reader = Reader::open(reader, material, before, &self.redactor)?;
        let by_meaning = self.finds_meaning();
        let mut learned = Learned { by_meaning, sources: 1, ..Learned::default() };
        while let Some(mut step) = reader.next_step()? {
            let origin = Source { name: name.clone(), line: 0, section: String::new(), seen_at };
            match extract(&step.passages, &origin) {
                Ok(drafts) => step.drafts.extend(drafts),
                // What the rules found is kept all the same.
                Err(error) => learned.failed_to_extract(&error),
            }
            self.keep(tenant, step, &mut learned)?;
        }
        Ok(learned)
    }

    fn keep(
        &self,
        tenant: &TenantId,
        step: Step,
        learned: &mut Learned,
    ) -> Result<(), KnowledgeError> {
        learned.redacted += step.redacted;
        learned.skipped += step.skipped;
        let candidates = self.candidates(tenant, step.drafts)?;
        let outcomes = self.store.learn(tenant, step.lesson, candidates.clone())?;
        self.hold(tenant, &outcomes, &candidates)?;
        outcomes.into_iter().for_each(|outcome| learned.count(outcome));
        Ok(())
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
pub(super) fn modified(metadata: &std::fs::Metadata) -> Timestamp {
    let since =
        metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let millis = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    Timestamp::from_millis(millis)
}
