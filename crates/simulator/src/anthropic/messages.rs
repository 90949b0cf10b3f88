//! Whether a conversation is one that the provider accepts.

use serde_json::Value;

use crate::ask::Refusal;

/// Roles are known, and each tool use is answered at the start of the next message. Instructions
/// may stand between messages where `may_instruct`.
pub(crate) fn check(messages: &[Value], may_instruct: bool) -> Result<(), Refusal> {
    let mut unanswered: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        check_role(message, index, may_instruct)?;
        let blocks = blocks(message, index)?;
        check_results(blocks, std::mem::take(&mut unanswered), index)?;
        unanswered = ids(blocks, "tool_use", "id").collect();
        if !unanswered.is_empty() && message["role"] != "assistant" {
            return Err(refusal(index, "tool_use blocks are the assistant's alone"));
        }
    }
    if unanswered.is_empty() {
        Ok(())
    } else {
        Err(refusal(messages.len(), "a tool_use needs a tool_result in the next message"))
    }
}

fn check_role(message: &Value, index: usize, may_instruct: bool) -> Result<(), Refusal> {
    match message.get("role").and_then(Value::as_str) {
        Some("user") => Ok(()),
        Some("assistant") if index > 0 => Ok(()),
        Some("system") if index > 0 && may_instruct => Ok(()),
        Some("assistant") => Err(refusal(index, "the first message must be the user's")),
        Some(_) | None => Err(refusal(index, "role must be 'user' or 'assistant'")),
    }
}

/// The content's blocks; none for a string.
fn blocks(message: &Value, index: usize) -> Result<&[Value], Refusal> {
    match message.get("content") {
        Some(Value::String(text)) if !text.is_empty() => Ok(&[]),
        Some(Value::Array(blocks))
            if !blocks.is_empty() && blocks.iter().all(|block| block["type"].is_string()) =>
        {
            Ok(blocks)
        }
        Some(_) | None => {
            Err(refusal(index, "content must be a non-empty string or an array of typed blocks"))
        }
    }
}

/// Every one of `uses` has its result, results come before other blocks, and there is no other.
fn check_results(blocks: &[Value], mut uses: Vec<&str>, index: usize) -> Result<(), Refusal> {
    let is_result = |block: &Value| block["type"] == "tool_result";
    let leading = blocks.iter().take_while(|block| is_result(block)).count();
    if blocks.iter().skip(leading).any(is_result) {
        return Err(refusal(index, "tool_result blocks must come first"));
    }
    for id in ids(blocks, "tool_result", "tool_use_id") {
        let Some(found) = uses.iter().position(|wanted| *wanted == id) else {
            return Err(refusal(index, "a tool_result has no tool_use in the previous message"));
        };
        uses.swap_remove(found);
    }
    if uses.is_empty() {
        Ok(())
    } else {
        Err(refusal(index, "a tool_use needs a tool_result in the next message"))
    }
}

fn ids<'a>(blocks: &'a [Value], kind: &str, member: &str) -> impl Iterator<Item = &'a str> {
    let wanted = move |block: &&Value| block["type"] == kind;
    blocks.iter().filter(wanted).filter_map(move |block| block.get(member)?.as_str())
}

fn refusal(index: usize, problem: &str) -> Refusal {
    Refusal::invalid(format!("messages.{index}: {problem}"))
}
