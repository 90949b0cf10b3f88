//! `forebay analyze`

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use analysis::{Analyzer, RuleInfo, RuleSet, Settings, UserRule};
use anyhow::Context as _;
use corpus::{
    Baseline, Engine, Error, Gate, Inputs, Outcome, Output, OutputFormat, ReportCache, Summarizer,
};
use indicatif::ProgressBar;
use orchestrator::config::Config;
use serde::Deserialize;
use types::Clock;

use crate::arguments::{Analyze, AnalyzeCommand};
use crate::context::Context;
use crate::output::{complain, say, say_json, table};

/// The exit code where a gate is not met.
const GATE_FAILED: u8 = 3;
/// The cache's file in the data directory.
const CACHE_FILE: &str = "reports.db";

pub(super) fn run(context: &Context, arguments: &Analyze) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    let settings = settings(&config, arguments)?;
    if let Some(AnalyzeCommand::Rules { explain }) = &arguments.command {
        return rules(context, &settings, explain.as_deref());
    }
    let cache = if arguments.no_cache { None } else { open_cache(&config, arguments, &settings) };
    let analyzer = Analyzer::new(settings.clone(), Clock::system())?;
    let infos = analyzer.rules().infos().collect();
    let mut engine = Engine::new(analyzer, Clock::system())
        .with_bytes_max(settings.document_bytes_max)
        .with_streams(arguments.stream);
    if let Some(jobs) = arguments.jobs {
        engine = engine.with_jobs(jobs.into());
    }
    if let Some(cache) = &cache {
        engine = engine.with_cache(Arc::clone(cache));
    }
    let code = report(context, arguments, &engine, &settings, infos)?;
    drop(engine);
    if let Some(Err(error)) = cache.and_then(Arc::into_inner).map(ReportCache::close) {
        complain(&anyhow::Error::from(error).context("the cache of reports failed"));
    }
    Ok(code)
}

/// The configured settings with the arguments over them.
fn settings(config: &Config, arguments: &Analyze) -> anyhow::Result<Settings> {
    let mut settings = config.analysis.settings.clone();
    settings.profile = arguments.profile.unwrap_or(settings.profile);
    if !arguments.dialects.is_empty() {
        settings.dialects.clone_from(&arguments.dialects);
    }
    settings.disabled_rules.extend(arguments.disabled_rules.iter().cloned());
    if let Some(path) = &arguments.rules {
        settings.rules.extend(read_rules(path)?);
    }
    Ok(settings)
}

fn read_rules(path: &Path) -> anyhow::Result<Vec<UserRule>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RuleFile {
        rules: Vec<UserRule>,
    }
    let text = fs_err::read_to_string(path)?;
    let file: RuleFile =
        toml::from_str(&text).with_context(|| format!("{} holds no rules", path.display()))?;
    Ok(file.rules)
}

/// None where the file cannot be opened: the analysis is only slower without it.
fn open_cache(
    config: &Config,
    arguments: &Analyze,
    settings: &Settings,
) -> Option<Arc<ReportCache>> {
    let directory = arguments.cache_dir.as_ref().unwrap_or(&config.data_directory);
    let open = || -> anyhow::Result<ReportCache> {
        fs_err::create_dir_all(directory)?;
        let path = directory.join(CACHE_FILE);
        Ok(ReportCache::open(&path, settings, config.analysis.cache_bytes_max)?)
    };
    match open() {
        Ok(cache) => Some(Arc::new(cache)),
        Err(error) => {
            complain(&error.context("going on without the cache of reports"));
            None
        }
    }
}

