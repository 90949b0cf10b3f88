//! A model of what a disk keeps.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Unsynced;

/// A disk writes a sector whole or not at all.
const SECTOR_BYTES: usize = 512;

/// The files that were opened, by path.
#[derive(Debug, Default)]
pub(super) struct Disk {
    files: BTreeMap<PathBuf, File>,
}

#[derive(Debug, Default)]
struct File {
    /// What is on the disk for certain; none where the file is not.
    kept: Option<Vec<u8>>,
    /// What has happened since, oldest first, and may be on the disk or not.
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
    Delete,
}

impl Disk {
    /// A file is opened; what is in one that was not seen before counts as synced.
    pub(super) fn open(&mut self, path: &Path, content: impl FnOnce() -> Option<Vec<u8>>) {
        if !self.files.contains_key(path) {
            let file = File { kept: content(), unsynced: Vec::new() };
            self.files.insert(path.to_owned(), file);
        }
    }

    pub(super) fn write(&mut self, path: &Path, offset: usize, bytes: &[u8]) {
        self.push(path, Change::Write { offset, bytes: bytes.to_vec() });
    }

    pub(super) fn truncate(&mut self, path: &Path, length: usize) {
        self.push(path, Change::Truncate { length });
    }

    pub(super) fn delete(&mut self, path: &Path, is_synced: bool) {
        self.push(path, Change::Delete);
        if is_synced {
            self.sync(path);
        }
    }

    /// The first sync of a new log or journal syncs the folder too, in SQLite's layer for Unix.
    pub(super) fn sync(&mut self, path: &Path) {
        let Some(file) = self.files.get_mut(path) else { return };
        let is_new = file.kept.is_none();
        for change in file.unsynced.drain(..) {
            change.apply(&mut file.kept);
        }
        if is_new {
            self.files.values_mut().for_each(File::sync_name);
        }
    }

    /// What could not be synced will never be.
    pub(super) fn fail_sync(&mut self, path: &Path) {
        if let Some(file) = self.files.get_mut(path) {
            file.unsynced.clear();
        }
    }

    /// Writes what is left.
    pub(super) fn image(&self, folder: &Path, unsynced: Unsynced) -> io::Result<()> {
        let mut coin = match unsynced {
            Unsynced::Lost => None,
            Unsynced::Torn { seed } => Some(Coin(seed)),
        };
        for (path, file) in &self.files {
            let mut content = file.kept.clone();
            if let Some(coin) = &mut coin {
                for change in file.unsynced.iter().flat_map(Change::sectors) {
                    if coin.toss() {
                        change.apply(&mut content);
                    }
                }
            }
            if let (Some(content), Some(name)) = (content, path.file_name()) {
                fs_err::write(folder.join(name), content)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, path: &Path, change: Change) {
        self.files.entry(path.to_owned()).or_default().unsynced.push(change);
    }
}

impl File {
    /// Makes the last deletion durable.
    fn sync_name(&mut self) {
        let is_deletion = |change: &Change| matches!(change, Change::Delete);
        if let Some(last) = self.unsynced.iter().rposition(is_deletion) {
            self.unsynced.drain(..=last);
            self.kept = None;
        }
    }
}

impl Change {
    fn apply(self, content: &mut Option<Vec<u8>>) {
        match self {
            Self::Write { offset, bytes } => {
                let content = content.get_or_insert_default();
                content.resize(content.len().max(offset), 0);
                let (over, after) = bytes.split_at(bytes.len().min(content.len() - offset));
                content[offset..offset + over.len()].copy_from_slice(over);
                content.extend_from_slice(after);
            }
            Self::Truncate { length } => content.get_or_insert_default().resize(length, 0),
            Self::Delete => *content = None,
        }
    }

    /// The parts that reach the disk independently of each other.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write { offset, bytes } = self else { return vec![self.clone()] };
        let mut parts = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let room = SECTOR_BYTES - (offset + start) % SECTOR_BYTES;
            let end = bytes.len().min(start + room);
            parts.push(Self::Write { offset: offset + start, bytes: bytes[start..end].to_vec() });
            start = end;
        }
        parts
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014), one bit at a time.
struct Coin(u64);

impl Coin {
    fn toss(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with a file of 2,000 `a`, of which the first 1,500 were overwritten with `b` since.
    fn overwritten() -> Disk {
        let mut disk = Disk::default();
        disk.open(Path::new("/x/file"), || Some(vec![b'a'; 2_000]));
        disk.write(Path::new("/x/file"), 0, &[b'b'; 1_500]);
        disk
    }

    fn left(disk: &Disk, unsynced: Unsynced) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        disk.image(folder.path(), unsynced).unwrap();
        fs_err::read(folder.path().join("file")).ok()
    }

    #[test]
    fn only_what_was_synced_is_certain() {
        let mut disk = overwritten();
        assert_eq!(left(&disk, Unsynced::Lost), Some(vec![b'a'; 2_000]));
        disk.sync(Path::new("/x/file"));
        let expected = [vec![b'b'; 1_500], vec![b'a'; 500]].concat();
        assert_eq!(left(&disk, Unsynced::Lost), Some(expected));
    }

    #[test]
    fn any_sectors_of_the_rest_may_be_there() {
        let disk = overwritten();
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..64 {
            let content = left(&disk, Unsynced::Torn { seed }).unwrap();
            assert_eq!(left(&disk, Unsynced::Torn { seed }).unwrap(), content, "the seed decides");
            let sectors: Vec<u8> = [0, 512, 1_024].map(|start| content[start]).to_vec();
            for (sector, kind) in content[..1_500].chunks(512).zip(&sectors) {
                assert!(sector.iter().all(|byte| byte == kind), "a sector is whole or not there");
            }
            seen.insert(sectors);
        }
        assert_eq!(seen.len(), 8, "every combination of three sectors");
    }

    #[test]
    fn what_a_failed_sync_was_for_never_comes_back() {
        let mut disk = overwritten();
        disk.fail_sync(Path::new("/x/file"));
        disk.sync(Path::new("/x/file"));
        assert_eq!(left(&disk, Unsynced::Lost), Some(vec![b'a'; 2_000]));
    }

    #[test]
    fn a_deletion_counts_once_the_folder_is_synced() {
        let mut disk = overwritten();
        disk.delete(Path::new("/x/file"), false);
        assert!(left(&disk, Unsynced::Lost).is_some());
        disk.open(Path::new("/x/log"), || None);
        disk.write(Path::new("/x/log"), 0, b"new");
        disk.sync(Path::new("/x/log"));
        assert!(left(&disk, Unsynced::Lost).is_none());
    }
}
