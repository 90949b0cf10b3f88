//! How fast documents are analysed, beside two Python packages on the same files.

mod stream;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{process, python, workspace};

/// The goals, in documents of this size a minute.
const DOCUMENT_BYTES: f64 = 5_000.0;
const FULL_GOAL: f64 = 383_436.0;
const SCREEN_GOAL: f64 = 1_000_000.0;

/// What the example of the corpus crate prints.
#[derive(Deserialize)]
struct Ours {
    documents: f64,
    bytes: f64,
    threads: usize,
    full: Pass,
    screen: Pass,
}

#[derive(Deserialize)]
struct Pass {
    /// Of the median pass, by the clock.
    seconds: f64,
    /// Of a mean pass, by all threads.
    processor_seconds: f64,
}

/// What the script prints; seconds of processor time.
#[derive(Deserialize)]
struct Theirs {
    documents: f64,
    textstat: f64,
    datatrove: f64,
}

/// Measures the Markdown files of the packages that cargo has fetched, which every checkout that
/// was built has.
pub(super) fn run(target: &Path) -> Result<()> {
    for (package, targets) in [("forebay", "--bins"), ("forebay-corpus", "--examples")] {
        let build = ["build", "--release", "--locked", "--package", package, targets];
        process::run(&mut process::cargo(build))?;
    }
    let python = python::environment("analysis", target)?;
    let folder = super::packages()?;
    let release = target.join("release");
    let example = release.join("examples").join("speed");
    let ours: Ours = measured(Command::new(example).arg(&folder))?;
    let mut script = Command::new(python);
    script.args(["-W", "ignore"]).arg(workspace::root().join("tests/analysis/speed.py"));
    let theirs: Theirs = measured(script.arg(&folder))?;
    print(&ours, &theirs);
    stream::run(&release.join("forebay"))
}

fn measured<T: for<'de> Deserialize<'de>>(command: &mut Command) -> Result<T> {
    let printed = process::output(command)?;
    serde_json::from_str(&printed).with_context(|| format!("not what was expected: {printed}"))
}

fn print(ours: &Ours, theirs: &Theirs) {
    let size = ours.bytes / ours.documents;
    println!("{} distinct Markdown files, {size:.0} bytes each in the mean", ours.documents);
    println!("{} threads, no cache, all of them analysed", ours.threads);
    for (name, pass, goal) in
        [("full report", &ours.full, FULL_GOAL), ("screen", &ours.screen, SCREEN_GOAL)]
    {
        let bytes_per_second = ours.bytes / pass.seconds;
        let a_minute = 60.0 * bytes_per_second / DOCUMENT_BYTES;
        let verdict = if a_minute >= goal { "met" } else { "NOT met" };
        println!(
            "{name:<12} {:>8.0} documents/s {:>6.1} MB/s, {:.2} s of processor time",
            ours.documents / pass.seconds,
            bytes_per_second / 1e6,
            pass.processor_seconds,
        );
        println!("  = {a_minute:.0} documents of 5 KB a minute; goal {verdict}: {goal:.0}");
    }
    let full = ours.documents / ours.full.processor_seconds;
    let screen = ours.documents / ours.screen.processor_seconds;
    for (name, seconds, ours, what) in [
        ("textstat", theirs.textstat, full, "the full report"),
        ("datatrove", theirs.datatrove, screen, "the screen"),
    ] {
        let rate = theirs.documents / seconds;
        let ratio = ours / rate;
        println!("{name:<12} {rate:>8.0} documents per processor second; {what}: {ratio:.0} times");
    }
}
