//! The tools that there are, as agents see them in a list.

use std::sync::Arc;

use rmcp::handler::server::tool::{schema_for_output, schema_for_type};
use rmcp::model::{JsonObject, ToolAnnotations};
use rmcp::schemars::JsonSchema;

use super::{arguments, results};

/// One of the tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    KnowledgeSearch,
    KnowledgeGet,
    KnowledgeAdd,
    KnowledgeUpdate,
    Ask,
    Learn,
    Classify,
    BudgetStatus,
    AnalyzeDocument,
}

/// What a call may change.
enum Effect {
    /// Nothing, whatever it is called with.
    Nothing,
    /// It adds; calling it again with the same adds nothing more.
    Adds,
    /// It changes or deletes what is there.
    Changes,
}

impl Tool {
    pub(super) const ALL: [Self; 9] = [
        Self::KnowledgeSearch,
        Self::KnowledgeGet,
        Self::KnowledgeAdd,
        Self::KnowledgeUpdate,
        Self::Ask,
        Self::Learn,
        Self::Classify,
        Self::BudgetStatus,
        Self::AnalyzeDocument,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::KnowledgeSearch => "knowledge_search",
            Self::KnowledgeGet => "knowledge_get",
            Self::KnowledgeAdd => "knowledge_add",
            Self::KnowledgeUpdate => "knowledge_update",
            Self::Ask => "ask",
            Self::Learn => "learn",
            Self::Classify => "classify",
            Self::BudgetStatus => "budget_status",
            Self::AnalyzeDocument => "analyze_document",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::KnowledgeSearch => {
                "Find what the team knows: decisions and their reasons, faults and what mended \
                 them, rules, ways of using tools. Use it before you decide, debug or repeat \
                 work. Gives beginnings of items; knowledge_get gives them whole."
            }
            Self::KnowledgeGet => {
                "Read whole items by the ids that knowledge_search gave, with their sources and \
                 with the items that contradict or replaced them."
            }
            Self::KnowledgeAdd => {
                "Keep one thing that will be useful again and that nobody can read off the code: \
                 a decision with its reason, a cause with its remedy, a rule. One statement that \
                 is clear without this conversation. Tells when it is known already or when \
                 another item says otherwise."
            }
            Self::KnowledgeUpdate => {
                "Mend an item: replace its words, confirm that it still holds, mark that it holds \
                 no longer (it stays as history), or forget it for good."
            }
            Self::Ask => {
                "Answer a question from what the team knows, in a few sentences with citations. \
                 Use knowledge_search to see everything that fits."
            }
            Self::Learn => {
                "Learn from a whole text that you have: a document, notes, a chat, a transcript. \
                 Statements are extracted, secrets taken out, what is known is left out."
            }
            Self::Classify => {
                "Tell what texts are about: the intent of somebody, how work is going, or labels \
                 of your own by examples."
            }
            Self::BudgetStatus => {
                "What may still be spent on language models this month by you, your team, your \
                 project and the whole tenant, in dollars."
            }
            Self::AnalyzeDocument => {
                "Judge a document before you hand it over: a score from 0 to 100 and what to \
                 mend, with lines and columns. Nothing of it is kept."
            }
        }
    }

    const fn effect(self) -> Effect {
        match self {
            Self::KnowledgeSearch
            | Self::KnowledgeGet
            | Self::Ask
            | Self::Classify
            | Self::BudgetStatus
            | Self::AnalyzeDocument => Effect::Nothing,
            Self::KnowledgeAdd | Self::Learn => Effect::Adds,
            Self::KnowledgeUpdate => Effect::Changes,
        }
    }

    /// The schemas of its arguments and of its result.
    fn schemas(self) -> (Arc<JsonObject>, Arc<JsonObject>) {
        match self {
            Self::KnowledgeSearch => schemas::<arguments::Search, results::Found>(),
            Self::KnowledgeGet => schemas::<arguments::Get, results::Known>(),
            Self::KnowledgeAdd => schemas::<arguments::Add, results::Added>(),
            Self::KnowledgeUpdate => schemas::<arguments::Update, results::Updated>(),
            Self::Ask => schemas::<arguments::Ask, results::Answered>(),
            Self::Learn => schemas::<arguments::Learn, results::Learned>(),
            Self::Classify => schemas::<arguments::Classify, results::Classified>(),
            Self::BudgetStatus => schemas::<arguments::Nothing, results::Budget>(),
            Self::AnalyzeDocument => schemas::<arguments::Document, results::Analysed>(),
        }
    }

    /// It as a client lists it.
    pub(super) fn listed(self) -> rmcp::model::Tool {
        let effect = self.effect();
        let annotations = ToolAnnotations::new()
            .read_only(matches!(effect, Effect::Nothing))
            .destructive(matches!(effect, Effect::Changes))
            .idempotent(true)
            .open_world(false);
        let (input, output) = self.schemas();
        rmcp::model::Tool::new(self.name(), self.description(), input)
            .with_raw_output_schema(output)
            .with_annotations(annotations)
    }
}

fn schemas<A: JsonSchema + 'static, R: JsonSchema + 'static>() -> (Arc<JsonObject>, Arc<JsonObject>)
{
    (schema_for_type::<A>(), schema_for_output::<R>())
}
