//! One document that is still to be read.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;

use analysis::Format;
use serde::Serialize;

use crate::Error;

/// One document that is still to be read.
#[derive(Debug)]
pub struct Task {
    /// Where it comes from.
    pub origin: Origin,
    /// What it is written in.
    pub format: Format,
    /// Where its bytes are.
    pub content: Content,
}

/// Where a document comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The file as it was named, with `/` between folders; `stdin` for standard input.
    pub path: String,
    /// The line of a JSONL corpus, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The id that the row gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Where the bytes of a document are.
pub enum Content {
    /// In a file, which a worker reads.
    File(PathBuf),
    /// At the end of a stream.
    Stream(Box<dyn Read + Send>),
    /// Here.
    Bytes(Vec<u8>),
    /// Nowhere.
    Failed(Error),
}

impl Origin {
    /// The origin of a whole file.
    pub fn file(path: &std::path::Path) -> Self {
        let path = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let path = path.strip_prefix("./").map_or(path.clone(), str::to_owned);
        Self { path, row: None, id: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        self.row.map_or(Ok(()), |row| write!(f, ":{row}"))
    }
}

impl Content {
    /// Bytes that are held in memory already.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::File(_) | Self::Stream(_) | Self::Failed(_) => 0,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Stream(_) => f.write_str("Stream"),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
