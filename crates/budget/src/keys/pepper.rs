//! The secret that keys are hashed with.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt;
use fs_err::{File, OpenOptions};
use secrecy::zeroize::Zeroizing;

use super::credential::Hash;
use crate::Error;

const FILE: &str = "pepper";
const BYTES: usize = 32;

/// 256 random bits that never leave their file and this process.
pub(super) struct Pepper(Zeroizing<[u8; BYTES]>);

impl Pepper {
    /// Reads the file, or makes it where no key needs the one that is lacking.
    pub(super) fn of(directory: &Path, may_create: bool) -> Result<Self, Error> {
        let path = directory.join(FILE);
        match read(&path) {
            Err(Error::Pepper { source: Some(source), .. })
                if may_create && source.kind() == io::ErrorKind::NotFound =>
            {
                create(directory, &path)
            }
            other => other,
        }
    }

    /// The hash of a whole credential.
    pub(super) fn hash(&self, credential: &str) -> Hash {
        Hash::new(*blake3::keyed_hash(&self.0, credential.as_bytes()).as_bytes())
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pepper(..)")
    }
}

fn read(path: &Path) -> Result<Pepper, Error> {
    let refuse = |advice| Err(Error::Pepper { path: path.to_owned(), advice, source: None });
    let unreadable = |source: io::Error| Error::Pepper {
        path: path.to_owned(),
        advice: "restore it from the backup that the ledger is from",
        source: Some(source),
    };
    let bytes = Zeroizing::new(fs_err::read(path).map_err(unreadable)?);
    let mode = fs_err::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        return refuse("others may read it: set its mode to 0600 and rotate all keys");
    }
    match <[u8; BYTES]>::try_from(bytes.as_slice()) {
        Ok(bytes) if bytes != [0; BYTES] => Ok(Pepper(Zeroizing::new(bytes))),
        _ => refuse("it must be 32 random bytes: restore it, or remove it together with all keys"),
    }
}

fn create(directory: &Path, path: &Path) -> Result<Pepper, Error> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    fill_random(&mut *bytes)?;
    write(directory, path, &*bytes).map_err(|source| Error::Pepper {
        path: path.to_owned(),
        advice: "make its directory writable",
        source: Some(source),
    })?;
    Ok(Pepper(bytes))
}

/// The file appears whole or not at all: a stop in between must not leave a short one behind.
fn write(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft: PathBuf = directory.join("pepper.new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs_err::rename(&draft, path)?;
    File::open(directory)?.sync_all()
}

/// Bytes from the system; without them nothing secret can be made.
pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|source| Error::Pepper {
        path: PathBuf::from("/dev/urandom"),
        advice: "the system gives no random numbers",
        source: Some(io::Error::other(source)),
    })
}
