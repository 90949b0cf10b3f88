//! Measures one engine: `throughput MODEL ENGINE PRECISION TEXTS [LIBRARY]` prints one JSON object.
//!
//! `ENGINE` is `rten` or `onnx_runtime`, `PRECISION` is `fp32` or `int8`, `TEXTS` is a file with a
//! JSON list of strings, `LIBRARY` is that of ONNX Runtime. A process measures one engine, because
//! its peak of memory is that of everything it ever did. `cargo xtask bench --embeddings` runs it
//! beside Python on the same files.
#![expect(clippy::print_stdout, reason = "it speaks to a terminal")]

use std::path::PathBuf;
use std::time::Duration;

use forebay_embeddings::{Embedder, EmbedderSettings, Error, ModelSpec, Pending};
use serde_json::{Value, json};
use types::{Clock, ModelId};

const SHORT: &str = "how do I reset the password of my account";
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;
/// Texts that one caller hands over at once.
const TEXTS_A_CALL: usize = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, engine, precision, texts, library @ ..] = arguments.as_slice() else {
        return Err("throughput MODEL ENGINE PRECISION TEXTS [LIBRARY]".into());
    };
    let texts: Vec<String> = serde_json::from_slice(&fs_err::read(texts)?)?;
    let spec = ModelSpec::known(&ModelId::new(ModelSpec::DEFAULT)?).ok_or("a known model")?;
    let model = spec.open(&PathBuf::from(directory))?;
    let settings = EmbedderSettings {
        engine: serde_json::from_value(json!(engine))?,
        precision: serde_json::from_value(json!(precision))?,
        onnx_runtime: library.first().map(PathBuf::from),
        ..EmbedderSettings::default()
    };
    let clock = Clock::system();
    let embedder = Embedder::start(&model, &settings, &clock)?;
    let started = status("VmRSS:")?;

    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..WARM_UP + ROUNDS {
        let began = clock.monotonic();
        embedder.embed_now(vec![SHORT.to_owned()])?;
        times.push(clock.monotonic().saturating_sub(began));
    }
    let mut times = times.split_off(WARM_UP);
    times.sort_unstable();

    let busy = processor_ticks()?;
    std::thread::sleep(Duration::from_secs(2));
    let idle_ticks = processor_ticks()? - busy;

    let (seconds, peak) = pass(&embedder, &texts, &clock)?;
    let (_, peak_after_more) = pass(&embedder, &texts[..texts.len() / 5], &clock)?;
    println!(
        "{}",
        json!({
            "threads": settings.threads.get(),
            "short_p50_ms": milliseconds(times[ROUNDS / 2]),
            "short_p95_ms": milliseconds(times[ROUNDS * 95 / 100]),
            "texts": texts.len(),
            "seconds": seconds.as_secs_f64(),
            "started_mb": started,
            "peak_mb": peak,
            "peak_after_more_mb": peak_after_more,
            "idle_ticks_in_2_s": idle_ticks,
        })
    );
    Ok(())
}

/// Embeds all of `texts`, a call ahead of what is computed; returns the time and the peak of memory.
fn pass(
    embedder: &Embedder,
    texts: &[String],
    clock: &Clock,
) -> Result<(Duration, Value), Box<dyn std::error::Error>> {
    let began = clock.monotonic();
    let mut embedded = 0;
    let mut before: Option<Pending> = None;
    for call in texts.chunks(TEXTS_A_CALL) {
        let next = embedder.embed(call.to_vec())?;
        embedded += before.replace(next).map_or(Ok(0), count)?;
    }
    embedded += before.map_or(Ok(0), count)?;
    assert_eq!(embedded, texts.len(), "every text has a vector");
    Ok((clock.monotonic().saturating_sub(began), status("VmHWM:")?))
}

fn count(pending: Pending) -> Result<usize, Error> {
    Ok(pending.wait()?.len())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A line of what the system says of this process, in megabytes; null where it does not.
fn status(name: &str) -> Result<Value, std::io::Error> {
    let status = fs_err::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kilobytes.map_or(Value::Null, |kilobytes| json!(kilobytes * 1_024.0 / 1e6)))
}

/// Processor time of all threads, in hundredths of a second.
fn processor_ticks() -> Result<u64, Box<dyn std::error::Error>> {
    let stat = fs_err::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').ok_or("the name is in brackets")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields.get(11..13).ok_or("user and system time")?;
    Ok(ticks[0].parse::<u64>()? + ticks[1].parse::<u64>()?)
}
