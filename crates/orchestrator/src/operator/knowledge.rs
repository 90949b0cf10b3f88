//! What can be done with knowledge, as it crosses the control socket.

use std::io::BufReader;
use std::path::PathBuf;

use ::knowledge::{Filter, Hit, Imported, Item, ItemId, Query, Relation, Source};
use fs_err::File;
use serde::{Deserialize, Serialize};
use types::{Clock, ProjectId, TenantId};

use super::OperatorError;
use crate::{KnowledgeBase, Learned, Material};

/// Something that is to be done with what a tenant knows.
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
    /// Learn from files and folders.
    Learn {
        /// Absolute paths.
        paths: Vec<PathBuf>,
        /// The project that what is found belongs to.
        project: Option<ProjectId>,
    },
    /// Find items.
    Search(Query),
    /// Items, confirmed last first.
    List {
        /// Which.
        filter: Filter,
        /// The most.
        limit: usize,
    },
    /// An item with its sources and relations.
    Show {
        /// Which.
        id: ItemId,
    },
    /// Put other words in the place of an item's.
    Edit {
        /// Which.
        id: ItemId,
        /// The new words.
        content: String,
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

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnowledgeOutcome {
    /// What was learned.
    Learned(Learned),
    /// What was found, the best first.
    Found {
        /// Whether it was looked for by meaning too.
        by_meaning: bool,
        /// The items.
        hits: Vec<Hit>,
    },
    /// Items.
    Items(Vec<Item>),
    /// An item.
    Shown {
        /// The item.
        item: Item,
        /// Where it was learned.
        sources: Vec<Source>,
        /// How it relates to others.
        relations: Vec<Relation>,
    },
    /// How many items were written.
    Exported {
        /// How many.
        items: u64,
    },
    /// What was stored.
    Imported(Imported),
    /// How many vectors the index holds; none where there is no model.
    Rebuilt {
        /// How many.
        vectors: Option<usize>,
    },
}

/// Carries out a command. Computes and reads files: call it where blocking is allowed.
pub(super) fn execute(
    base: &KnowledgeBase,
    clock: &Clock,
    command: KnowledgeCommand,
) -> Result<KnowledgeOutcome, OperatorError> {
    let tenant = &command.tenant;
    Ok(match command.action {
        KnowledgeAction::Learn { paths, project } => {
            let material = Material { paths: &paths, project: project.as_ref() };
            KnowledgeOutcome::Learned(base.learn(tenant, &material)?)
        }
        KnowledgeAction::Search(query) => KnowledgeOutcome::Found {
            by_meaning: base.finds_meaning(),
            hits: base.search(tenant, &query)?,
        },
        KnowledgeAction::List { filter, limit } => {
            KnowledgeOutcome::Items(base.list(tenant, &filter, limit)?)
        }
        KnowledgeAction::Show { id } => {
            let shown = base.show(tenant, id)?;
            let (item, sources, relations) = (shown.item, shown.sources, shown.relations);
            KnowledgeOutcome::Shown { item, sources, relations }
        }
        KnowledgeAction::Edit { id, content } => {
            let seen_at = clock.now();
            let by_hand =
                Source { name: "edited".to_owned(), line: 0, section: String::new(), seen_at };
            KnowledgeOutcome::Items(vec![base.edit(tenant, id, &content, by_hand)?])
        }
        KnowledgeAction::Forget { id } => KnowledgeOutcome::Items(vec![base.forget(tenant, id)?]),
        KnowledgeAction::Export { target } => export(base, tenant, target)?,
        KnowledgeAction::Import { source } => {
            let file = File::open(source).map_err(|source| OperatorError::Copy { source })?;
            KnowledgeOutcome::Imported(base.import(tenant, &mut BufReader::new(file))?)
        }
        KnowledgeAction::RebuildIndex => {
            KnowledgeOutcome::Rebuilt { vectors: base.rebuild_index()? }
        }
    })
}

fn export(
    base: &KnowledgeBase,
    tenant: &TenantId,
    target: PathBuf,
) -> Result<KnowledgeOutcome, OperatorError> {
    if target.exists() {
        let advice = "name a file that does not exist yet";
        return Err(OperatorError::Exists { path: target, advice });
    }
    let failed = |source| OperatorError::Copy { source };
    let mut file = std::io::BufWriter::new(File::create_new(&target).map_err(failed)?);
    let items = base.export(tenant, &mut file)?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(KnowledgeOutcome::Exported { items })
}
