//! The control requests under `/simulator/`.

use serde_json::json;

use crate::Script;
use crate::plan::Plan;
use crate::request::Request;
use crate::shared::Shared;

/// Answers `GET /simulator/counts`, `POST /simulator/script` and `POST /simulator/reset`.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Plan {
    let (status, body) = match (request.is_post, request.path.as_str()) {
        (false, "/simulator/counts") => (200, json!(*shared.counts.lock())),
        (true, "/simulator/script") => match serde_json::from_slice::<Script>(request.body()) {
            Ok(script) => {
                *shared.script.lock() = script;
                (200, json!({}))
            }
            Err(error) => (400, json!({ "error": format!("not a script: {error}") })),
        },
        (true, "/simulator/reset") => {
            shared.reset();
            (200, json!({}))
        }
        _ => (404, json!({ "error": "control is GET counts, POST script and POST reset" })),
    };
    Plan::control(status, body.to_string())
}
