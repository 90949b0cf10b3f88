//! Small records that outlive the process, each in a place of its own.

use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::os::unix::fs::OpenOptionsExt;
use fs_err::{File, OpenOptions};
use parking_lot::Mutex;

use crate::{Error, Slot, files};

/// Divides the system's pages, so that a record lies in one of them.
const SLOT_BYTES: usize = 2_048;
/// The length of a record, and the first bytes of its BLAKE3 hash.
const LENGTH_BYTES: usize = 4;
const HASH_BYTES: usize = 16;
const HEAD_BYTES: usize = LENGTH_BYTES + HASH_BYTES;
const EMPTY: [u8; LENGTH_BYTES] = [0; LENGTH_BYTES];

/// A file of records beside a database. A record is a single write, without a transaction, a sync
/// or another thread: it outlives the death of the process when [`put`](Self::put) returns, and no
/// loss of power. The file is there only while it holds something.
#[derive(Debug)]
pub struct Slots {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<Arc<File>>,
    /// Places before `end` that are empty; the last is used first.
    free: Vec<u32>,
    end: u32,
}

impl Slots {
    /// The most bytes of a record.
    pub const RECORD_BYTES_MAX: usize = SLOT_BYTES - HEAD_BYTES;

    /// The file of this name, and the records that a process left there. They stay until
    /// [`clear`](Self::clear).
    ///
    /// # Errors
    /// [`Error::Io`] where there is a file and it cannot be read.
    pub fn open(path: &Path) -> Result<(Self, Vec<Vec<u8>>), Error> {
        let bytes = match fs_err::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| Error::io("read", path, source))?,
        };
        let records = bytes.chunks(SLOT_BYTES).filter_map(record).collect();
        Ok((Self { path: path.to_owned(), state: Mutex::default() }, records))
    }

    /// Forgets what was there when the file was opened. To be called before anything is put.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be removed.
    pub fn clear(&self) -> Result<(), Error> {
        files::remove(&self.path).map_err(self.failed("remove"))
    }

    /// Writes a record to an empty place.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Full`] where it is not written, or is larger than
    /// [`RECORD_BYTES_MAX`](Self::RECORD_BYTES_MAX).
    pub fn put(&self, record: &[u8]) -> Result<Slot, Error> {
        let (file, slot) = self.take()?;
        match self.write(&file, &slot, record) {
            Ok(()) => Ok(slot),
            Err(error) => {
                // The start of a record is no record, so the place is as empty as before.
                self.state.lock().free.push(slot.0);
                Err(error)
            }
        }
    }

    /// Empties a place.
    ///
    /// # Errors
    /// [`Error::Io`]: the record is still there, and the place is not used again.
    #[expect(clippy::needless_pass_by_value, reason = "what is emptied is no longer the caller's")]
    pub fn empty(&self, slot: Slot) -> Result<(), Error> {
        let file = self.state.lock().file.clone().ok_or(Error::Closed)?;
        file.file().write_all_at(&EMPTY, offset(&slot)).map_err(self.failed("write"))?;
        self.state.lock().free.push(slot.0);
        Ok(())
    }

    /// Removes the file where it holds nothing; the next record makes another one.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be removed.
    pub fn tidy(&self) -> Result<(), Error> {
        let mut state = self.state.lock();
        let is_empty = u32::try_from(state.free.len()) == Ok(state.end);
        if is_empty && std::mem::take(&mut *state).file.is_some() {
            return self.clear();
        }
        Ok(())
    }

    /// An empty place, and the file, which is made where it is lacking.
    fn take(&self) -> Result<(Arc<File>, Slot), Error> {
        let mut state = self.state.lock();
        let file = match &state.file {
            Some(file) => Arc::clone(file),
            None => {
                let mut options = OpenOptions::new();
                let made = options.write(true).create(true).truncate(true).mode(0o600);
                let file = made.open(&self.path).map_err(self.failed("open"))?;
                Arc::clone(state.file.insert(Arc::new(file)))
            }
        };
        let slot = state.free.pop().unwrap_or_else(|| {
            state.end += 1;
            state.end - 1
        });
        Ok((file, Slot(slot)))
    }

    fn write(&self, file: &File, slot: &Slot, record: &[u8]) -> Result<(), Error> {
        if record.len() > Self::RECORD_BYTES_MAX {
            return Err(self.failed("write")(io::ErrorKind::InvalidInput.into()));
        }
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Vec::with_capacity(HEAD_BYTES + record.len());
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&hash(record));
        bytes.extend_from_slice(record);
        file.file().write_all_at(&bytes, offset(slot)).map_err(self.failed("write"))
    }

    fn failed(&self, operation: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::io(operation, &self.path, source)
    }
}

fn offset(slot: &Slot) -> u64 {
    u64::from(slot.0) * SLOT_BYTES as u64
}

fn hash(record: &[u8]) -> [u8; HASH_BYTES] {
    let mut bytes = [0; HASH_BYTES];
    blake3::Hasher::new().update(record).finalize_xof().fill(&mut bytes);
    bytes
}

/// The record of one place, where there is a whole one.
fn record(place: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = place.split_first_chunk::<LENGTH_BYTES>()?;
    let (written, rest) = rest.split_first_chunk::<HASH_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let record = rest.get(..length).filter(|record| !record.is_empty())?;
    (hash(record) == *written).then(|| record.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(path: &Path) -> Vec<Vec<u8>> {
        let mut records = Slots::open(path).unwrap().1;
        records.sort();
        records
    }

    #[test]
    fn what_was_put_and_not_emptied_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.open");
        let (slots, records) = Slots::open(&path).unwrap();
        assert!(records.is_empty() && !path.exists());
        let large = vec![7; Slots::RECORD_BYTES_MAX];
        let [_one, two, _three] =
            [&b"one"[..], b"two, which is longer", &large].map(|record| slots.put(record).unwrap());
        assert_eq!(left(&path), [&large[..], b"one", b"two, which is longer"]);
        slots.empty(two).unwrap();
        assert_eq!(left(&path), [&large[..], b"one"]);
        // Its place is used again.
        assert_eq!(slots.put(b"four").unwrap(), Slot(1));
        assert_eq!(left(&path), [&large[..], b"four", b"one"]);
        assert!(slots.put(&vec![7; Slots::RECORD_BYTES_MAX + 1]).is_err());
        assert_eq!(left(&path).len(), 3);
    }

    #[test]
    fn a_file_that_holds_nothing_can_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.open");
        let (slots, _) = Slots::open(&path).unwrap();
        let slot = slots.put(b"one").unwrap();
        slots.tidy().unwrap();
        assert_eq!(left(&path), [b"one"]);
        slots.empty(slot).unwrap();
        slots.tidy().unwrap();
        assert!(!path.exists());
        let _slot = slots.put(b"two").unwrap();
        assert_eq!(left(&path), [b"two"]);
        Slots::open(&path).unwrap().0.clear().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_record_that_is_not_whole_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.open");
        let (slots, _) = Slots::open(&path).unwrap();
        let _slots = [b"one", b"two"].map(|record| slots.put(record).unwrap());
        let mut bytes = fs_err::read(&path).unwrap();
        bytes[HEAD_BYTES] ^= 1;
        fs_err::write(&path, &bytes).unwrap();
        assert_eq!(left(&path), [b"two"]);
        fs_err::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(left(&path).is_empty());
    }
}
