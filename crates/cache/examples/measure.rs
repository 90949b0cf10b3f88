//! What the cache costs: making a key, memory, disk.
//!
//! `cargo run --release -p forebay-cache --example measure`

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use forebay_cache::{Cache, CacheSettings, Entry, Form, Key, KeyParts, key};
use serde_json::{Map, Value, json};
use types::{Clock, Microdollars, ModelId, ProviderId, RequestId, TenantId, TokenUsage};

type AnyError = Box<dyn std::error::Error>;

/// Entries in memory; fewer than its bound, because keys fall unevenly on the shards.
const IN_MEMORY: usize = 5_000;
const ON_DISK: usize = 50_000;
/// How often each entry in memory is read.
const ROUNDS: usize = 400;

fn main() -> Result<(), AnyError> {
    let clock = Clock::system();
    let mut out = std::io::stdout();
    let text = "Which pool holds the water in front of the turbines? ".repeat(20);
    let fields = json!({"messages": [{"role": "user", "content": text}], "temperature": 0});
    let fields = fields.as_object().cloned().unwrap_or_default();

    let keys = clock.monotonic();
    let keys_made: Vec<Key> =
        (0..).take(ON_DISK).map(|number| key_of(&fields, number)).collect::<Result<_, _>>()?;
    report(&mut out, "key of a 1 KiB request", ON_DISK, clock.monotonic() - keys)?;

    memory(&mut out, &clock, &keys_made)?;
    disk(&mut out, &clock, &keys_made)
}

fn memory(out: &mut impl Write, clock: &Clock, keys: &[Key]) -> Result<(), AnyError> {
    let cache = Cache::new(&CacheSettings::default(), None, clock.clone())?;
    for (number, key) in (0..).zip(&keys[..IN_MEMORY]) {
        cache.put(*key, entry(number, clock)?);
    }
    let all = IN_MEMORY * ROUNDS;
    let gets = || {
        let keys = keys[..IN_MEMORY].iter().cycle().take(all);
        keys.filter(|key| cache.get(key, None).is_some()).count()
    };
    let start = clock.monotonic();
    let found = gets();
    report(out, &format!("memory get, 1 thread ({found} found)"), all, clock.monotonic() - start)?;
    let start = clock.monotonic();
    std::thread::scope(|scope| {
        scope.spawn(gets);
        scope.spawn(gets);
    });
    report(out, "memory get, 2 threads", 2 * all, clock.monotonic() - start)?;
    Ok(())
}

fn disk(out: &mut impl Write, clock: &Clock, keys: &[Key]) -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cache.db");
    let settings = CacheSettings { l1_entries: 0, ..CacheSettings::default() };
    let cache = Cache::new(&settings, Some(Cache::open_file(&path)?), clock.clone())?;
    let entries: Vec<_> =
        (0..).take(ON_DISK).map(|number| entry(number, clock)).collect::<Result<_, _>>()?;
    let start = clock.monotonic();
    // Waits now and then, so that the queue drops nothing.
    for (keys, entries) in keys.chunks(2_000).zip(entries.chunks(2_000)) {
        keys.iter().zip(entries).for_each(|(key, entry)| cache.put(*key, Arc::clone(entry)));
        cache.flush();
    }
    report(out, "disk put, committed", ON_DISK, clock.monotonic() - start)?;
    let start = clock.monotonic();
    let found = keys.iter().filter(|key| cache.get(key, None).is_some()).count();
    report(out, &format!("disk get ({found} found)"), ON_DISK, clock.monotonic() - start)?;
    let statistics = cache.statistics().disk.unwrap_or_default();
    drop(cache);
    let file = fs_err::metadata(&path)?.len();
    writeln!(out, "rows {} bytes, file {file} bytes", statistics.bytes)?;
    Ok(())
}

fn key_of(fields: &Map<String, Value>, number: u64) -> Result<Key, AnyError> {
    let mut fields = fields.clone();
    fields.insert("seed".to_owned(), number.into());
    Ok(key(&KeyParts {
        tenant: &TenantId::new("acme")?,
        endpoint: "/v1/chat/completions",
        model: &ModelId::new("gpt-5-mini")?,
        fields: &fields,
        excluded: &["stream", "stream_options", "model"],
    }))
}

/// A streamed answer of about 2 KB in twelve frames.
fn entry(number: u64, clock: &Clock) -> Result<Arc<Entry>, AnyError> {
    let frame = |at: u64| {
        let words =
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(u32::try_from(at).unwrap_or(0));
        format!(
            "data: {{\"id\":\"chatcmpl-{number}\",\"object\":\"chat.completion.chunk\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{words:x} {words} {at}\"}}}}]}}\n\n"
        )
    };
    Ok(Arc::new(Entry {
        form: Form::Stream,
        frames: (0..12).map(|at| frame(at).into()).collect(),
        provider: ProviderId::new("openai")?,
        model: ModelId::new("gpt-5-mini")?,
        usage: TokenUsage::default(),
        cost: Microdollars::new(120),
        origin: RequestId::new(&format!("req-{number}"))?,
        stored_at: clock.now(),
    }))
}

fn report(out: &mut impl Write, what: &str, count: usize, took: Duration) -> std::io::Result<()> {
    let each = took.as_nanos() / count as u128;
    let rate = count as u128 * 1_000_000_000 / took.as_nanos().max(1);
    writeln!(out, "{what}: {each} ns each, {rate} per second")
}
