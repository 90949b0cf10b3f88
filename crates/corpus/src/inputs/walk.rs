//! From paths to files.

use std::io;
use std::path::{Path, PathBuf};

use analysis::Format;
use ignore::{DirEntry, WalkBuilder};

use crate::Error;

/// The extensions, in small letters, that are taken from folders; each also with `.gz` or `.zst`
/// behind it.
pub const DOCUMENT_EXTENSIONS: &[&str] = &[
    "htm", "html", "jsonl", "markdown", "md", "mdown", "mdx", "mkd", "ndjson", "rst", "text",
    "txt", "xhtml",
];

/// A file that was found.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Whether it was named itself rather than found in a folder.
    pub(super) is_named: bool,
    pub(super) is_standard_input: bool,
}

/// The file that `path` names, or the documents of the folder.
pub(super) fn files(path: &Path, with_code: bool) -> Box<dyn Iterator<Item = Result<File, Error>>> {
    let path = path.to_owned();
    let is_standard_input = path.as_os_str() == "-";
    if is_standard_input || !path.is_dir() {
        let file = File { path, is_named: true, is_standard_input };
        return Box::new(std::iter::once(Ok(file)));
    }
    let mut walk = WalkBuilder::new(&path);
    // The order of names, and ignore files outside of repositories too: what is analysed must not
    // depend on the machine.
    walk.sort_by_file_name(Ord::cmp).require_git(false).follow_links(false);
    Box::new(walk.build().filter_map(move |entry| document(entry, with_code)))
}

fn document(
    entry: Result<DirEntry, ignore::Error>,
    with_code: bool,
) -> Option<Result<File, Error>> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let source = io::Error::other(error);
            return Some(Err(Error::Read { source }));
        }
    };
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    let is_taken = is_file && is_document(entry.path(), with_code);
    let file = || File { path: entry.into_path(), is_named: false, is_standard_input: false };
    is_taken.then(|| Ok(file()))
}

fn is_document(path: &Path, with_code: bool) -> bool {
    let extension = extension(&super::inflate::strip(path));
    DOCUMENT_EXTENSIONS.contains(&extension.as_str())
        || (with_code && Format::of_extension(&extension) == Some(Format::Code))
}

/// The extension in small letters; empty where there is none.
pub(super) fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}
