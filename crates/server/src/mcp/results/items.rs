//! Items, found and whole.

use knowledge::{Hit, Item, Shown, Source};
use orchestrator::{Band, Intent, ItemStatus, Kind};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use types::{ProjectId, Timestamp};

use super::rounded;

/// Characters of an item that a list of hits shows.
const SNIPPET_CHARACTERS: usize = 240;
const DAY_SECONDS: u64 = 86_400;

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Found {
    /// Whether they were looked for by meaning too, and not by words alone.
    pub(in crate::mcp) by_meaning: bool,
    /// The best first.
    pub(in crate::mcp) hits: Vec<FoundItem>,
}

/// The beginning of an item, and why it was found.
#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct FoundItem {
    id: i64,
    title: String,
    /// How it begins.
    snippet: String,
    #[schemars(with = "String")]
    kind: Kind,
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// current, conflicting (another item says otherwise) or superseded.
    #[schemars(with = "String")]
    status: ItemStatus,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// 0 to 1: the parts, weighted.
    score: f64,
    parts: ScoreParts,
    /// Days since it was last known to hold.
    age_days: u64,
    /// fresh, aging, stale or deprecated.
    #[schemars(with = "String")]
    freshness: Band,
    /// Where it was learned first.
    source: Option<Place>,
}

/// What a score is made of, each from 0 to 1.
#[derive(Serialize, JsonSchema)]
struct ScoreParts {
    text: f64,
    vector: f64,
    freshness: f64,
    intent: f64,
    project: f64,
}

/// Where something was learned.
#[derive(Serialize, JsonSchema)]
struct Place {
    name: String,
    /// From 1; 0 for the whole.
    line: u64,
    /// The headings above it.
    section: String,
}

impl FoundItem {
    pub(in crate::mcp) fn new(hit: Hit, now: Timestamp) -> Self {
        let Hit { item, sources, score, parts } = hit;
        Self {
            id: item.id.get(),
            snippet: snippet(&item.content),
            status: item.status,
            confidence: item.confidence.get(),
            score: rounded(score),
            parts: ScoreParts {
                text: rounded(parts.text),
                vector: rounded(parts.vector),
                freshness: rounded(parts.freshness),
                intent: rounded(parts.intent),
                project: rounded(parts.project),
            },
            age_days: age_days(&item, now),
            freshness: item.freshness(now).band(),
            source: sources.into_iter().next().map(Place::from),
            title: item.title,
            kind: item.kind,
            project: item.project,
        }
    }
}

impl From<Source> for Place {
    fn from(Source { name, line, section, .. }: Source) -> Self {
        Self { name, line, section }
    }
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Known {
    /// In the order of the ids.
    pub(in crate::mcp) items: Vec<KnownItem>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Updated {
    /// As it is now, or as it was where it is forgotten.
    pub(in crate::mcp) item: KnownItem,
}

/// A whole item.
#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct KnownItem {
    id: i64,
    title: String,
    content: String,
    #[schemars(with = "String")]
    kind: Kind,
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    #[schemars(with = "Option<String>")]
    intent: Option<Intent>,
    /// current, conflicting (another item says otherwise) or superseded.
    #[schemars(with = "String")]
    status: ItemStatus,
    /// Whether it is meant to hold now.
    holds: bool,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// Days since it was last known to hold.
    age_days: u64,
    /// fresh, aging, stale or deprecated.
    #[schemars(with = "String")]
    freshness: Band,
    /// How often it was given out.
    uses: u64,
    /// Where it was learned; empty where only the item was asked for.
    sources: Vec<Place>,
    /// How it and others relate; empty where only the item was asked for.
    relations: Vec<Relation>,
}

/// That `item` supersedes or conflicts with `other`, the older one.
#[derive(Serialize, JsonSchema)]
struct Relation {
    item: i64,
    /// supersedes or conflicts.
    relation: &'static str,
    other: i64,
}

impl KnownItem {
    pub(in crate::mcp) fn new(shown: Shown, now: Timestamp) -> Self {
        let relations = shown.relations.into_iter().map(|relation| Relation {
            item: relation.item.get(),
            relation: relation.kind.name(),
            other: relation.other.get(),
        });
        Self {
            sources: shown.sources.into_iter().map(Place::from).collect(),
            relations: relations.collect(),
            ..Self::alone(shown.item, now)
        }
    }

    pub(in crate::mcp) fn alone(item: Item, now: Timestamp) -> Self {
        Self {
            id: item.id.get(),
            status: item.status,
            holds: item.validity.holds_at(now),
            confidence: item.confidence.get(),
            age_days: age_days(&item, now),
            freshness: item.freshness(now).band(),
            uses: item.accesses,
            title: item.title,
            content: item.content,
            kind: item.kind,
            project: item.project,
            intent: item.intent,
            sources: Vec::new(),
            relations: Vec::new(),
        }
    }
}

fn snippet(content: &str) -> String {
    let words = content.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(SNIPPET_CHARACTERS) {
        Some((end, _)) => format!("{} …", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

fn age_days(item: &Item, now: Timestamp) -> u64 {
    now.saturating_since(item.confirmed_at).as_secs() / DAY_SECONDS
}
