//! JSONL corpora: a document a line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use analysis::Format;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::{Content, Error, Origin, Task};

/// Where rows keep their text, most usual first.
const TEXT_FIELDS: [&str; 6] = ["text", "content", "raw_content", "document", "contents", "body"];
/// Where rows keep their id, most usual first.
const ID_FIELDS: [&str; 8] =
    ["id", "_id", "doc_id", "docid", "document_id", "uuid", "url", "warc_record_id"];
/// JSON may take six bytes for one of the text, and has fields beside it.
const ROW_BYTES_PER_BYTE: u64 = 6;
const ROW_BYTES_BESIDE: u64 = 1 << 20;

/// The rows of a corpus. Empty lines count but are no documents.
pub(super) struct Rows<R> {
    reader: BufReader<R>,
    origin: Origin,
    format: Format,
    bytes_max: u64,
    row: u64,
    is_done: bool,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(reader: R, origin: Origin, format: Format, bytes_max: u64) -> Self {
        let reader = BufReader::with_capacity(256 << 10, reader);
        Self { reader, origin, format, bytes_max, row: 0, is_done: false }
    }

    /// The next line without its end; none at the end of the corpus.
    fn line(&mut self) -> io::Result<Option<Line>> {
        let longest =
            self.bytes_max.saturating_mul(ROW_BYTES_PER_BYTE).saturating_add(ROW_BYTES_BESIDE);
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(longest).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.row += 1;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        } else if read as u64 == longest {
            drop(bytes);
            let skipped = self.reader.skip_until(b'\n')?;
            return Ok(Some(Line::TooLong(longest.saturating_add(skipped as u64))));
        }
        Ok(Some(Line::Whole(bytes)))
    }

    fn task(&self, id: Option<String>, content: Content) -> Task {
        let origin = Origin { row: Some(self.row), id, ..self.origin.clone() };
        Task { origin, format: self.format, content }
    }
}

enum Line {
    Whole(Vec<u8>),
    /// Its length.
    TooLong(u64),
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Task;

    fn next(&mut self) -> Option<Task> {
        while !self.is_done {
            match self.line() {
                Ok(None) => break,
                Ok(Some(Line::Whole(line))) if line.trim_ascii().is_empty() => {}
                Ok(Some(Line::Whole(line))) => {
                    let (id, content) = match document(&line) {
                        Ok((id, text)) => (id, Content::Bytes(text)),
                        Err(reason) => (None, Content::Failed(Error::Row { reason })),
                    };
                    return Some(self.task(id, content));
                }
                Ok(Some(Line::TooLong(bytes))) => {
                    let error = analysis::Error::TooLarge { bytes, limit: self.bytes_max };
                    return Some(self.task(None, Content::Failed(error.into())));
                }
                Err(source) => {
                    // What follows a broken block of a compressed file cannot be read.
                    self.is_done = true;
                    self.row += 1;
                    return Some(self.task(None, Content::Failed(Error::Read { source })));
                }
            }
        }
        self.is_done = true;
        None
    }
}

/// The id and the text of a row.
fn document(line: &[u8]) -> Result<(Option<String>, Vec<u8>), String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    // Bytes that are not UTF-8 are not JSON either, but the rest of the row still is a document.
    let line = String::from_utf8_lossy(line);
    let fields: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(&line).map_err(|error| format!("it is not a JSON object: {error}"))?;
    let id = ID_FIELDS.iter().find_map(|name| fields.get(*name).and_then(|value| id(value)));
    let text = TEXT_FIELDS
        .iter()
        .find_map(|name| serde_json::from_str::<TextBytes>(fields.get(*name)?.get()).ok());
    match text {
        Some(TextBytes(text)) => Ok((id, text)),
        None => Err(format!("it has no text in a field named {}", TEXT_FIELDS.join(", "))),
    }
}

/// A string or a number.
fn id(value: &RawValue) -> Option<String> {
    match serde_json::from_str(value.get()).ok()? {
        serde_json::Value::String(id) => Some(id),
        serde_json::Value::Number(id) => Some(id.to_string()),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }
}

/// A JSON string as bytes, since half of a surrogate pair may be escaped in it.
struct TextBytes(Vec<u8>);

impl<'de> Deserialize<'de> for TextBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringBytes;
        impl Visitor<'_> for StringBytes {
            type Value = TextBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<TextBytes, E> {
                Ok(TextBytes(bytes.to_owned()))
            }

            fn visit_str<E>(self, text: &str) -> Result<TextBytes, E> {
                Ok(TextBytes(text.as_bytes().to_owned()))
            }
        }
        deserializer.deserialize_bytes(StringBytes)
    }
}
