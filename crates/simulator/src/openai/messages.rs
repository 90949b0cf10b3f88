//! Whether a conversation is one that the provider accepts.

use serde_json::Value;

use crate::ask::Refusal;

const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

/// Roles are known, and each tool call is answered right after the message that made it.
pub(crate) fn check(messages: &[Value]) -> Result<(), Refusal> {
    let mut unanswered: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let role = role(message, index)?;
        check_content(message, role, index)?;
        if role == "tool" {
            let id = message.get("tool_call_id").and_then(Value::as_str);
            let call = unanswered.iter().position(|call| Some(*call) == id);
            let Some(call) = call else { return Err(stray_answer(index)) };
            unanswered.swap_remove(call);
        } else if unanswered.is_empty() {
            unanswered = calls(message);
        } else {
            return Err(missing_answer());
        }
    }
    if unanswered.is_empty() { Ok(()) } else { Err(missing_answer()) }
}

fn role(message: &Value, index: usize) -> Result<&str, Refusal> {
    let role = message.get("role").and_then(Value::as_str);
    role.filter(|role| ROLES.contains(role)).ok_or_else(|| {
        Refusal::invalid(format!("messages[{index}].role: must be one of {}", ROLES.join(", ")))
    })
}

fn check_content(message: &Value, role: &str, index: usize) -> Result<(), Refusal> {
    let fits = match message.get("content") {
        Some(Value::String(_)) => true,
        Some(Value::Array(parts)) => {
            !parts.is_empty() && parts.iter().all(|part| part["type"].is_string())
        }
        None | Some(Value::Null) => role == "assistant",
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
    };
    if fits {
        Ok(())
    } else {
        let place = format!("messages[{index}].content");
        Err(Refusal::invalid(format!("{place}: must be a string or an array of typed parts")))
    }
}

/// The ids of the tool calls that a message makes.
fn calls(message: &Value) -> Vec<&str> {
    let calls = message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
    calls.filter_map(|call| call.get("id").and_then(Value::as_str)).collect()
}

fn stray_answer(index: usize) -> Refusal {
    Refusal::invalid(format!(
        "messages[{index}]: a message with role 'tool' must answer a preceding 'tool_calls'"
    ))
}

fn missing_answer() -> Refusal {
    Refusal::invalid(
        "a message with 'tool_calls' must be followed by a 'tool' message for each 'tool_call_id'",
    )
}
