//! The tools of a request, as the functions that other protocols have.

use std::collections::HashMap;

use serde_json::{Map, Value};

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

/// The tools of a request as functions; what is listed again is as it was listed last.
pub(super) fn functions(fields: &Map<String, Value>, root: &Place) -> Result<Vec<Tool>, Error> {
    let mut known: HashMap<String, (ToolName, usize)> = HashMap::new();
    let mut functions = Vec::new();
    for Listed { name, tool, place } in list(fields, root)? {
        let flat = name.flat();
        let read = if name.is_custom {
            custom(flat.clone(), tool, &place)?
        } else {
            function(flat.clone(), tool)
        };
        match known.get(&flat) {
            Some((other, _)) if *other != name => {
                return Err(place.refuse("another tool would have the same name"));
            }
            Some((_, position)) => functions[*position] = read,
            None => {
                known.insert(flat, (name, functions.len()));
                functions.push(read);
            }
        }
    }
    Ok(functions)
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
pub(super) fn notes(fields: &Map<String, Value>, root: &Place) -> Vec<String> {
    let tools = lists(fields, root).into_iter().flat_map(|(tools, _)| items(Some(tools)));
    let namespaces = tools.filter(|tool| is_namespace(tool));
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
        let listed = list(request.fields(), &place).unwrap_or_default();
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

/// The item of the input that holds tools, as Codex sends them for some models.
pub(super) const ADDITIONAL: &str = "additional_tools";

/// Where tools are listed.
fn lists<'r>(fields: &'r Map<String, Value>, root: &Place) -> Vec<(&'r Value, Place)> {
    let own = fields.get("tools").map(|tools| (tools, root.field("tools")));
    let input = root.field("input");
    let added = items(fields.get("input")).enumerate().filter_map(|(position, item)| {
        let tools = item.get("tools").filter(|_| item["type"] == ADDITIONAL)?;
        Some((tools, input.item(position).field("tools")))
    });
    own.into_iter().chain(added).collect()
}

fn list<'r>(fields: &'r Map<String, Value>, root: &Place) -> Result<Vec<Listed<'r>>, Error> {
    let lists = lists(fields, root);
    let tools = lists.iter().flat_map(|(tools, place)| {
        items(Some(*tools)).enumerate().map(|(position, tool)| (tool, place.item(position)))
    });
    let mut listed = Vec::new();
    for (tool, place) in tools {
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
