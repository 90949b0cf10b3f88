//! The files that are learned from.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use fs_err::File;
use ignore::WalkBuilder;
use types::Timestamp;

use super::Unread;
use super::learn::modified;

/// Files that are taken from folders.
const EXTENSIONS: [&str; 9] =
    ["jsonl", "log", "markdown", "md", "mdx", "ndjson", "rst", "text", "txt"];

/// The files that can be learned from: `path` itself, or where it is a folder those in it that have a
/// known extension and are not ignored, in the order of their names.
pub fn learnable_files(path: &Path) -> impl Iterator<Item = Result<PathBuf, Unread>> {
    let files = WalkBuilder::new(path).sort_by_file_name(Ord::cmp).build();
    files.filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
            let is_taken = entry.depth() == 0 || is_learnable(entry.path());
            is_taken.then(|| Ok(entry.into_path()))
        }
        Ok(_) => None,
        Err(error) => {
            let name = path.display().to_string();
            Some(Err(Unread { name, reason: error.to_string() }))
        }
    })
}

fn is_learnable(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

/// A file, and when it was written.
pub(super) fn open(path: &Path) -> Result<(BufReader<File>, Timestamp), Unread> {
    let opened = File::open(path).and_then(|file| {
        let seen_at = modified(&file.metadata()?);
        Ok((BufReader::with_capacity(64 << 10, file), seen_at))
    });
    opened.map_err(|error| Unread { name: path.display().to_string(), reason: error.to_string() })
}
