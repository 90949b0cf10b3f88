//! What is looked for.

use orchestrator::{Filter, Intent, ItemId, Kind, KnowledgeAction, Query};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use types::{ProjectId, Timestamp};

use super::{Failure, LINE_BYTES_MAX, counted, filled};

const LIMIT_MAX: usize = 50;
const IDS_MAX: usize = 20;
const DAY_MILLIS: u64 = 86_400_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Search {
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
    pub(in crate::mcp) fn query(
        self,
        now: Timestamp,
        home: Option<&ProjectId>,
    ) -> Result<Query, Failure> {
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
pub(in crate::mcp) struct Ask {
    /// The question, whole and clear by itself.
    question: String,
    /// Items of this project come first. Default: the project of this session, if it has one.
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// The most items to answer from, 1 to 50. Default: 10.
    limit: Option<usize>,
}

impl Ask {
    pub(in crate::mcp) fn query(self, home: Option<&ProjectId>) -> Result<Query, Failure> {
        let project = self.project.or_else(|| home.cloned());
        Ok(Query { project, ..question(self.question, self.limit)? })
    }
}

fn question(text: String, limit: Option<usize>) -> Result<Query, Failure> {
    let text = filled("the question", text, LINE_BYTES_MAX)?;
    let query = Query::new(text);
    let limit = limit.unwrap_or(query.limit);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::arguments(format_args!("limit is 1 to {LIMIT_MAX}")));
    }
    Ok(Query { limit, ..query })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Get {
    /// Ids that knowledge_search gave, 1 to 20.
    ids: Vec<i64>,
}

impl Get {
    pub(in crate::mcp) fn action(self) -> Result<KnowledgeAction, Failure> {
        counted("ids", self.ids.len(), IDS_MAX)?;
        Ok(KnowledgeAction::Show { ids: self.ids.into_iter().map(ItemId::new).collect() })
    }
}
