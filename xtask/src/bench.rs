//! `bench`: what the gateway adds to a request, and what a budget check costs.
//!
//! One client asks the simulator directly and through the gateway in turn, with authentication,
//! budget, cache and metrics on, and compares every answer. What is kept as the baseline are
//! ratios to the direct time of the same run, so that a faster machine is no progress and a slower
//! one no regression.

mod analysis;
mod baseline;
mod budget_check;
mod connection;
mod embeddings;
mod figures;
mod proxies;
mod request;
mod series;
mod stand;
mod usage;
mod vectors;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::process;
use crate::workspace::Metadata;
use baseline::{Allowed, Baseline, Ratio};
use budget_check::BudgetCheck;
use figures::Figures;
use series::{Answers, Series};
use stand::Stand;

#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Measure briefly and allow medians 3 times the baseline, for machines that others use too
    #[arg(long)]
    quick: bool,
    /// Measure document analysis instead, beside textstat and datatrove on the same files
    #[arg(long, conflicts_with_all = ["quick", "save"])]
    analysis: bool,
    /// Measure the vector index instead, beside faiss and usearch on the same vectors, which are made
    /// with the model in this folder (`model.int8.onnx` and `tokenizer.json` of all-MiniLM-L6-v2)
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["quick", "save", "analysis"])]
    vectors: Option<PathBuf>,
    /// Measure embeddings instead, beside fastembed and ONNX Runtime in Python on the same files
    #[arg(long, conflicts_with_all = ["quick", "save", "analysis", "vectors"])]
    embeddings: bool,
    /// Measure what the gateway adds beside nginx and the LiteLLM proxy instead, in one run: bodies
    /// of three sizes, streams one by one and 512 at once, requests a second
    #[arg(long, conflicts_with_all = ["quick", "save", "analysis", "vectors", "embeddings"])]
    proxies: bool,
    /// Store what was measured as the baseline instead of comparing with it
    #[arg(long, conflicts_with = "quick")]
    save: bool,
}

impl Options {
    pub(crate) fn quick() -> Self {
        Self { quick: true, ..Self::default() }
    }
}

/// How much is measured, and how far it may be off.
struct Scale {
    rounds: usize,
    /// Requests each way of a round, over all connections.
    pairs: usize,
    allowed: Allowed,
}

const FULL: Scale = Scale { rounds: 7, pairs: 4_000, allowed: Allowed { times: 1.1, tail: true } };
const QUICK: Scale = Scale { rounds: 3, pairs: 800, allowed: Allowed { times: 3.0, tail: false } };
/// A neighbour's work can look like a regression once; a regression shows every time.
const ATTEMPTS: usize = 3;
/// The goals for one connection, in microseconds.
const ADDED_P99_GOAL_US: f64 = 1_000.0;
const BUDGET_CHECK_P50_GOAL_US: f64 = 20.0;

/// Everything that one measurement finds.
#[derive(Serialize)]
struct Findings {
    requests: BTreeMap<String, Figures>,
    budget_check: BudgetCheck,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let metadata = Metadata::read()?;
    if options.analysis {
        return analysis::run(&metadata.target_directory);
    }
    if let Some(model) = &options.vectors {
        return vectors::run(&metadata.target_directory, model);
    }
    if options.embeddings {
        return embeddings::run(&metadata.target_directory);
    }
    if options.proxies {
        return proxies::run(&metadata.target_directory);
    }
    let scale = if options.quick { &QUICK } else { &FULL };
    let baseline = if options.save { None } else { Some(Baseline::load()?) };
    // Built apart, each with its own features, the binary is the one that `cargo run` makes.
    for (package, targets) in [("forebay", "--bins"), ("forebay-budget", "--examples")] {
        let build = ["build", "--release", "--locked", "--package", package, targets];
        process::run(&mut process::cargo(build))?;
    }
    let release = metadata.target_directory.join("release");
    let Some(baseline) = baseline else {
        let findings = measure(&release, &metadata.target_directory, scale)?;
        return Baseline::new(findings.ratios()).save();
    };
    let mut slower = Vec::new();
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            println!("slower than the baseline allows; measuring again");
        }
        let findings = measure(&release, &metadata.target_directory, scale)?;
        slower = baseline.regressions(&findings.ratios(), scale.allowed);
        slower.iter().for_each(|regression| println!("{regression}"));
        if slower.is_empty() {
            println!("bench: within {} times the baseline", scale.allowed.times);
            return Ok(());
        }
    }
    bail!("bench: {} figures are slower than the baseline allows, {ATTEMPTS} times", slower.len())
}

/// Where cargo keeps the packages that it has fetched: texts that every checkout that was built has.
fn packages() -> Result<PathBuf> {
    let home = std::env::home_dir().map(|home| home.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    Ok(home.context("neither CARGO_HOME nor HOME is set")?.join("registry").join("src"))
}

/// The Markdown files there, in the order of their paths.
fn markdown_of_packages() -> Result<BTreeSet<PathBuf>> {
    let mut folders = vec![packages()?];
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "md") {
                files.insert(entry.path());
            }
        }
    }
    Ok(files)
}

/// Measures once, prints the findings and writes them to `bench/latest.json` below `target`.
fn measure(release: &Path, target: &Path, scale: &Scale) -> Result<Findings> {
    let mut requests = BTreeMap::new();
    {
        let stand = Stand::start(&release.join("forebay"))?;
        for answers in [Answers::Missed, Answers::Hit] {
            for connections in [1, 16] {
                let series = Series { answers, connections, pairs: scale.pairs / connections };
                let figures = Figures::of(&series.run(&stand.ends, scale.rounds)?);
                println!("{series}\n{figures}");
                requests.insert(series.to_string(), figures);
            }
        }
    }
    let budget_check = BudgetCheck::run(&release.join("examples").join("cost"))?;
    println!("{budget_check}");
    let findings = Findings { requests, budget_check };
    findings.print_goals();
    let folder = target.join("bench");
    fs_err::create_dir_all(&folder)?;
    let json = serde_json::to_string_pretty(&findings).context("findings are plain numbers")?;
    fs_err::write(folder.join("latest.json"), json + "\n")?;
    Ok(findings)
}

impl Findings {
    fn ratios(&self) -> BTreeMap<String, Ratio> {
        let mut ratios: BTreeMap<_, _> =
            self.requests.iter().map(|(name, figures)| (name.clone(), figures.ratio())).collect();
        if let Some(direct) = self.requests.values().next().map(Figures::direct) {
            ratios.insert("budget check".to_owned(), self.budget_check.ratio_to(direct));
        }
        ratios
    }

    fn print_goals(&self) {
        let goal = |name: &str, found: f64, goal: f64| {
            let verdict = if found <= goal { "met" } else { "NOT met" };
            println!("goal {verdict}: {name} {found:.1} µs, at most {goal:.0} µs");
        };
        for (name, figures) in &self.requests {
            if name.ends_with(", 1 connection") {
                goal(&format!("{name}: added p99"), figures.added_p99_us(), ADDED_P99_GOAL_US);
            }
        }
        goal("budget check p50", self.budget_check.p50_us(), BUDGET_CHECK_P50_GOAL_US);
    }
}
