//! What is to be kept, changed or learned.

use orchestrator::{Intent, ItemId, Kind, KnowledgeAction, LearnFormat, NewItem, NewMaterial};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use types::ProjectId;

use super::{CONTENT_BYTES_MAX, Failure, LINE_BYTES_MAX, bounded, filled};

const TEXT_BYTES_MAX: usize = 8 << 20;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Add {
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

    pub(in crate::mcp) fn action(
        self,
        home: Option<&ProjectId>,
    ) -> Result<KnowledgeAction, Failure> {
        let Self { content, kind, title, intent, project, confidence, source } = self;
        Ok(KnowledgeAction::Add(NewItem {
            content: filled("content", content, CONTENT_BYTES_MAX)?,
            kind,
            title: bounded("title", title, LINE_BYTES_MAX)?,
            intent,
            project: project.or_else(|| home.cloned()),
            confidence: confidence.try_into().map_err(Failure::arguments)?,
            source: filled("source", source, LINE_BYTES_MAX)?,
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Update {
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
    pub(in crate::mcp) fn action(self) -> Result<KnowledgeAction, Failure> {
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
pub(in crate::mcp) struct Learn {
    /// What the text is called, such as docs/setup.md; no file is opened. Learning a longer text
    /// of the same name again goes on where it ended.
    name: String,
    /// The text itself.
    text: String,
    /// claude_code, codex, chat, markdown or plain. Default: told by name and text.
    #[schemars(with = "Option<String>")]
    format: Option<LearnFormat>,
    /// The project that what is found belongs to. Default: the project of this session.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
}

impl Learn {
    pub(in crate::mcp) fn action(
        self,
        home: Option<&ProjectId>,
    ) -> Result<KnowledgeAction, Failure> {
        Ok(KnowledgeAction::Learn(NewMaterial {
            name: filled("name", self.name, LINE_BYTES_MAX)?,
            text: filled("text", self.text, TEXT_BYTES_MAX)?,
            format: self.format,
            project: self.project.or_else(|| home.cloned()),
        }))
    }
}
