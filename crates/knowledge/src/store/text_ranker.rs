//! BM25 over the postings of the full-text index.

#[cfg(test)]
mod tests;
mod totals;

use parking_lot::RwLock;
use rusqlite::{Connection, OptionalExtension};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ItemId;
use crate::schema::queries;
use totals::Totals;

/// The most rows that words may match together; beyond this many the commonest words, which weigh
/// least, are left out.
const ROWS_MAX: i64 = 4_000;

/// Words that are remembered as common. No language has so many.
const COMMON_MAX: usize = 10_000;

/// What an occurrence in the title counts; one in the body counts 1.
const TITLE_WEIGHT: f64 = 2.0;

/// Ranks items by their words, with the figures of FTS5's own `bm25()`, which takes several times
/// as long: it looks up the length of each row that matches in a table. Here lengths are remembered.
#[derive(Debug, Default)]
pub(super) struct TextRanker(RwLock<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// Terms of the text by number of the item; 0 where that is not known.
    lengths: Vec<u32>,
    /// Words of more than [`ROWS_MAX`] items, which need not be counted again.
    common: FxHashSet<String>,
    /// How many texts have changed.
    changes: u64,
}

/// An item that holds a word, and how well it fits: larger is better.
pub(super) type Ranked = (ItemId, f64);

/// How much a word there is in the text of an item.
struct Occurrence {
    id: ItemId,
    weight: f64,
}

impl TextRanker {
    /// How many texts have changed so far: what is read from the file after this is remembered only
    /// if no other has.
    pub(super) fn changes(&self) -> u64 {
        self.0.read().changes
    }

    /// Forgets everything, for every text may have changed.
    pub(super) fn texts_changed(&self) {
        let mut memory = self.0.write();
        *memory = Memory { changes: memory.changes + 1, ..Memory::default() };
    }

    /// Forgets what the change or loss of a text may have changed.
    pub(super) fn text_changed(&self, id: ItemId) {
        let mut memory = self.0.write();
        memory.changes += 1;
        memory.common.clear();
        if let Some(length) = place(id).and_then(|place| memory.lengths.get_mut(place)) {
            *length = 0;
        }
    }

    /// The items that hold one of the rarest of `words`, of which as many are taken as is
    /// affordable; those that hold all of them where even the rarest is common. The best first,
    /// equal ones by number. `connection` is in a transaction that began after so many `changes`.
    pub(super) fn rank(
        &self,
        connection: &Connection,
        words: &[String],
        changes: u64,
    ) -> rusqlite::Result<Vec<Ranked>> {
        let counted = self.count(connection, words, changes)?;
        let mut total = 0;
        let affordable = counted.iter().take_while(|(rows, _)| {
            total += rows;
            total <= ROWS_MAX
        });
        let mut ranked = match affordable.count() {
            0 => holding_all(connection, &counted)?,
            count => {
                let chosen = counted.iter().take(count);
                let found = chosen.map(|(_, word)| occurrences(connection, word));
                self.scores(connection, &found.collect::<rusqlite::Result<Vec<_>>>()?, changes)?
            }
        };
        ranked.sort_unstable_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
        Ok(ranked)
    }

