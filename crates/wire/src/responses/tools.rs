//! The tools of a request, as the functions that other protocols have.

use std::collections::HashMap;

use serde_json::Value;

use super::custom_input;
use super::tool_name::ToolName;
use crate::prompt::{Place, Tool};
use crate::{Error, ProviderProtocol, Request};

/// What the model is told of a custom tool's input.
const INPUT: &str = "The whole input goes into `input`, as plain text.";

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
        if name.is_custom { custom(flat, tool, &place) } else { Ok(function(flat, tool)) }
    });
    read.collect()
}

fn function(name: String, tool: &Value) -> Tool {
    Tool {
        name,
        description: description(tool),
        schema: tool.get("parameters").cloned().unwrap_or(Value::Null),
        // Only this protocol's providers make a schema strict where it is not said; others refuse
        // one that is not strict already.
        is_strict: tool.get("strict").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// A custom tool as a function. No other provider can hold the model to a grammar, so it is shown.
fn custom(name: String, tool: &Value, place: &Place) -> Result<Tool, Error> {
    let mut said: Vec<String> = description(tool).into_iter().collect();
    said.push(INPUT.to_owned());
    if let Some(format) = tool.get("format").filter(|format| !format.is_null()) {
        let place = place.field("format");
        match format.get("type").and_then(Value::as_str) {
            Some("text") => {}
            Some("grammar") => {
                let (syntax, grammar) =
                    (place.text(format, "syntax")?, place.text(format, "definition")?);
                said.push(format!("The text must match this grammar ({syntax}):\n{grammar}"));
            }
            _ => return Err(place.refuse("there is no such format")),
        }
    }
    let description = Some(said.join("\n\n"));
    Ok(Tool { name, description, schema: custom_input::schema(), is_strict: false })
}

fn description(tool: &Value) -> Option<String> {
    tool.get("description").and_then(Value::as_str).map(str::to_owned)
}

/// What is said of namespaces, for the instructions: nothing else is shown once for several tools.
pub(super) fn notes(tools: Option<&Value>) -> Vec<String> {
    let namespaces = items(tools).filter(|tool| is_namespace(tool));
    let notes = namespaces.filter_map(|tool| {
        let description = description(tool).filter(|said| !said.trim().is_empty())?;
        Some(format!("About the tools of `{}`: {description}", tool.get("name")?.as_str()?))
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
        given.unwrap_or_else(|| ToolName {
            namespace: None,
            name: name.to_owned(),
            is_custom: false,
        })
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
        if !tool.get("tools").is_some_and(Value::is_array) {
            return Err(place.field("tools").refuse("it must be a list of tools"));
        }
        for (position, tool) in items(tool.get("tools")).enumerate() {
            let mut inside = read(tool, place.field("tools").item(position))?;
            inside.name.namespace.clone_from(&namespace);
            listed.push(inside);
        }
    }
    Ok(listed)
}

fn read(tool: &Value, place: Place) -> Result<Listed<'_>, Error> {
    let is_custom = match tool.get("type").and_then(Value::as_str) {
        Some("function") => false,
        Some("custom") => true,
        _ => return Err(place.refuse("only functions, custom tools and namespaces of them can be")),
    };
    Ok(Listed { name: ToolName::read(tool, is_custom, &place)?, tool, place })
}

fn items(tools: Option<&Value>) -> impl Iterator<Item = &Value> {
    tools.and_then(Value::as_array).into_iter().flatten()
}

fn is_namespace(tool: &Value) -> bool {
    tool.get("type").and_then(Value::as_str) == Some("namespace")
}
