//! What tools give back. The words about a field are what an agent reads.

use analysis::{Finding, Report, Score};
use knowledge::{Hit, Item, Shown, Source};
use orchestrator::operator::AccountStatus;
use orchestrator::{AddedItem, Band, Intent, ItemStatus, Kind};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use types::{Microdollars, ProjectId, Timestamp};

/// Characters of an item that a list of hits shows.
const SNIPPET_CHARACTERS: usize = 240;
const DAY_SECONDS: u64 = 86_400;
/// Labels of a text that are told, the likeliest first.
const RANKED_MAX: usize = 3;

#[derive(Serialize, JsonSchema)]
pub(super) struct Found {
    /// Whether they were looked for by meaning too, and not by words alone.
    pub(super) by_meaning: bool,
    /// The best first.
    pub(super) hits: Vec<FoundItem>,
}

/// The beginning of an item, and why it was found.
#[derive(Serialize, JsonSchema)]
pub(super) struct FoundItem {
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
    pub(super) fn new(hit: Hit, now: Timestamp) -> Self {
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
pub(super) struct Known {
    /// In the order of the ids.
    pub(super) items: Vec<KnownItem>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Updated {
    /// As it is now, or as it was where it is forgotten.
    pub(super) item: KnownItem,
}

/// A whole item.
#[derive(Serialize, JsonSchema)]
pub(super) struct KnownItem {
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
    pub(super) fn new(shown: Shown, now: Timestamp) -> Self {
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

    pub(super) fn alone(item: Item, now: Timestamp) -> Self {
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

#[derive(Serialize, JsonSchema)]
pub(super) struct Added {
    /// created, merged (said already, now with one more source), superseded (it took another's
    /// place), conflicting (another says otherwise: settle it with knowledge_update), known,
    /// forgotten (somebody deleted it on purpose) or recalled.
    outcome: String,
    /// The item that says it now.
    id: Option<i64>,
    /// The item that it took the place of, or that says otherwise.
    other: Option<i64>,
}

impl From<AddedItem> for Added {
    fn from(AddedItem { outcome, id, other }: AddedItem) -> Self {
        Self { outcome, id: id.map(|id| id.get()), other: other.map(|id| id.get()) }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Answered {
    /// The answer; [1] is the first citation. None where nothing that is known answers.
    pub(super) answer: Option<String>,
    /// What is cited, in the order of its numbers.
    pub(super) citations: Vec<FoundItem>,
    /// Whether a language model wrote it; otherwise it is sentences of the items.
    pub(super) by_model: bool,
    /// Why no model wrote it, where one was to.
    pub(super) model_failure: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Learned {
    /// Whether paraphrases were recognised.
    by_meaning: bool,
    /// New items.
    created: usize,
    /// Items that were known from elsewhere and have one more source.
    merged: usize,
    /// New items that take the place of older ones.
    superseded: usize,
    /// New items that say otherwise than others.
    conflicting: usize,
    /// What was known already, was forgotten on purpose or had come from here.
    left_out: usize,
    /// Secrets that were taken out.
    redacted: usize,
    /// Lines that could not be read.
    skipped: usize,
    /// Why a language model that was to read the text did not.
    model_failure: Option<String>,
}

impl From<orchestrator::Learned> for Learned {
    fn from(learned: orchestrator::Learned) -> Self {
        Self {
            by_meaning: learned.by_meaning,
            created: learned.created,
            merged: learned.merged,
            superseded: learned.superseded,
            conflicting: learned.conflicting,
            left_out: learned.left_out,
            redacted: learned.redacted,
            skipped: learned.skipped,
            model_failure: learned.model_failure,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Classified {
    /// One for each text, in their order.
    pub(super) results: Vec<ClassifiedText>,
    /// Why no model was asked where one was to be.
    pub(super) model_failure: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ClassifiedText {
    /// None where no label fits.
    label: Option<String>,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// The likeliest labels.
    ranked: Vec<RankedLabel>,
}

#[derive(Serialize, JsonSchema)]
struct RankedLabel {
    label: String,
    score: f64,
}

impl From<knowledge::Classified> for ClassifiedText {
    fn from(classified: knowledge::Classified) -> Self {
        let ranked = classified.ranked.iter().take(RANKED_MAX);
        let ranked = ranked
            .map(|(label, score)| RankedLabel { label: label.to_string(), score: rounded(*score) });
        Self {
            label: classified.label.as_deref().map(str::to_owned),
            confidence: rounded(classified.confidence.get()),
            ranked: ranked.collect(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Budget {
    /// The nearest first. A call to a model needs room in each.
    pub(super) accounts: Vec<Account>,
}

/// Where an account stands; amounts are dollars.
#[derive(Serialize, JsonSchema)]
pub(super) struct Account {
    /// developer, project, team or tenant.
    account: &'static str,
    name: String,
    /// The calendar month in UTC.
    month: String,
    /// None without a limit.
    limit: Option<String>,
    spent: String,
    /// Held by requests that are being answered.
    reserved: String,
    /// What may still be spent; none without a limit.
    left: Option<String>,
}

impl From<AccountStatus> for Account {
    fn from(status: AccountStatus) -> Self {
        Self {
            account: status.account.kind().as_str(),
            name: status.account.name().to_owned(),
            month: status.window.to_string(),
            limit: status.limit.map(dollars),
            spent: dollars(status.spent),
            reserved: dollars(status.reserved),
            left: status.left().map(dollars),
        }
    }
}

fn dollars(amount: Microdollars) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Analysed {
    /// 0 to 100; none where there are too few words.
    score: Option<f64>,
    /// Words of prose.
    words: u64,
    /// What to mend: the worst first, then in the order of their places.
    findings: Vec<FoundFault>,
    /// Findings beyond the most that were asked for.
    findings_left_out: usize,
}

#[derive(Serialize, JsonSchema)]
struct FoundFault {
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// note, warning or error.
    #[schemars(with = "String")]
    severity: analysis::Severity,
    rule: String,
    message: String,
    /// What to do about it.
    suggestion: String,
}

impl Analysed {
    pub(super) fn new(report: Report, findings_max: usize) -> Self {
        let Report { words, mut findings, score, .. } = report;
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.start));
        let findings_left_out = findings.len().saturating_sub(findings_max);
        findings.truncate(findings_max);
        let score = match score {
            Score::Given { value, .. } => Some(rounded(value)),
            Score::Abstained { .. } => None,
        };
        let findings = findings.into_iter().map(FoundFault::from).collect();
        Self { score, words, findings, findings_left_out }
    }
}

impl From<Finding> for FoundFault {
    fn from(finding: Finding) -> Self {
        Self {
            line: finding.start.line,
            column: finding.start.column,
            severity: finding.severity,
            rule: finding.rule.into_owned(),
            message: finding.message,
            suggestion: finding.suggestion,
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

/// Three decimals say all that an agent can use.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
