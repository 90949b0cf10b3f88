use serde_json::json;

use super::*;

const ANY_TEMPERATURE: Admission =
    Admission { any_temperature: true, tool_calls: false, max_answer_bytes: 1000 };
const TOOL_CALLS: Admission =
    Admission { any_temperature: false, tool_calls: true, max_answer_bytes: 1000 };
const PLAIN: AnswerFacts = AnswerFacts {
    complete: true,
    ending: Ending::Normal,
    has_tool_calls: false,
    has_content: true,
    bytes: 1000,
};

#[track_caller]
fn check_request(policy: &Admission, fields: &Value, expected: Result<(), Refusal>) {
    let facts = RequestFacts::of(fields.as_object().unwrap());
    assert_eq!(policy.request(&facts), expected, "{fields}");
}

#[track_caller]
fn check_answer(policy: &Admission, facts: AnswerFacts, expected: Result<(), Refusal>) {
    assert_eq!(policy.answer(&facts), expected, "{facts:?}");
}

#[test]
fn requests_that_get_the_same_answer_again_are_admitted() {
    let default = Admission::default();
    for fields in [
        json!({}),
        json!({"temperature": 0}),
        json!({"temperature": 0.0}),
        json!({"temperature": -0.0}),
        json!({"temperature": null, "n": null}),
        json!({"n": 1, "seed": 7, "unknown": {"a": 1}}),
        json!({"store": false, "mcp_servers": [], "previous_response_id": null}),
        json!({"tools": [{"type": "function", "function": {"name": "web_search"}}]}),
        json!({"tools": [{"name": "web_search", "input_schema": {}}]}),
    ] {
        check_request(&default, &fields, Ok(()));
    }
}

#[test]
fn other_requests_are_refused_by_name() {
    let default = Admission::default();
    for (fields, reason) in [
        (json!({"temperature": 0.7}), Refusal::Temperature),
        (json!({"temperature": "0"}), Refusal::Temperature),
        (json!({"temperature": 1e-300}), Refusal::Temperature),
        (json!({"n": 2}), Refusal::Choices),
        (json!({"n": 0}), Refusal::Choices),
        (json!({"n": 1.5}), Refusal::Choices),
        (json!({"previous_response_id": "r"}), Refusal::Stateful),
        (json!({"store": true}), Refusal::Stateful),
        (json!({"web_search_options": {}}), Refusal::Stateful),
        (json!({"mcp_servers": [{"url": "u"}]}), Refusal::Stateful),
        (json!({"tools": [{"name": "f"}, {"type": "web_search_20250305"}]}), Refusal::Stateful),
        (json!({"tools": [{"type": "mcp"}], "temperature": 1, "n": 3}), Refusal::Stateful),
    ] {
        check_request(&default, &fields, Err(reason));
    }
}

#[test]
fn configuration_admits_any_temperature_but_neither_choices_nor_state() {
    check_request(&ANY_TEMPERATURE, &json!({"temperature": 1.3}), Ok(()));
    check_request(&ANY_TEMPERATURE, &json!({"temperature": 1, "n": 2}), Err(Refusal::Choices));
    check_request(&ANY_TEMPERATURE, &json!({"store": true}), Err(Refusal::Stateful));
}

#[test]
fn only_complete_answers_that_end_normally_are_stored() {
    let policy = ANY_TEMPERATURE;
    check_answer(&policy, PLAIN, Ok(()));
    check_answer(&policy, AnswerFacts { complete: false, ..PLAIN }, Err(Refusal::Incomplete));
    for (ending, reason) in [
        (Ending::Length, Refusal::Length),
        (Ending::ContentFilter, Refusal::ContentFilter),
        (Ending::ToolCalls, Refusal::ToolCalls),
        (Ending::Unknown, Refusal::UnknownEnding),
    ] {
        check_answer(&policy, AnswerFacts { ending, ..PLAIN }, Err(reason));
    }
    check_answer(&policy, AnswerFacts { has_tool_calls: true, ..PLAIN }, Err(Refusal::ToolCalls));
    check_answer(&policy, AnswerFacts { has_content: false, ..PLAIN }, Err(Refusal::Empty));
    check_answer(&policy, AnswerFacts { bytes: 1001, ..PLAIN }, Err(Refusal::TooLarge));
}

#[test]
fn configuration_admits_tool_calls_but_never_half_an_answer() {
    let calls = AnswerFacts {
        ending: Ending::ToolCalls,
        has_tool_calls: true,
        has_content: false,
        ..PLAIN
    };
    check_answer(&TOOL_CALLS, calls, Ok(()));
    check_answer(&TOOL_CALLS, AnswerFacts { ending: Ending::Normal, ..calls }, Ok(()));
    check_answer(&TOOL_CALLS, AnswerFacts { has_tool_calls: false, ..calls }, Err(Refusal::Empty));
    check_answer(&TOOL_CALLS, AnswerFacts { complete: false, ..calls }, Err(Refusal::Incomplete));
    let cut = AnswerFacts { ending: Ending::Length, ..calls };
    check_answer(&TOOL_CALLS, cut, Err(Refusal::Length));
}
