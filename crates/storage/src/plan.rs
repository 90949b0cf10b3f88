//! Whether queries find their rows or look at all of them.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::ListedQuery;

/// How SQLite would run a listed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryPlan {
    /// The query's name.
    pub query: &'static str,
    /// The steps of the plan in SQLite's words.
    pub steps: Vec<String>,
    /// Whether no step looks at every row of a table, or builds an index for this one query.
    pub uses_index: bool,
}

/// Asks SQLite for the plan of `query`.
pub(crate) fn explain(connection: &Connection, query: &ListedQuery) -> rusqlite::Result<QueryPlan> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql))?;
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(row.get::<_, String>("detail")?);
    }
    let uses_index = uses_index(&steps);
    Ok(QueryPlan { query: query.name, steps, uses_index })
}

/// Reads the words that `EXPLAIN QUERY PLAN` uses (<https://sqlite.org/eqp.html>): a scan is
/// harmless where it follows an index or goes over rows that the query itself has made.
fn uses_index(steps: &[String]) -> bool {
    let made: HashSet<&str> = steps
        .iter()
        .filter_map(|step| step.strip_prefix("CO-ROUTINE ").or(step.strip_prefix("MATERIALIZE ")))
        .collect();
    steps.iter().all(|step| {
        let Some(source) = step.strip_prefix("SCAN ") else {
            return !step.contains("USING AUTOMATIC ");
        };
        let name = source.split_whitespace().next().unwrap_or_default();
        made.contains(name)
            || source == "CONSTANT ROW"
            || source.contains("VIRTUAL TABLE INDEX")
            || source.contains("VALUES CLAUSE")
            || source.contains(" USING INDEX ")
            || source.contains(" USING COVERING INDEX ")
    })
}
