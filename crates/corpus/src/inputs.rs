//! What to analyse: files, folders, corpora, standard input.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use analysis::Format;

use crate::{Content, Error, Origin, Task};
use inflate::Compression;
use rows::Rows;

mod inflate;
mod rows;
#[cfg(test)]
mod tests;
mod walk;

pub use walk::DOCUMENT_EXTENSIONS;

/// Opens what makes up standard input.
type OpenStandardInput = Box<dyn Fn() -> Box<dyn Read + Send>>;

/// What to analyse.
///
/// A file that is named is always taken. Of a folder those files are taken whose extension is in
/// [`DOCUMENT_EXTENSIONS`], in the order of their names; hidden ones and those that ignore files
/// (`.gitignore`, `.ignore`) name are not. `.jsonl` and `.ndjson` are corpora with a document a
/// line; they and every other file may be compressed (`.gz`, `.zst`).
pub struct Inputs {
    paths: Vec<PathBuf>,
    format: Option<Format>,
    is_rows: bool,
    with_code: bool,
    bytes_max: u64,
    standard_input: OpenStandardInput,
}

impl Inputs {
    /// These files and folders; `-` is standard input.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            format: None,
            is_rows: false,
            with_code: false,
            bytes_max: analysis::Settings::default().document_bytes_max,
            standard_input: Box::new(|| Box::new(io::stdin())),
        }
    }

    /// Reads every document as `format`. Default: by extension, else plain text.
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Takes standard input and files that are named as JSONL, whatever their extension. Default:
    /// by extension.
    pub fn with_rows(mut self, is_rows: bool) -> Self {
        self.is_rows = is_rows;
        self
    }

    /// Takes source code from folders too. Default: only where it is named.
    pub fn with_code(mut self, with_code: bool) -> Self {
        self.with_code = with_code;
        self
    }

    /// Refuses rows of a corpus that are longer, in bytes. Default: 64 MiB.
    pub fn with_bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// Reads this in place of standard input.
    pub fn with_standard_input(
        mut self,
        open: impl Fn() -> Box<dyn Read + Send> + 'static,
    ) -> Self {
        self.standard_input = Box::new(open);
        self
    }

    /// How many files there are, a corpus and standard input being one each. Walks all folders.
    pub fn count_files(&self) -> u64 {
        self.files().count() as u64
    }

    /// The documents, one after the other, read as late as possible.
    pub fn tasks(&self) -> impl Iterator<Item = Task> {
        self.files().flat_map(|file| self.tasks_of(file))
    }

    fn files(&self) -> impl Iterator<Item = Result<walk::File, Error>> {
        self.paths.iter().flat_map(|path| walk::files(path, self.with_code))
    }

    fn tasks_of(&self, file: Result<walk::File, Error>) -> Tasks {
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                return Tasks::one(Origin::default(), Format::Plain, Content::Failed(error));
            }
        };
        let kind = Kind::of(&file.path);
        let is_rows = kind.is_rows || (self.is_rows && file.is_named);
        let format = self.format.or(kind.format).unwrap_or_default();
        let (origin, reader) = if file.is_standard_input {
            let origin = Origin { path: "stdin".to_owned(), ..Origin::default() };
            (origin, Content::Stream((self.standard_input)()))
        } else {
            (Origin::file(&file.path), Content::File(file.path))
        };
        if !is_rows {
            return Tasks::one(origin, format, reader);
        }
        match open_content(reader) {
            Ok(reader) => Tasks::Rows(Rows::new(reader, origin, format, self.bytes_max)),
            Err(source) => Tasks::one(origin, format, Content::Failed(Error::Read { source })),
        }
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("paths", &self.paths).finish_non_exhaustive()
    }
}

/// The documents of one file.
enum Tasks {
    One(Option<Task>),
    Rows(Rows<Box<dyn Read + Send>>),
}

impl Tasks {
    fn one(origin: Origin, format: Format, content: Content) -> Self {
        Self::One(Some(Task { origin, format, content }))
    }
}

impl Iterator for Tasks {
    type Item = Task;

    fn next(&mut self) -> Option<Task> {
        match self {
            Self::One(task) => task.take(),
            Self::Rows(rows) => rows.next(),
        }
    }
}

/// What the name of a file says of it.
struct Kind {
    format: Option<Format>,
    is_rows: bool,
}

impl Kind {
    fn of(path: &Path) -> Self {
        let extension = walk::extension(&inflate::strip(path));
        let is_rows = matches!(extension.as_str(), "jsonl" | "ndjson");
        Self { format: Format::of_extension(&extension), is_rows }
    }
}

fn open_content(content: Content) -> io::Result<Box<dyn Read + Send>> {
    match content {
        Content::File(path) => open(&path).map(|(reader, _)| reader),
        Content::Stream(reader) => Ok(reader),
        Content::Bytes(bytes) => Ok(Box::new(io::Cursor::new(bytes))),
        Content::Failed(_) => Ok(Box::new(io::empty())),
    }
}

/// Opens a file, decompressed by its extension, and tells its size on disk.
pub(crate) fn open(path: &Path) -> io::Result<(Box<dyn Read + Send>, u64)> {
    let file = fs_err::File::open(path)?;
    let size = file.metadata()?.len();
    Ok(match Compression::of(path) {
        None => (Box::new(file), size),
        Some(compression) => {
            (inflate::reader(BufReader::with_capacity(64 << 10, file), compression, size)?, size)
        }
    })
}
