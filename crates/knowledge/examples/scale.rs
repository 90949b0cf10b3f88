//! How long a search takes over many items, as one JSON object.
//!
//! ```sh
//! cargo run --release -p forebay-knowledge --example scale -- 100000 FOLDER
//! ```
//!
//! The items are paragraphs of the Markdown files below FOLDER (the registry's sources, say), taken
//! again with a number added where there are too few. Vectors are pseudo-random of 384 dimensions;
//! the near items of each query are drawn, as an index would deliver them: what is measured is the
//! store's part of a search, end to end, without embedding and without the vector scan.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a program that reports and may stop; its numbers are small"
)]

use std::path::Path;

use forebay_knowledge::{
    Candidate, Draft, Embedding, ItemId, Kind, Near, Query, Source, Store, Weights,
};
use types::{Clock, ModelId, ProjectId, TenantId, Timestamp};

const DIMENSIONS: usize = 384;
const QUERIES: usize = 1_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let mut paragraphs = Vec::new();
    collect(Path::new(&folder), &mut paragraphs);
    assert!(!paragraphs.is_empty(), "no Markdown below {folder}");
    let found = paragraphs.len();

    let clock = Clock::system();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("knowledge.db");
    let store = Store::open(&path, clock.clone()).unwrap();
    let tenant = TenantId::new("acme").unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let start = clock.monotonic();
    fill(&store, &tenant, &paragraphs, count, &mut random);
    let filled = clock.monotonic().saturating_sub(start).as_secs_f64();

    let mut cold = Times::default();
    let mut text_only = Times::default();
    let mut warm = Times::default();
    let weights = Weights::default();
    for _ in 0..QUERIES {
        let query = Query::new(random.question(&paragraphs));
        let near = random.near(count);
        let measure = |near: Option<&Near>, into: &mut Times| {
            let (start, start_cpu) = (clock.monotonic(), cpu_ms());
            let hits = store.search(&tenant, &query, near, &weights).unwrap();
            into.cpu.push(cpu_ms() - start_cpu);
            into.wall.push(clock.monotonic().saturating_sub(start).as_secs_f64() * 1e3);
            assert!(near.is_none() || !hits.is_empty());
        };
        measure(None, &mut text_only);
        measure(Some(&near), &mut cold);
        measure(Some(&near), &mut warm);
    }
    let report = serde_json::json!({
        "items": count,
        "paragraphs": found,
        "bytes": fs_err::metadata(&path).unwrap().len(),
        "fill_seconds": filled,
        "hybrid_ms": cold.report(),
        "text_only_ms": text_only.report(),
        "query_cache_ms": warm.report(),
    });
    println!("{report:#}");
    store.close().unwrap();
}

/// Paragraphs of 80 to 1,200 bytes of all Markdown files, in the order of their paths.
fn collect(folder: &Path, into: &mut Vec<String>) {
    let mut entries: Vec<_> =
        fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "md")
            && let Ok(text) = fs_err::read_to_string(&path)
        {
            let parts = text.split("\n\n").map(str::trim);
            into.extend(parts.filter(|part| (80..1_200).contains(&part.len())).map(str::to_owned));
        }
    }
}

fn fill(
    store: &Store,
    tenant: &TenantId,
    paragraphs: &[String],
    count: usize,
    random: &mut Random,
) {
    let mut batch = Vec::new();
    for number in 0..count {
        let paragraph = &paragraphs[number % paragraphs.len()];
        let seen_at = Timestamp::from_millis(1_700_000_000_000 + number as u64);
        let source = Source {
            name: format!("file {}", number % 5_000),
            line: 1,
            section: number.to_string(),
            seen_at,
        };
        let mut draft = Draft::new(format!("{paragraph} ({number})"), source);
        draft.kind = Kind::BUILT_IN[number % 11].clone();
        draft.project = Some(ProjectId::new(&format!("project-{}", number % 20)).unwrap());
        let embedding = Some(random.embedding());
        batch.push(Candidate { embedding, ..Candidate::plain(draft) });
        if batch.len() == 500 || number + 1 == count {
            store.add(tenant, std::mem::take(&mut batch)).unwrap();
        }
    }
}

/// Xorshift64: numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn embedding(&mut self) -> Embedding {
        let value = |number: u64| (number >> 40) as f32 / (1 << 24) as f32 - 0.5;
        let values = (0..DIMENSIONS).map(|_| value(self.next())).collect();
        Embedding::new(ModelId::new("random").unwrap(), values).unwrap()
    }

    /// Six words in a row of some paragraph.
    fn question(&mut self, paragraphs: &[String]) -> String {
        loop {
            let words: Vec<&str> =
                paragraphs[self.below(paragraphs.len())].split_whitespace().collect();
            if words.len() > 6 {
                let start = self.below(words.len() - 6);
                return words[start..start + 6].join(" ");
            }
        }
    }

    fn near(&mut self, count: usize) -> Near {
        let item = |rank: usize, at: usize| (ItemId::new(at as i64 + 1), 0.9 - rank as f32 * 0.004);
        let items = (0..100).map(|rank| item(rank, self.below(count))).collect();
        Near { embedding: self.embedding(), items, matched: Vec::new() }
    }
}

/// What searches took, in milliseconds: by the clock, and on the processor, which says more on a
/// machine that others use too.
#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    fn report(self) -> serde_json::Value {
        serde_json::json!({ "wall": spread(self.wall), "cpu": spread(self.cpu) })
    }
}

/// What this thread has used of a processor so far; 0 where the system does not tell.
fn cpu_ms() -> f64 {
    let text = fs_err::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e6
}

fn spread(mut values: Vec<f64>) -> serde_json::Value {
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| values[(values.len() - 1) * percent / 100];
    serde_json::json!({ "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100) })
}
