//! The tools of a request, as the functions that other protocols have.

use std::collections::HashMap;

use serde_json::Value;

use super::tool_name::ToolName;
use crate::prompt::{Place, Tool};
use crate::{Error, ProviderProtocol, Request};

/// A tool of a request, out of its namespace.
struct Listed<'r> {
    name: ToolName,
    tool: &'r Value,
    place: Place,
}

/// The tools as functions.
pub(super) fn functions(tools: Option<&Value>, place: &Place) -> Result<Vec<Tool>, Error> {
    let listed = list(tools, place)?;
    let mut known: HashMap<String, ToolName> = HashMap::new();
    let read = listed.into_iter().map(|Listed { name, tool, place }| {
        let flat = name.flat();
        if known.insert(flat.clone(), name.clone()).is_some_and(|other| other != name) {
            return Err(place.refuse("another tool would have the same name"));
        }
        Ok(Tool {
            name: flat,
            description: tool.get("description").and_then(Value::as_str).map(str::to_owned),
            schema: tool.get("parameters").cloned().unwrap_or(Value::Null),
            // Only this protocol's providers make a schema strict where it is not said; others
            // refuse one that is not strict already.
            is_strict: tool.get("strict").and_then(Value::as_bool).unwrap_or(false),
        })
    });
    read.collect()
}

/// What is said of namespaces, for the instructions: nothing else is shown once for several tools.
pub(super) fn notes(tools: Option<&Value>) -> Vec<String> {
    let text = |tool: &Value, name: &str| tool.get(name)?.as_str().map(str::to_owned);
    let namespaces = items(tools).filter(|tool| is_namespace(tool));
    let notes = namespaces.filter_map(|tool| {
        let description = text(tool, "description").filter(|said| !said.trim().is_empty())?;
        Some(format!("About the tools of `{}`: {description}", text(tool, "name")?))
    });
    notes.collect()
}

/// What the client calls the functions that another protocol's answer names.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolNames(HashMap<String, ToolName>);

impl ToolNames {
    /// The names of the tools of a request; of one whose tools cannot be read, which no other
    /// protocol's provider is sent, none.
    pub(super) fn of(request: &Request) -> Self {
        let place = Place::new(ProviderProtocol::OpenAiResponses);
        let listed = list(request.fields().get("tools"), &place).unwrap_or_default();
        Self(listed.into_iter().map(|listed| (listed.name.flat(), listed.name)).collect())
    }

    /// The name of a function; one that the client did not give stays as the model wrote it.
    pub(super) fn of_function(&self, name: &str) -> ToolName {
        let given = self.0.get(name).cloned();
        given.unwrap_or_else(|| ToolName { namespace: None, name: name.to_owned() })
    }
}

fn list<'r>(tools: Option<&'r Value>, place: &Place) -> Result<Vec<Listed<'r>>, Error> {
    let mut listed = Vec::new();
    for (position, tool) in items(tools).enumerate() {
        let place = place.item(position);
        if !is_namespace(tool) {
            listed.push(read(tool, place)?);
            continue;
        }
        let namespace = Some(place.text(tool, "name")?).filter(|name| !name.is_empty());
        for (position, tool) in items(tool.get("tools")).enumerate() {
            let mut inside = read(tool, place.field("tools").item(position))?;
            inside.name.namespace.clone_from(&namespace);
            listed.push(inside);
        }
    }
    Ok(listed)
}

fn read(tool: &Value, place: Place) -> Result<Listed<'_>, Error> {
    if tool.get("type").and_then(Value::as_str) != Some("function") {
        return Err(place.refuse("only functions and namespaces of them can be"));
    }
    Ok(Listed { name: ToolName::read(tool, &place)?, tool, place })
}

fn items(tools: Option<&Value>) -> impl Iterator<Item = &Value> {
    tools.and_then(Value::as_array).into_iter().flatten()
}

fn is_namespace(tool: &Value) -> bool {
    tool.get("type").and_then(Value::as_str) == Some("namespace")
}
