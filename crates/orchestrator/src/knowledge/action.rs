//! What is to be done with knowledge.

use std::path::PathBuf;

use ::knowledge::{Confidence, Example, Filter, Intent, ItemId, Kind, LearnFormat, Query};
use serde::{Deserialize, Serialize};
use types::{ProjectId, TenantId};

/// Something that is to be done with what a tenant knows, as it crosses the control socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeCommand {
    /// Whose knowledge.
    pub tenant: TenantId,
    /// What is to be done.
    pub action: KnowledgeAction,
}

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KnowledgeAction {
    /// Learn from files and folders of this machine.
    LearnFiles {
        /// Absolute paths.
        paths: Vec<PathBuf>,
        /// The project that what is found belongs to.
        project: Option<ProjectId>,
    },
    /// Learn from a text.
    Learn(NewMaterial),
    /// Find items.
    Search(Query),
    /// Find items and answer from them.
    Ask(Query),
    /// Tell what texts are about.
    Classify {
        /// The texts.
        texts: Vec<String>,
        /// What they may be about.
        labels: AskedLabels,
    },
    /// Turn texts into vectors.
    Embed {
        /// The texts.
        texts: Vec<String>,
    },
    /// Items, confirmed last first.
    List {
        /// Which.
        filter: Filter,
        /// How many are left out before.
        skip: usize,
        /// The most.
        limit: usize,
    },
    /// Items with their sources and relations.
    Show {
        /// Which.
        ids: Vec<ItemId>,
    },
    /// Keep something that somebody says.
    Add(NewItem),
    /// Put other words in the place of an item's.
    Edit {
        /// Which.
        id: ItemId,
        /// The new words.
        content: String,
    },
    /// Say that an item holds as of now, which settles a conflict.
    Confirm {
        /// Which.
        id: ItemId,
    },
    /// Say that an item holds no longer; it stays as history.
    Invalidate {
        /// Which.
        id: ItemId,
    },
    /// Delete an item, and do not learn it again.
    Forget {
        /// Which.
        id: ItemId,
    },
    /// Write everything to a file.
    Export {
        /// An absolute path at which there is nothing.
        target: PathBuf,
    },
    /// Store what an export holds.
    Import {
        /// An absolute path.
        source: PathBuf,
    },
    /// Make the index of vectors anew and compare it with the store.
    RebuildIndex,
}

/// A text that is to be learned from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMaterial {
    /// What it is called: learning the same name again goes on where it ended.
    pub name: String,
    /// The text.
    pub text: String,
    /// What it is. Default: told by its name and its beginning.
    #[serde(default)]
    pub format: Option<LearnFormat>,
    /// The project that what is found belongs to.
    #[serde(default)]
    pub project: Option<ProjectId>,
}

/// Something that somebody says is so.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The knowledge itself.
    pub content: String,
    /// What sort of knowledge it is.
    #[serde(default = "NewItem::default_kind")]
    pub kind: Kind,
    /// What it is about in a few words.
    #[serde(default)]
    pub title: String,
    /// What it helps with.
    #[serde(default)]
    pub intent: Option<Intent>,
    /// The piece of work it belongs to; none for what holds everywhere.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// How sure it is.
    #[serde(default = "NewItem::default_confidence")]
    pub confidence: Confidence,
    /// Who says so, or where it stands.
    #[serde(default = "NewItem::default_source")]
    pub source: String,
}

impl NewItem {
    const fn default_kind() -> Kind {
        Kind::AbstractConcept
    }

    const fn default_confidence() -> Confidence {
        Confidence::FULL
    }

    fn default_source() -> String {
        "added by hand".to_owned()
    }
}

/// What texts may be about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedLabels {
    /// What somebody wants: learning, debugging, feature_development and so on.
    #[default]
    Intents,
    /// How work is going: exploring, implementing, blocked and so on.
    Trajectories,
    /// The user's own labels, by examples.
    Examples(Vec<Example>),
}
