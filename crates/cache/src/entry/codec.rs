//! An entry as bytes: a version, then fixed fields, then length-prefixed ones.
//!
//! All numbers are little-endian. `u32` lengths come before what they measure.
//!
//! ```text
//! value   = 0, payload                                raw
//!         | 1, payload length: u32, zstd of payload
//! payload = version: u8, form: u8, stored_at: u64, cost: u64, usage: 6 × u64,
//!           provider, model, origin: length, bytes; frames: count, (length, bytes) × count
//! ```

use std::io;

use bytes::Bytes;
use types::{Microdollars, Timestamp, TokenCount, TokenUsage};

use crate::{Entry, Form};

#[cfg(test)]
mod tests;

const VERSION: u8 = 1;
const RAW: u8 = 0;
const ZSTD: u8 = 1;
const ZSTD_LEVEL: i32 = 3;
/// Below this the tables that zstd makes take longer than all else that is done to keep an entry.
const COMPRESSED_FROM_BYTES: usize = 1024;
/// The most bytes a payload may have, so that a bad length cannot ask for the whole memory.
const MAX_PAYLOAD_BYTES: usize = 64 * 1024 * 1024;

/// Why bytes are not an entry. The checksum has been verified before, so this is another program's
/// row or a mistake of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Encodes entries; holds the compressor, whose set-up costs more than most entries.
pub(crate) struct Encoder {
    compressor: zstd::bulk::Compressor<'static>,
    payload: Vec<u8>,
}

impl Encoder {
    pub(crate) fn new() -> io::Result<Self> {
        let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
        Ok(Self { compressor, payload: Vec::new() })
    }

    /// The entry as bytes, or `None` where it is too large to be read again.
    pub(crate) fn encode(&mut self, entry: &Entry) -> Option<Vec<u8>> {
        self.payload.clear();
        write_payload(&mut self.payload, entry)?;
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return None;
        }
        if self.payload.len() >= COMPRESSED_FROM_BYTES
            && let Ok(compressed) = self.compressor.compress(&self.payload)
            && compressed.len() + 4 < self.payload.len()
        {
            let mut value = Vec::with_capacity(compressed.len() + 5);
            value.push(ZSTD);
            write_length(&mut value, self.payload.len())?;
            value.extend_from_slice(&compressed);
            return Some(value);
        }
        let mut value = Vec::with_capacity(self.payload.len() + 1);
        value.push(RAW);
        value.extend_from_slice(&self.payload);
        Some(value)
    }
}

/// Reads what [`Encoder::encode`] wrote.
pub(crate) fn decode(value: &[u8]) -> Result<Entry, Unreadable> {
    let (&how, rest) = value.split_first().ok_or(Unreadable)?;
    let payload = match how {
        RAW => Bytes::copy_from_slice(rest),
        ZSTD => {
            let mut head =
                Reader { rest: Bytes::copy_from_slice(rest.get(..4).ok_or(Unreadable)?) };
            let length = head.length()?;
            if length > MAX_PAYLOAD_BYTES {
                return Err(Unreadable);
            }
            let payload = zstd::bulk::decompress(&rest[4..], length).map_err(|_| Unreadable)?;
            if payload.len() != length {
                return Err(Unreadable);
            }
            Bytes::from(payload)
        }
        _ => return Err(Unreadable),
    };
    read_payload(payload)
}

fn write_payload(payload: &mut Vec<u8>, entry: &Entry) -> Option<()> {
    payload.push(VERSION);
    payload.push(match entry.form {
        Form::Stream => 0,
        Form::Complete => 1,
    });
    let usage = &entry.usage;
    let tokens = [
        usage.input,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.output,
        usage.reasoning,
    ];
    payload.extend_from_slice(&entry.stored_at.as_millis().to_le_bytes());
    payload.extend_from_slice(&entry.cost.get().to_le_bytes());
    for count in tokens {
        payload.extend_from_slice(&count.get().to_le_bytes());
    }
    for name in [entry.provider.as_str(), entry.model.as_str(), entry.origin.as_str()] {
        write_bytes(payload, name.as_bytes())?;
    }
    write_length(payload, entry.frames.len())?;
    entry.frames.iter().try_for_each(|frame| write_bytes(payload, frame))
}

fn write_length(into: &mut Vec<u8>, length: usize) -> Option<()> {
    into.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    Some(())
}

fn write_bytes(into: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    write_length(into, bytes.len())?;
    into.extend_from_slice(bytes);
    Some(())
}

fn read_payload(payload: Bytes) -> Result<Entry, Unreadable> {
    let mut reader = Reader { rest: payload };
    if reader.byte()? != VERSION {
        return Err(Unreadable);
    }
    let form = match reader.byte()? {
        0 => Form::Stream,
        1 => Form::Complete,
        _ => return Err(Unreadable),
    };
    let stored_at = Timestamp::from_millis(reader.number()?);
    let cost = Microdollars::new(reader.number()?);
    let usage = TokenUsage {
        input: reader.tokens()?,
        cache_read: reader.tokens()?,
        cache_write_5m: reader.tokens()?,
        cache_write_1h: reader.tokens()?,
        output: reader.tokens()?,
        reasoning: reader.tokens()?,
    };
    let provider = reader.name()?;
    let model = reader.name()?;
    let origin = reader.name()?;
    let count = reader.length()?;
    let frames = (0..count).map(|_| reader.bytes()).collect::<Result<Vec<_>, _>>()?;
    if !reader.rest.is_empty() {
        return Err(Unreadable);
    }
    Ok(Entry { form, frames, provider, model, usage, cost, origin, stored_at })
}

/// Takes fields off the front. Frames share the payload's allocation.
struct Reader {
    rest: Bytes,
}

impl Reader {
    fn take(&mut self, count: usize) -> Result<Bytes, Unreadable> {
        if count > self.rest.len() {
            return Err(Unreadable);
        }
        Ok(self.rest.split_to(count))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.take(N)?.as_ref().try_into().map_err(|_| Unreadable)
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        self.array().map(u64::from_le_bytes)
    }

    fn tokens(&mut self) -> Result<TokenCount, Unreadable> {
        self.number().map(TokenCount::new)
    }

    fn length(&mut self) -> Result<usize, Unreadable> {
        let length = u32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| Unreadable)
    }

    fn bytes(&mut self) -> Result<Bytes, Unreadable> {
        let length = self.length()?;
        self.take(length)
    }

    fn name<T: TryFrom<String>>(&mut self) -> Result<T, Unreadable> {
        let bytes = self.bytes()?.to_vec();
        let name = String::from_utf8(bytes).map_err(|_| Unreadable)?;
        T::try_from(name).map_err(|_| Unreadable)
    }
}
