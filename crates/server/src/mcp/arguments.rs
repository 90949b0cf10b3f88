//! What tools are called with. The words about a field are what an agent reads.

use orchestrator::{AskedLabels, Example, Filter, Intent, ItemId, Kind, KnowledgeAction, NewItem};
use orchestrator::{NewMaterial, Query};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use types::{ProjectId, Timestamp};

use super::failure::Failure;

const QUERY_BYTES_MAX: usize = 8 << 10;
const CONTENT_BYTES_MAX: usize = 64 << 10;
const TEXT_BYTES_MAX: usize = 8 << 20;
const LIMIT_MAX: usize = 50;
const IDS_MAX: usize = 20;
const TEXTS_MAX: usize = 64;
const EXAMPLES_MAX: usize = 1_000;
const FINDINGS_DEFAULT: usize = 50;
const FINDINGS_MAX: usize = 500;
const DAY_MILLIS: u64 = 86_400_000;

/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// A question or words; names of functions and error codes are found as they are.
    query: String,
    /// Items of this project come first. Default: the project of this session, if it has one.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// Only items of this kind, such as bug_solution, architectural_decision, coding_pattern,
    /// implementation_strategy, tool_usage, optimization, integration_pattern, refactoring,
    /// testing_strategy, deployment_approach or abstract_concept.
    #[schemars(with = "Option<String>")]
    kind: Option<Kind>,
    /// What you are doing; items that help with it come first: learning, debugging,
    /// feature_development, refactoring, testing, optimization, documentation or exploration.
    #[schemars(with = "Option<String>")]
    intent: Option<Intent>,
    /// What was known to hold so many days ago, instead of what holds now.
    days_ago: Option<u32>,
    /// The most items, 1 to 50. Default: 10.
    limit: Option<usize>,
}

