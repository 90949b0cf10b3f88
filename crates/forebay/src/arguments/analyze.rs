//! `forebay analyze`

use std::path::PathBuf;

use analysis::{Dialect, Format, Profile, Severity};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use corpus::OutputFormat;

/// Tell what documents are worth, and why.
///
/// Folders give their Markdown, HTML, reStructuredText, plain text and JSONL files, which may be
/// compressed (.gz, .zst); ignore files are respected. The exit code is 0 where all is fine, 1
/// where a document could not be analysed, 2 for a wrong argument, 3 where --fail-under or
/// --fail-on is not met.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Analyze {
    #[command(subcommand)]
    pub(crate) command: Option<AnalyzeCommand>,
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the report is written as [default: terminal, or json with --json]
    #[arg(long, value_parser = output_format())]
    pub(crate) format: Option<OutputFormat>,
    /// What documents are written in [default: by extension, else plain]
    #[arg(long, value_parser = input_format())]
    pub(crate) input_format: Option<Format>,
    /// Take standard input and named files as JSONL
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Take source code from folders too
    #[arg(long)]
    pub(crate) code: bool,
    /// What documents are judged as [default: as configured, else prose]
    #[arg(long, value_parser = profile())]
    pub(crate) profile: Option<Profile>,
    /// Whose corpus signals are measured; repeat for more [default: as configured]
    #[arg(long = "dialect", value_name = "DIALECT", value_parser = dialect())]
    pub(crate) dialects: Vec<Dialect>,
    /// A TOML file with rules of your own, each a table of the array `rules`
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Leave out a rule; repeat for more
    #[arg(long = "disable", value_name = "RULE")]
    pub(crate) disabled_rules: Vec<String>,
    /// Threads [default: as many as pay]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Neither use nor fill the cache of reports
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Where the cache of reports is [default: the data directory]
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "no_cache")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Stream all plain text in bounded memory, without scores [default: only what is larger than
    /// analysis.document_bytes_max]
    #[arg(long)]
    pub(crate) stream: bool,
    /// Tell only findings that this file does not hold
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings to a file for --baseline
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Fail where a document's score is lower
    #[arg(long, value_name = "SCORE")]
    pub(crate) fail_under: Option<f64>,
    /// Fail where a finding is this bad or worse
    #[arg(long, value_parser = severity())]
    pub(crate) fail_on: Option<Severity>,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AnalyzeCommand {
    /// List the rules, or explain one
    Rules {
        /// The rule to explain
        #[arg(long, value_name = "ID")]
        explain: Option<String>,
    },
}

/// A parser for one of some names.
fn one_of<T: Clone + Send + Sync + 'static>(
    values: Vec<(&'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let names = values.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    PossibleValuesParser::new(names).try_map(move |name| {
        let value = values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.clone()).ok_or("it is not one of them")
    })
}

fn output_format() -> impl TypedValueParser<Value = OutputFormat> {
    one_of(OutputFormat::ALL.to_vec())
}

fn input_format() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL.map(|format| (format.name(), format)).to_vec())
}

fn profile() -> impl TypedValueParser<Value = Profile> {
    one_of(Profile::ALL.map(|profile| (profile.name(), profile)).to_vec())
}

fn dialect() -> impl TypedValueParser<Value = Dialect> {
    one_of(Dialect::ALL.map(|dialect| (dialect.name(), dialect)).to_vec())
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    use Severity::{Error, Note, Warning};
    one_of(vec![("note", Note), ("warning", Warning), ("error", Error)])
}
