//! How fast and how exact the vector index is, beside faiss and usearch on the same vectors.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{process, python, workspace};

const P95_GOAL_MS: f64 = 2.0;
const RECALL_GOAL: f64 = 0.999;
const INT8_MB_GOAL: f64 = 45.0;
const DIMENSION: f64 = 384.0;
/// Ours, as the script names it; the others are compared with it.
const OURS: &str = "forebay, 1 thread";

/// What the script prints of each index.
#[derive(Deserialize)]
struct Figures {
    rows: f64,
    insert_seconds: f64,
    bytes: f64,
    plain: Searches,
    /// Where the index can search a part of its rows.
    filtered: Option<Searches>,
}

#[derive(Deserialize)]
struct Searches {
    mean_seconds: f64,
    p50_seconds: f64,
    p95_seconds: f64,
    recall: f64,
}

/// Measures on embeddings of the sentences in the packages that cargo has fetched, made once with the
/// model in the folder `model` and kept below `target`.
pub(super) fn run(target: &Path, model: &Path) -> Result<()> {
    let build = ["build", "--release", "--locked", "--package", "forebay-vectors", "--examples"];
    process::run(&mut process::cargo(build))?;
    let python = python::environment("vectors", target)?;
    let scripts = workspace::root().join("tests/vectors");
    let vectors = target.join("vectors").join("sentences.f32");
    if !vectors.exists() {
        println!("embedding 101,000 sentences; this takes some minutes, once");
        let mut generate = Command::new(&python);
        generate.arg(scripts.join("generate.py")).arg(super::packages()?).arg(model);
        process::run(generate.arg(&vectors))?;
    }
    let example = target.join("release").join("examples").join("recall");
    let mut speed = Command::new(python);
    let printed = process::output(speed.arg(scripts.join("speed.py")).arg(example).arg(vectors))?;
    let found: BTreeMap<String, Figures> = serde_json::from_str(&printed)
        .with_context(|| format!("not what was expected: {printed}"))?;
    print(&found)
}

fn print(found: &BTreeMap<String, Figures>) -> Result<()> {
    let ours = found.get(OURS).context("the script measures this crate")?;
    println!("{:.0} rows of {DIMENSION} dimensions, 10 nearest, one query at a time", ours.rows);
    for (name, figures) in found {
        let inserted = figures.rows / figures.insert_seconds;
        println!("{name:<20} {inserted:>8.0} inserts/s {:>6.1} MB", figures.bytes / 1e6);
        print_searches("all", &figures.plain, &ours.plain);
        if let (Some(filtered), Some(ours)) = (&figures.filtered, &ours.filtered) {
            print_searches("5 %", filtered, ours);
        }
    }
    // Beside its int8 code each component has a byte of remainder for exact scores.
    let int8_bytes = ours.bytes - ours.rows * DIMENSION;
    print_goal("p95 in ms", ours.plain.p95_seconds * 1e3, |value| value <= P95_GOAL_MS);
    print_goal("recall", ours.plain.recall, |value| value >= RECALL_GOAL);
    print_goal("MB of the int8 index", int8_bytes / 1e6, |value| value <= INT8_MB_GOAL);
    Ok(())
}

fn print_goal(name: &str, value: f64, is_met: impl Fn(f64) -> bool) {
    println!("goal {}: {name} {value:.3}", if is_met(value) { "met" } else { "NOT met" });
}

fn print_searches(of: &str, searches: &Searches, ours: &Searches) {
    println!(
        "  {of} {:>7.0} queries/s, p50 {:.2} ms, p95 {:.2} ms, recall {:.4}; {:.2} times our time",
        1.0 / searches.mean_seconds,
        searches.p50_seconds * 1e3,
        searches.p95_seconds * 1e3,
        searches.recall,
        searches.mean_seconds / ours.mean_seconds,
    );
}