impl Search {
    pub(super) fn query(self, now: Timestamp, home: Option<&ProjectId>) -> Result<Query, Failure> {
        let Self { query, project, kind, intent, days_ago, limit } = self;
        let as_of = days_ago.map(|days| {
            Timestamp::from_millis(now.as_millis().saturating_sub(u64::from(days) * DAY_MILLIS))
        });
        Ok(Query {
            filter: Filter { kind, as_of, ..Filter::default() },
            intent,
            project: project.or_else(|| home.cloned()),
            ..question(query, limit)?
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// The question, whole and clear by itself.
    question: String,
    /// Items of this project come first. Default: the project of this session, if it has one.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// The most items to answer from, 1 to 50. Default: 10.
    limit: Option<usize>,
}

impl Ask {
    pub(super) fn query(self, home: Option<&ProjectId>) -> Result<Query, Failure> {
        let project = self.project.or_else(|| home.cloned());
        Ok(Query { project, ..question(self.question, self.limit)? })
    }
}

fn question(text: String, limit: Option<usize>) -> Result<Query, Failure> {
    let text = filled("the question", text, QUERY_BYTES_MAX)?;
    let query = Query::new(text);
    let limit = limit.unwrap_or(query.limit);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::arguments(format_args!("limit is 1 to {LIMIT_MAX}")));
    }
    Ok(Query { limit, ..query })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    /// Ids that knowledge_search gave, 1 to 20.
    ids: Vec<i64>,
}

impl Get {
    pub(super) fn action(self) -> Result<KnowledgeAction, Failure> {
        counted("ids", self.ids.len(), IDS_MAX)?;
        Ok(KnowledgeAction::Show { ids: self.ids.into_iter().map(ItemId::new).collect() })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Add {
    /// The statement itself, clear without this conversation, its reason included.
    content: String,
    /// What sort of knowledge it is: bug_solution, architectural_decision, coding_pattern,
    /// implementation_strategy, tool_usage, optimization, integration_pattern, refactoring,
    /// testing_strategy, deployment_approach or abstract_concept. Default: abstract_concept.
    #[serde(default = "Add::default_kind")]
    #[schemars(with = "Option<String>")]
    kind: Kind,
    /// What it is about in a few words.
    #[serde(default)]
    title: String,
    /// What it helps with: learning, debugging, feature_development, refactoring, testing,
    /// optimization, documentation or exploration.
    #[schemars(with = "Option<String>")]
    intent: Option<Intent>,
    /// The project that it belongs to. Default: the project of this session; without one it holds
    /// everywhere.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// How sure it is, from 0 to 1. Default: 0.8.
    #[serde(default = "Add::default_confidence")]
    confidence: f64,
    /// Who says so, or where it stands, such as a file, a commit or a person. Default: an agent.
    #[serde(default = "Add::default_source")]
    source: String,
}

impl Add {
    fn default_kind() -> Kind {
        Kind::AbstractConcept
    }

    fn default_confidence() -> f64 {
        0.8
    }

    fn default_source() -> String {
        "an agent".to_owned()
    }

    pub(super) fn action(self, home: Option<&ProjectId>) -> Result<KnowledgeAction, Failure> {
        let Self { content, kind, title, intent, project, confidence, source } = self;
        Ok(KnowledgeAction::Add(NewItem {
            content: filled("content", content, CONTENT_BYTES_MAX)?,
            kind,
            title: bounded("title", title, QUERY_BYTES_MAX)?,
            intent,
            project: project.or_else(|| home.cloned()),
            confidence: confidence.try_into().map_err(Failure::arguments)?,
            source: filled("source", source, QUERY_BYTES_MAX)?,
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    /// The item.
    id: i64,
    /// What is to become of it.
    change: Change,
    /// The new words; with `replace` alone.
    content: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Change {
    /// Put `content` in the place of its words.
    Replace,
    /// It holds as of now, which also settles a conflict.
    Confirm,
    /// It holds no longer; it stays as history.
    Invalidate,
    /// Delete it, and do not learn it again.
    Forget,
}

impl Update {
    pub(super) fn action(self) -> Result<KnowledgeAction, Failure> {
        let id = ItemId::new(self.id);
        match (self.change, self.content) {
            (Change::Replace, Some(content)) => {
                let content = filled("content", content, CONTENT_BYTES_MAX)?;
                Ok(KnowledgeAction::Edit { id, content })
            }
            (Change::Confirm, None) => Ok(KnowledgeAction::Confirm { id }),
            (Change::Invalidate, None) => Ok(KnowledgeAction::Invalidate { id }),
            (Change::Forget, None) => Ok(KnowledgeAction::Forget { id }),
            (Change::Replace, None)
            | (Change::Confirm | Change::Invalidate | Change::Forget, Some(_)) => {
                Err(Failure::arguments("content is given with replace, and with nothing else"))
            }
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Learn {
    /// What the text is called, such as docs/setup.md; no file is opened. Learning a longer text
    /// of the same name again goes on where it ended.
    name: String,
    /// The text itself.
    text: String,
    /// claude_code, codex, chat, markdown or plain. Default: told by name and text.
    #[schemars(with = "Option<String>")]
    format: Option<orchestrator::LearnFormat>,
    /// The project that what is found belongs to. Default: the project of this session.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
}

impl Learn {
    pub(super) fn action(self, home: Option<&ProjectId>) -> Result<KnowledgeAction, Failure> {
        Ok(KnowledgeAction::Learn(NewMaterial {
            name: filled("name", self.name, QUERY_BYTES_MAX)?,
            text: filled("text", self.text, TEXT_BYTES_MAX)?,
            format: self.format,
            project: self.project.or_else(|| home.cloned()),
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Classify {
    /// 1 to 64 texts.
    texts: Vec<String>,
    /// What they may be about, unless examples are given. Default: intents.
    #[serde(default)]
    labels: Labels,
    /// Your own labels, several examples of each, at most 1,000 in all.
    examples: Option<Vec<LabelledText>>,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Labels {
    /// What somebody wants: learning, debugging, feature_development and so on.
    #[default]
    Intents,
    /// How work is going: exploring, implementing, blocked and so on.
    Trajectories,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LabelledText {
    /// None for a text of no label.
    label: Option<String>,
    text: String,
}

impl Classify {
    pub(super) fn action(self) -> Result<KnowledgeAction, Failure> {
        let Self { texts, labels, examples } = self;
        counted("texts", texts.len(), TEXTS_MAX)?;
        let texts = texts.into_iter().map(|text| bounded("a text", text, CONTENT_BYTES_MAX));
        let labels = match (examples, labels) {
            (Some(examples), _) => {
                counted("examples", examples.len(), EXAMPLES_MAX)?;
                let example = |LabelledText { label, text }| {
                    let text = bounded("an example", text, CONTENT_BYTES_MAX)?;
                    Ok(Example { label: label.map(Into::into), text })
                };
                let examples = examples.into_iter().map(example);
                AskedLabels::Examples(examples.collect::<Result<_, Failure>>()?)
            }
            (None, Labels::Intents) => AskedLabels::Intents,
            (None, Labels::Trajectories) => AskedLabels::Trajectories,
        };
        Ok(KnowledgeAction::Classify { texts: texts.collect::<Result<_, _>>()?, labels })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The document itself.
    text: String,
    /// How it is written. Default: markdown.
    #[serde(default)]
    format: DocumentFormat,
    /// What it is for. Default: what the gateway is configured for.
    profile: Option<DocumentProfile>,
    /// The most findings, 1 to 500. Default: 50.
    findings_max: Option<usize>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentFormat {
    #[default]
    Markdown,
    Html,
    Rst,
    Plain,
    Code,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DocumentProfile {
    Readme,
    Reference,
    HowTo,
    Prose,
    Corpus,
}

impl Document {
    /// The body of the same request over HTTP, and the most findings.
    pub(super) fn body(&self) -> Result<(axum::body::Bytes, usize), Failure> {
        let findings_max = self.findings_max.unwrap_or(FINDINGS_DEFAULT);
        if !(1..=FINDINGS_MAX).contains(&findings_max) {
            return Err(Failure::arguments(format_args!("findings_max is 1 to {FINDINGS_MAX}")));
        }
        let Self { text, format, profile, .. } = self;
        let body = serde_json::json!({"text": text, "format": format, "profile": profile});
        Ok((body.to_string().into(), findings_max))
    }
}

fn filled(what: &'static str, text: String, bytes_max: usize) -> Result<String, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::arguments(format_args!("{what} is empty")));
    }
    bounded(what, text, bytes_max)
}

fn bounded(what: &'static str, text: String, bytes_max: usize) -> Result<String, Failure> {
    if text.len() > bytes_max {
        return Err(Failure::arguments(format_args!("{what} has more than {bytes_max} bytes")));
    }
    Ok(text)
}

fn counted(what: &'static str, count: usize, max: usize) -> Result<(), Failure> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(Failure::arguments(format_args!("{what} are 1 to {max}")))
}
