//! `forebay learn`, `search`, `ask`, `classify`, `embed` and `knowledge`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use knowledge::{Confidence, Intent, Kind, Status};
use types::{ProjectId, TenantId};

/// Learn from documents, notes and transcripts of agents.
///
/// Folders give their Markdown, reStructuredText, plain text, logs and JSONL transcripts; ignore
/// files are respected. What was learned before is not read again. Secrets are taken out before
/// anything is stored.
#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The project that what is found belongs to [default: none, for what holds everywhere]
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    #[command(flatten)]
    pub(crate) owner: Owner,
}

/// Whose knowledge it is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Owner {
    /// The organisation
    #[arg(long, default_value = "default")]
    pub(crate) tenant: TenantId,
}

/// A question, and what may be found.
#[derive(Debug, Args)]
pub(crate) struct Question {
    /// The question or the words
    #[arg(required = true, value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    /// Prefer items of this project, then those of none
    #[arg(long)]
    pub(crate) near_project: Option<ProjectId>,
    /// Prefer items of this intent
    #[arg(long)]
    pub(crate) near_intent: Option<Intent>,
    #[command(flatten)]
    pub(crate) filter: Which,
    /// The most items
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) owner: Owner,
}

/// Which items are asked for.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only items of this project
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// Only items of this kind, such as bug_solution
    #[arg(long)]
    pub(crate) kind: Option<Kind>,
    /// Only items of this intent
    #[arg(long)]
    pub(crate) intent: Option<Intent>,
    /// Only items of this status: current, conflicting or superseded
    #[arg(long)]
    pub(crate) status: Option<Status>,
    /// Only what held at this moment, such as 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = super::moment)]
    pub(crate) as_of: Option<types::Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct Classify {
    /// Texts; standard input, a text a line, where none is given
    #[arg(value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    /// What texts may be about
    #[arg(long, value_enum, default_value_t = Labels::Intents, conflicts_with = "examples")]
    pub(crate) labels: Labels,
    /// A file of your own examples, a line `label|text` for each; the label `none` is for texts of
    /// no label
    #[arg(long, value_name = "FILE")]
    pub(crate) examples: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) owner: Owner,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Labels {
    /// What somebody wants: learning, debugging, feature_development and so on
    Intents,
    /// How work is going: exploring, implementing, blocked and so on
    Trajectories,
}

#[derive(Debug, Args)]
pub(crate) struct Embed {
    /// Texts; standard input, a text a line, where none is given
    #[arg(value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    #[command(flatten)]
    pub(crate) owner: Owner,
}

#[derive(Debug, Args)]
pub(crate) struct Knowledge {
    #[command(subcommand)]
    pub(crate) command: KnowledgeCommand,
    #[command(flatten)]
    pub(crate) owner: Owner,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// List items, confirmed last first
    List {
        #[command(flatten)]
        filter: Which,
        /// The most items
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
        /// How many are left out before
        #[arg(long, default_value_t = 0, value_name = "N")]
        skip: usize,
    },
    /// Show items with their sources and relations
    Show {
        /// Their numbers
        #[arg(required = true, value_name = "NUMBER")]
        ids: Vec<i64>,
    },
    /// Keep something that you say is so
    Add(AddItem),
    /// Put other words in the place of what an item says
    Edit {
        /// Its number
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// The new words; standard input where left out
        content: Option<String>,
    },
    /// Say that an item holds as of now, which settles a conflict
    Confirm {
        /// Its number
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Say that an item holds no longer; it stays as history
    Invalidate {
        /// Its number
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Delete an item, and do not learn it again
    Forget {
        /// Its number
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Write everything to a new file, a line of JSON an item
    Export {
        /// A file that does not exist yet
        target: PathBuf,
    },
    /// Store what an export holds
    Import {
        /// A file that `export` wrote
        source: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddItem {
    /// The knowledge itself; standard input where left out
    pub(crate) content: Option<String>,
    /// What sort of knowledge it is
    #[arg(long, default_value = "abstract_concept")]
    pub(crate) kind: Kind,
    /// What it is about in a few words
    #[arg(long, default_value = "")]
    pub(crate) title: String,
    /// What it helps with
    #[arg(long)]
    pub(crate) intent: Option<Intent>,
    /// The project that it belongs to [default: none, for what holds everywhere]
    #[arg(long)]
    pub(crate) project: Option<ProjectId>,
    /// How sure it is, from 0 to 1
    #[arg(long, default_value = "1", value_parser = confidence)]
    pub(crate) confidence: Confidence,
    /// Who says so, or where it stands
    #[arg(long, default_value = "added by hand")]
    pub(crate) source: String,
}

fn confidence(text: &str) -> Result<Confidence, String> {
    let number = text.parse().map_err(|_| "must be a number from 0 to 1".to_owned())?;
    Confidence::new(number).map_err(|error| error.to_string())
}