    /// How many items hold each word, the rarest first, without words that none holds. Of a common
    /// one it is only said that they are too many.
    fn count<'w>(
        &self,
        connection: &Connection,
        words: &'w [String],
        changes: u64,
    ) -> rusqlite::Result<Vec<(i64, &'w str)>> {
        let mut statement = connection.prepare_cached(queries::COUNT_TERM)?;
        let mut counted = Vec::with_capacity(words.len());
        for word in words {
            if self.0.read().common.contains(word) {
                counted.push((ROWS_MAX + 1, word.as_str()));
                continue;
            }
            let rows: Option<i64> = statement.query_row([word], |row| row.get(0)).optional()?;
            if rows.is_some_and(|rows| rows > ROWS_MAX) {
                let mut memory = self.0.write();
                if memory.changes == changes && memory.common.len() < COMMON_MAX {
                    memory.common.insert(word.clone());
                }
            }
            counted.extend(rows.map(|rows| (rows, word.as_str())));
        }
        counted.sort_unstable();
        Ok(counted)
    }

    /// BM25 of all items of `found`, which holds a list for each word.
    fn scores(
        &self,
        connection: &Connection,
        found: &[Vec<Occurrence>],
        changes: u64,
    ) -> rusqlite::Result<Vec<Ranked>> {
        let totals = Totals::read(connection)?;
        let mut scores = FxHashMap::<ItemId, f64>::default();
        for occurrences in found {
            let idf = totals.idf(occurrences.len());
            let lengths = self.lengths(connection, occurrences, changes)?;
            for (Occurrence { id, weight }, length) in occurrences.iter().zip(lengths) {
                // A text without a length was deleted.
                if length > 0 {
                    *scores.entry(*id).or_default() += idf * totals.saturated(*weight, length);
                }
            }
        }
        Ok(scores.into_iter().collect())
    }

    /// How many terms the text of each item has; 0 where there is no text.
    fn lengths(
        &self,
        connection: &Connection,
        occurrences: &[Occurrence],
        changes: u64,
    ) -> rusqlite::Result<Vec<u32>> {
        let mut lengths: Vec<u32> = {
            let memory = self.0.read();
            let known = |one: &Occurrence| place(one.id).and_then(|at| memory.lengths.get(at));
            occurrences.iter().map(|one| known(one).copied().unwrap_or_default()).collect()
        };
        let mut read = Vec::new();
        let mut statement = connection.prepare_cached(queries::LENGTH)?;
        for (length, one) in lengths.iter_mut().zip(occurrences).filter(|(known, _)| **known == 0) {
            let columns = statement.query_row([one.id.get()], |row| row.get::<_, Vec<u8>>(0));
            *length = columns.optional()?.map_or(0, |columns| totals::length(&columns));
            read.push((one.id, *length));
        }
        if !read.is_empty() {
            self.remember(&read, changes);
        }
        Ok(lengths)
    }

    fn remember(&self, lengths: &[(ItemId, u32)], changes: u64) {
        let mut memory = self.0.write();
        if memory.changes != changes {
            return;
        }
        for (id, length) in lengths {
            let Some(place) = place(*id) else { continue };
            if memory.lengths.len() <= place {
                memory.lengths.resize(place + 1, 0);
            }
            memory.lengths[place] = *length;
        }
    }
}

fn place(id: ItemId) -> Option<usize> {
    usize::try_from(id.get()).ok()
}

/// The items that hold a word, by number.
fn occurrences(connection: &Connection, word: &str) -> rusqlite::Result<Vec<Occurrence>> {
    let mut statement = connection.prepare_cached(queries::POSTINGS)?;
    let mut rows = statement.query([word])?;
    let mut found: Vec<Occurrence> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = ItemId::new(row.get(0)?);
        let weight = if row.get_ref(1)?.as_str()? == "title" { TITLE_WEIGHT } else { 1.0 };
        match found.last_mut() {
            Some(last) if last.id == id => last.weight += weight,
            _ => found.push(Occurrence { id, weight }),
        }
    }
    Ok(found)
}

/// The items that hold all of the words, as FTS5 ranks them.
fn holding_all(connection: &Connection, words: &[(i64, &str)]) -> rusqlite::Result<Vec<Ranked>> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    // Terms hold letters and digits alone, so quotes cannot occur in them.
    let quoted: Vec<String> = words.iter().map(|(_, word)| format!("\"{word}\"")).collect();
    let mut statement = connection.prepare_cached(queries::MATCH)?;
    let rows = statement.query_map([quoted.join(" AND ")], |row| {
        // FTS5's rank is BM25 with its sign turned.
        Ok((ItemId::new(row.get(0)?), -row.get::<_, f64>(1)?))
    })?;
    rows.collect()
}
