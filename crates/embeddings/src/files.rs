//! Writing files so that a name only ever stands for a whole one.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use fs_err::File;
use sha2::{Digest, Sha256};

use crate::manifest::Entry;
use crate::{Error, FileDigest};

/// Held while a directory is written to.
const LOCK: &str = "install.lock";

/// Makes `directory` where it is not there and waits until nobody else installs into it.
pub(crate) fn lock(directory: &Path) -> Result<File, Error> {
    let lock = || {
        fs_err::create_dir_all(directory)?;
        let lock = File::create(directory.join(LOCK))?;
        lock.lock()?;
        Ok(lock)
    };
    lock().map_err(Error::file("lock the directory"))
}

/// Writes a file under a name of its own, brings it to the disk, and gives it its `name` if `accept`
/// likes what was written; `None` where it does not.
///
/// Whoever calls it holds the directory's lock, so the name of its own is free.
pub(crate) fn place(
    directory: &Path,
    name: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    accept: impl FnOnce(&Entry) -> bool,
) -> io::Result<Option<Entry>> {
    let partial = directory.join(format!("{name}.partial"));
    let mut writer = Hashing::new(BufWriter::new(File::create(&partial)?));
    write(&mut writer)?;
    let (writer, entry) = writer.finish();
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    if !accept(&entry) {
        drop(file);
        fs_err::remove_file(&partial)?;
        return Ok(None);
    }
    file.sync_all()?;
    drop(file);
    fs_err::rename(&partial, directory.join(name))?;
    sync_directory(directory)?;
    Ok(Some(entry))
}

/// Makes the names in `directory` survive a power loss.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Length and digest of a file.
pub(crate) fn digest(path: &Path) -> io::Result<Entry> {
    let mut hashing = Hashing::new(io::sink());
    io::copy(&mut File::open(path)?, &mut hashing)?;
    Ok(hashing.finish().1)
}

/// A file's bytes, with their length and digest.
pub(crate) fn read(path: &Path) -> io::Result<(Vec<u8>, Entry)> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    let sha256 = FileDigest::new(Sha256::digest(&bytes).into());
    let entry = Entry { bytes: bytes.len() as u64, sha256 };
    Ok((bytes, entry))
}

/// Takes the digest of what passes through.
struct Hashing<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> (W, Entry) {
        let sha256 = FileDigest::new(self.hasher.finalize().into());
        (self.inner, Entry { bytes: self.bytes, sha256 })
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
