//! Files of known content, and where they come from.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fs_err::File;
use zip::ZipArchive;

use crate::manifest::Entry;
use crate::{Error, FileDigest, files};

/// A file of which only one content will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: FileDigest,
}

/// Where files are installed from. Bringing it to this machine is the caller's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder that holds the files, at any depth.
    Folder(PathBuf),
    /// A wheel or another zip archive that holds them, at any depth.
    Archive(PathBuf),
}

impl Source {
    /// The folder or archive.
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Archive(path) => path,
        }
    }
}

impl PinnedFile {
    pub(crate) fn entry(&self) -> Entry {
        Entry { bytes: self.bytes, sha256: self.sha256 }
    }

    /// Whether the file in `directory` is there and is the one.
    pub(crate) fn is_in(&self, directory: &Path) -> Result<bool, Error> {
        let path = directory.join(&self.name);
        match fs_err::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::file("look for an installed file")(error)),
            Ok(metadata) if metadata.len() != self.bytes => Ok(false),
            Ok(_) => {
                let found = files::digest(&path).map_err(Error::file("read an installed file"))?;
                Ok(found == self.entry())
            }
        }
    }

    /// Brings the file from `source` into `directory`. In the source there may be other files of the
    /// same name: length and digest tell.
    pub(crate) fn install(&self, source: &Source, directory: &Path) -> Result<(), Error> {
        let is_placed = match source {
            Source::Folder(folder) => self.install_from_folder(folder, directory),
            Source::Archive(archive) => self.install_from_archive(archive, directory),
        };
        if is_placed.map_err(Error::file("install a file"))? {
            return Ok(());
        }
        let source_path = source.path().to_owned();
        Err(Error::NotInSource { source_path, name: self.name.clone() })
    }

    fn install_from_folder(&self, folder: &Path, directory: &Path) -> io::Result<bool> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for found in fs_err::read_dir(folder)? {
                let found = found?;
                if found.file_type()?.is_dir() {
                    folders.push(found.path());
                } else if found.file_name().to_str() == Some(&self.name)
                    && self.place(&mut File::open(found.path())?, directory)?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn install_from_archive(&self, archive: &Path, directory: &Path) -> io::Result<bool> {
        let mut archive = ZipArchive::new(File::open(archive)?)?;
        for index in 0..archive.len() {
            let mut found = archive.by_index(index)?;
            let name = found.name().rsplit('/').next();
            let is_it = name == Some(&self.name) && found.size() == self.bytes;
            if is_it && self.place(&mut found, directory)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Copies what `reader` gives; not a byte more than the file has, whatever an archive says.
    fn place(&self, reader: &mut dyn Read, directory: &Path) -> io::Result<bool> {
        let copy =
            |writer: &mut dyn Write| io::copy(&mut reader.take(self.bytes), writer).map(drop);
        let placed = files::place(directory, &self.name, copy, |found| *found == self.entry())?;
        Ok(placed.is_some())
    }
}
