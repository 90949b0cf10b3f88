//! What the exact index costs: `recall FILE DIMENSION QUERIES THREADS`.
//!
//! FILE holds little-endian f32 rows, of which the last QUERIES are searched for among the others.
//! Row `i` is in project `i % 20`; the filtered search for query `j` is in project `j % 20`, which
//! is 5 % of the rows. Prints one JSON object; `cargo xtask bench --vectors` shows it beside others.

use std::fs::File;
use std::io::{BufReader, Read};
use std::time::Duration;

use forebay_vectors::{Dimension, Filter, FlatIndex, Kind, Neighbor, Point, PointId, VectorIndex};
use rayon::ThreadPoolBuilder;
use serde_json::{Value, json};
use types::{Clock, ProjectId, TenantId};

type AnyError = Box<dyn std::error::Error>;

/// Parts of all rows that a filtered search looks at one of.
const PROJECTS: usize = 20;
const NEAREST: usize = 10;
const BATCH: usize = 256;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, dimension, queries, threads] = arguments.as_slice() else {
        return Err("usage: recall FILE DIMENSION QUERIES THREADS".into());
    };
    ThreadPoolBuilder::new().num_threads(threads.parse()?).build_global()?;
    let dimension: usize = dimension.parse()?;
    let queries: usize = queries.parse()?;
    let all = usize::try_from(fs_err::metadata(file)?.len())? / (4 * dimension);
    let rows = all.checked_sub(queries).ok_or("more queries than rows")?;

    let clock = Clock::system();
    let mut file = BufReader::new(fs_err::File::open(file)?.into_file());
    let index = FlatIndex::new(Dimension::new(dimension)?);
    let before = resident_bytes()?;
    let mut inserting = Duration::ZERO;
    let mut inserted = 0;
    while inserted < rows {
        let count = BATCH.min(rows - inserted);
        let points = (inserted..inserted + count)
            .map(|id| point(id, read_row(&mut file, dimension)?))
            .collect::<Result<Vec<_>, AnyError>>()?;
        let began = clock.monotonic();
        index.upsert(&points)?;
        inserting += clock.monotonic() - began;
        inserted += count;
    }
    let bytes = resident_bytes()?.saturating_sub(before);
    let queries = (0..queries)
        .map(|_| read_row(&mut file, dimension))
        .collect::<Result<Vec<_>, AnyError>>()?;
    let everything = Filter::of(tenant()?);
    let plain = searches(&index, &clock, &queries, |_| Ok(everything.clone()))?;
    let filtered = searches(&index, &clock, &queries, |number| {
        Ok(everything.clone().with_projects([project(number)?]))
    })?;
    let found = json!({
        "rows": rows, "bytes": bytes, "insert_seconds": inserting.as_secs_f64(),
        "plain": plain, "filtered": filtered,
    });
    #[expect(clippy::print_stdout, reason = "it is what the example is for")]
    {
        println!("{found}");
    }
    Ok(())
}

/// The seconds of every search, and what it found.
fn searches(
    index: &FlatIndex,
    clock: &Clock,
    queries: &[Vec<f32>],
    filter: impl Fn(usize) -> Result<Filter, AnyError>,
) -> Result<Value, AnyError> {
    let (mut seconds, mut found) = (Vec::new(), Vec::new());
    for (number, query) in queries.iter().enumerate() {
        let filter = filter(number)?;
        let began = clock.monotonic();
        let nearest = index.search(query, NEAREST, &filter)?;
        seconds.push((clock.monotonic() - began).as_secs_f64());
        let ids: Vec<u64> = nearest.iter().map(|Neighbor { id, .. }| id.get()).collect();
        found.push(ids);
    }
    Ok(json!({ "seconds": seconds, "found": found }))
}

fn read_row(file: &mut BufReader<File>, dimension: usize) -> Result<Vec<f32>, AnyError> {
    let mut bytes = vec![0; 4 * dimension];
    file.read_exact(&mut bytes)?;
    Ok(bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes).collect())
}

fn point(id: usize, vector: Vec<f32>) -> Result<Point, AnyError> {
    Ok(Point {
        id: PointId::new(u64::try_from(id)?),
        tenant: tenant()?,
        project: Some(project(id)?),
        kind: Kind::new("sentence")?,
        vector,
    })
}

fn tenant() -> Result<TenantId, types::Error> {
    TenantId::new("acme")
}

fn project(number: usize) -> Result<ProjectId, types::Error> {
    ProjectId::new(&format!("project-{}", number % PROJECTS))
}

/// What of this process is in memory, from `/proc/self/status`.
fn resident_bytes() -> Result<u64, AnyError> {
    let status = fs_err::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}
