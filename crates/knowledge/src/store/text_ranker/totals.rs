//! What BM25 knows of all texts together.

use rusqlite::{Connection, OptionalExtension};

use crate::schema::queries;

/// How soon more occurrences of a word add little, and how much long texts are held back. Source:
/// FTS5, `bm25()`, <https://sqlite.org/fts5.html#the_bm25_function>; the formulas below are its.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What a word that half of the texts hold still weighs. Source: as above.
const IDF_MIN: f64 = 1e-6;

/// How many texts there are, and how long they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Totals {
    texts: f64,
    /// Terms of a text in the mean.
    length: f64,
}

impl Totals {
    /// Reads what FTS5 keeps of its table.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached(queries::TOTALS)?;
        let record = statement.query_row([], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        let mut numbers = varints(record.as_deref().unwrap_or_default());
        let texts = numbers.next().unwrap_or_default() as f64;
        let terms = numbers.sum::<u64>() as f64;
        Ok(Self { texts, length: if terms > 0.0 { terms / texts } else { 1.0 } })
    }

    /// log((N − n + ½) / (n + ½)) for a word that n of the N texts hold.
    pub(super) fn idf(self, texts: usize) -> f64 {
        let texts = texts as f64;
        let idf = ((self.texts - texts + 0.5) / (texts + 0.5)).ln();
        if idf > 0.0 { idf } else { IDF_MIN }
    }

    /// f·(k₁ + 1) / (f + k₁·(1 − b + b·|D| / mean)) for a word that occurs f times in a text of
    /// |D| terms.
    pub(super) fn saturated(self, frequency: f64, length: u32) -> f64 {
        let norm = 1.0 - B + B * f64::from(length) / self.length;
        frequency * (K1 + 1.0) / (frequency + K1 * norm)
    }
}

/// The terms of a text, of whose columns FTS5 keeps the lengths.
pub(super) fn length(columns: &[u8]) -> u32 {
    u32::try_from(varints(columns).sum::<u64>()).unwrap_or(u32::MAX)
}

/// The numbers of a record: big-endian, seven bits a byte, all but the last with the high bit set.
/// Source: <https://sqlite.org/fileformat2.html#varint>; a ninth byte never occurs here.
fn varints(record: &[u8]) -> impl Iterator<Item = u64> {
    record
        .split_inclusive(|byte| byte & 0x80 == 0)
        .map(|bytes| bytes.iter().fold(0_u64, |number, byte| number << 7 | u64::from(byte & 0x7F)))
}