fn report(
    context: &Context,
    arguments: &Analyze,
    engine: &Engine,
    settings: &Settings,
    infos: Vec<RuleInfo>,
) -> anyhow::Result<ExitCode> {
    let mut inputs = Inputs::new(&arguments.paths)
        .with_rows(arguments.jsonl)
        .with_code(arguments.code)
        .with_bytes_max(settings.document_bytes_max);
    if let Some(format) = arguments.input_format {
        inputs = inputs.with_format(format);
    }
    let (out, is_terminal): (Box<dyn Write>, bool) = match &arguments.output {
        Some(path) => (Box::new(fs_err::File::create(path)?), false),
        None => (Box::new(io::stdout().lock()), io::stdout().is_terminal()),
    };
    let has_colours = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let default = if context.json() { OutputFormat::Json } else { OutputFormat::Terminal };
    let format = arguments.format.unwrap_or(default);
    let mut batch = Batch {
        known: arguments.baseline.as_deref().map(Baseline::read).transpose()?,
        written: arguments.write_baseline.is_some().then(Baseline::new),
        gate: Gate { score_min: arguments.fail_under, severity_max: arguments.fail_on },
        has_passed: true,
        summarizer: Summarizer::new(),
        output: format.write_to(BufWriter::new(out), has_colours, infos),
        progress: progress(&inputs, is_terminal),
    };
    let done = engine.run(inputs.tasks(), |outcome| batch.add(outcome));
    match done.and_then(|()| batch.finish(arguments.write_baseline.as_deref())) {
        // A reader that has left wants no more.
        Err(Error::Write { source }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(ExitCode::SUCCESS)
        }
        done => Ok(done?),
    }
}

/// Shown where somebody watches and the report itself does not show how far it is.
fn progress(inputs: &Inputs, is_terminal: bool) -> ProgressBar {
    if is_terminal || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::new(inputs.count_files())
}

/// What is done with each outcome.
struct Batch<'w> {
    known: Option<Baseline>,
    written: Option<Baseline>,
    gate: Gate,
    has_passed: bool,
    summarizer: Summarizer,
    output: Box<dyn Output + 'w>,
    progress: ProgressBar,
}

impl Batch<'_> {
    fn add(&mut self, mut outcome: Outcome) -> Result<(), Error> {
        if let Some(written) = &mut self.written {
            written.add(&outcome);
        }
        if let Some(known) = &self.known {
            known.subtract(&mut outcome);
        }
        self.has_passed &= self.gate.passes(&outcome);
        self.summarizer.add(&outcome);
        if outcome.origin.row.is_none_or(|row| row == 1) {
            self.progress.inc(1);
        }
        self.output.document(&outcome).map_err(|source| Error::Write { source })
    }

    fn finish(mut self, write_baseline: Option<&Path>) -> Result<ExitCode, Error> {
        self.progress.finish_and_clear();
        let summary = self.summarizer.finish();
        self.output.finish(&summary).map_err(|source| Error::Write { source })?;
        if let (Some(path), Some(written)) = (write_baseline, &self.written) {
            written.write(path)?;
        }
        Ok(match (self.has_passed, summary.failed) {
            (false, _) => ExitCode::from(GATE_FAILED),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }
}

fn rules(context: &Context, settings: &Settings, id: Option<&str>) -> anyhow::Result<ExitCode> {
    let rules = RuleSet::new(&settings.rules, &settings.disabled_rules)?;
    let infos: Vec<_> = rules.infos().filter(|rule| id.is_none_or(|id| rule.id == id)).collect();
    if let (Some(id), []) = (id, infos.as_slice()) {
        anyhow::bail!("there is no rule {id}; see forebay analyze rules");
    }
    if context.json() {
        say_json(&infos)?;
    } else if id.is_some() {
        infos.iter().try_for_each(explain)?;
    } else {
        let row = |rule: &RuleInfo| {
            let category = format!("{:?}", rule.category).to_lowercase();
            let severity = format!("{:?}", rule.severity).to_lowercase();
            vec![rule.id.to_string(), category, severity, rule.description.to_string()]
        };
        let titles = ["rule", "category", "severity", "what it finds"];
        say(&table(&titles, infos.iter().map(row).collect()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(rule: &RuleInfo) -> anyhow::Result<()> {
    let category = format!("{:?}", rule.category).to_lowercase();
    let severity = format!("{:?}", rule.severity).to_lowercase();
    say(&format!("{} ({category}, {severity})\n", rule.id))?;
    say(&format!("{}\n{}", rule.description, rule.suggestion))?;
    for (title, examples) in [("Bad", rule.bad), ("Good", rule.good)] {
        for example in examples {
            say(&format!("\n{title}:\n    {}", example.trim_end().replace('\n', "\n    ")))?;
        }
    }
    Ok(())
}
