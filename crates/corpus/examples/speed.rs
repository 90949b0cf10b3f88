//! How fast documents are analysed: every distinct Markdown file below the given folders, held in
//! memory, analysed in full and by the screen (entropies and one dialect), by two threads and
//! without a cache. Prints one JSON object; `cargo xtask bench --analysis` shows it beside others.

use std::collections::HashSet;
use std::path::Path;

use analysis::{Analyzer, Format, Settings};
use forebay_corpus::{Content, Engine, Inputs, Origin, Task};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use serde_json::{Value, json};
use types::Clock;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The product is measured on so many cores.
const THREADS: usize = 2;
/// Each pass sees every document once; the median pass counts.
const PASSES: usize = 7;
/// Of the kernel's clock in which it counts processor time.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let documents = distinct_documents(std::env::args().skip(1))?;
    let bytes: usize = documents.iter().map(Vec::len).sum();
    // Rules are compiled once for many documents, so that is no part of a pass.
    let engine = Engine::new(analyzer()?, Clock::system()).with_jobs(THREADS);
    let full = measure(&documents, |documents| pass_in_full(&engine, documents))?;
    let (analyzer, pool) = (analyzer()?, ThreadPoolBuilder::new().num_threads(THREADS).build()?);
    let screen = measure(&documents, |documents| {
        Ok(pool.install(|| pass_through_screen(&analyzer, documents)))
    })?;
    let found = json!({
        "documents": documents.len(), "bytes": bytes, "threads": THREADS,
        "full": full, "screen": screen,
    });
    #[expect(clippy::print_stdout, reason = "it is what the example is for")]
    {
        println!("{found}");
    }
    Ok(())
}

fn distinct_documents(
    folders: impl Iterator<Item = String>,
) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let mut seen = HashSet::new();
    let mut documents = Vec::new();
    for folder in folders {
        for task in Inputs::new([Path::new(&folder)]).tasks() {
            let Content::File(path) = task.content else { continue };
            if task.format != Format::Markdown {
                continue;
            }
            let bytes = fs_err::read(path)?;
            if seen.insert(blake3::hash(&bytes)) {
                documents.push(bytes);
            }
        }
    }
    Ok(documents)
}

/// Runs all passes. A pass returns how many documents were fully analysed, which must be all.
fn measure(
    documents: &[Vec<u8>],
    pass: impl Fn(&[Vec<u8>]) -> Result<usize, Box<dyn std::error::Error>>,
) -> Result<Value, Box<dyn std::error::Error>> {
    let clock = Clock::system();
    let mut seconds = Vec::new();
    let before = processor_seconds()?;
    for _ in 0..PASSES {
        let began = clock.monotonic();
        let analysed = pass(documents)?;
        seconds.push((clock.monotonic() - began).as_secs_f64());
        if analysed != documents.len() {
            return Err(format!("{analysed} of {} were analysed", documents.len()).into());
        }
    }
    let processor = (processor_seconds()? - before) / PASSES as f64;
    seconds.sort_by(f64::total_cmp);
    let [fastest, median] = [0, PASSES / 2].map(|at| seconds.get(at).copied());
    Ok(json!({ "seconds": median, "fastest_seconds": fastest, "processor_seconds": processor }))
}

/// As `forebay analyze --no-cache` does it, near-duplicates included.
fn pass_in_full(
    engine: &Engine,
    documents: &[Vec<u8>],
) -> Result<usize, Box<dyn std::error::Error>> {
    let mut analysed = 0;
    let tasks = documents.iter().map(|bytes| Task {
        origin: Origin::default(),
        format: Format::Markdown,
        content: Content::Bytes(bytes.clone()),
    });
    engine.run(tasks, |outcome| {
        analysed += usize::from(outcome.found.is_ok());
        Ok(())
    })?;
    Ok(analysed)
}

fn pass_through_screen(analyzer: &Analyzer, documents: &[Vec<u8>]) -> usize {
    let is_screened = |bytes: &Vec<u8>| analyzer.screen(bytes, Format::Markdown).is_ok();
    documents.par_iter().filter(|bytes| is_screened(bytes)).count()
}

fn analyzer() -> Result<Analyzer, analysis::Error> {
    Analyzer::new(Settings::default(), Clock::system())
}

/// Processor time of this process and its threads, from `/proc/self/stat`.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = fs_err::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').ok_or("no such line")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = (ticks(11).ok_or("no user time")?, ticks(12).ok_or("no system time")?);
    Ok((user + system) / TICKS_PER_SECOND)
}
