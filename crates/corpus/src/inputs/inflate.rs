//! Decompression that knows when to stop.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use super::walk::extension;

/// Bytes that a compressed byte may become: text packs to a twentieth, rows that repeat to a
/// hundredth, bombs to a hundred-thousandth.
const EXPANSION_MAX: u64 = 2_000;
/// What any compressed file may become, however small it is.
const SMALL: u64 = 64 << 20;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstandard,
}

impl Compression {
    pub(super) fn of(path: &Path) -> Option<Self> {
        match extension(path).as_str() {
            "gz" => Some(Self::Gzip),
            "zst" => Some(Self::Zstandard),
            _ => None,
        }
    }
}

/// The path without the extension of a compression.
pub(super) fn strip(path: &Path) -> PathBuf {
    match Compression::of(path) {
        Some(_) => path.with_extension(""),
        None => path.to_owned(),
    }
}

/// What `reader`, which has `size` bytes, decompresses to.
pub(super) fn reader(
    reader: impl BufRead + Send + 'static,
    compression: Compression,
    size: u64,
) -> io::Result<Box<dyn Read + Send>> {
    let left = size.saturating_mul(EXPANSION_MAX).max(SMALL);
    Ok(match compression {
        Compression::Gzip => {
            Box::new(Bounded { inner: flate2::bufread::MultiGzDecoder::new(reader), left })
        }
        Compression::Zstandard => {
            Box::new(Bounded { inner: zstd::Decoder::with_buffer(reader)?, left })
        }
    })
}

/// Fails where more comes than any honest file holds.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                let reason = "it expands to more than 2000 times its size; decompress it yourself";
                return Err(io::Error::other(reason));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_ends_in_an_error() {
        let bomb = zstd::encode_all(io::repeat(0).take(SMALL + 1), 3).unwrap();
        assert!((bomb.len() as u64) < SMALL / EXPANSION_MAX);
        let size = bomb.len() as u64;
        let mut inflated = reader(io::Cursor::new(bomb), Compression::Zstandard, size).unwrap();
        let error = io::copy(&mut inflated, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("2000 times"), "{error}");
    }
}
